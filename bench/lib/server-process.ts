import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  startDoor,
  startRelay,
  startSplice,
  startUpstream,
  startWholeFarm,
} from './http-servers.ts';

const START = {
  upstream: startUpstream,
  relay: startRelay,
  splice: startSplice,
  door: startDoor,
  farm: startWholeFarm,
} as const;

/** A server in a process of its own, which tells its CPU time whenever it is asked. */
export interface ServerProcess {
  readonly port: number;
  /** CPU microseconds so far, of all its threads. */
  cpu(): Promise<number>;
  /** Resident bytes. */
  memory(): number;
  stop(): void;
}

export async function spawnServer(
  name: keyof typeof START,
  upstream: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = fork(import.meta.filename, [name, upstream], {
    env: { ...process.env, ...environment },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    port: await reply(child),
    cpu() {
      const answer = reply(child);
      child.send('cpu');
      return answer;
    },
    memory: () => residentBytes(child.pid ?? 0),
    stop: () => child.disconnect(),
  };
}

/** Pages of 4 KB, the second figure of the kernel's line. */
function residentBytes(pid: number): number {
  const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Number(resident) * 4096;
}

function reply(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a server ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (value) => {
      child.off('exit', onExit);
      resolve(Number(value));
    });
  });
}

async function serve(name: string, upstream: string): Promise<void> {
  const port = await START[name as keyof typeof START](upstream);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(port);
}

const [, entry, role = '', upstreamUrl = ''] = process.argv;
if (process.send !== undefined && entry === import.meta.filename) await serve(role, upstreamUrl);
