import { readFileSync } from 'node:fs';

/**
 * Bytes of memory that this process costs the machine: pages that several processes map (weights,
 * libraries) count in each by its share, so that they are counted once. Where the system does not
 * tell (not Linux), all resident pages.
 */
export function residentBytes(): number {
  try {
    const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    if (kilobytes !== undefined) return 1024 * Number(kilobytes);
  } catch {
    // Not Linux, or the file is closed to this process.
  }
  return process.memoryUsage.rss();
}
