import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds so far of this thread. */
export function threadCpuMs(): number {
  return process.threadCpuUsage().user / 1000;
}

/** CPU microseconds so far of a process with all its threads and descendants (Linux). */
export function cpuOfTree(root: number): number {
  return cpuOf(treeOf(root));
}

/** The same without the process itself, whose ended threads its own count would still hold. */
export function cpuOfDescendants(root: number): number {
  return cpuOf(treeOf(root).slice(1));
}

function cpuOf(processes: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of processes)
    for (const thread of entries(`/proc/${pid}/task`))
      nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  return nanoseconds / 1000;
}

/** Bytes in memory of a process and its descendants; shared pages count for each. */
export function memoryOfTree(root: number): number {
  let kilobytes = 0;
  for (const pid of treeOf(root))
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return kilobytes * 1024;
}

/** The same where shared pages count in each by its share, so that all together they count once. */
export function sharedMemoryOfTree(root: number): number {
  let kilobytes = 0;
  for (const pid of treeOf(root))
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kilobytes * 1024;
}

function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of entries('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // The name in brackets may hold anything, so the fields are counted from its end.
    const stat = read(`/proc/${entry}/stat`);
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const tree = [root];
  for (const parent of tree) for (const [pid, of] of parents) if (of === parent) tree.push(pid);
  return tree;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A process or thread that ended meanwhile.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '0 0 0';
  }
}
