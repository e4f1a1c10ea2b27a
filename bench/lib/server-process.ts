import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import launch from '../../bin/launch.json' with { type: 'json' };
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
  /** Settles when the process has ended. */
  stop(): Promise<void>;
}

export async function spawnServer(
  name: keyof typeof START,
  upstream: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const isFarm = name === 'farm';
  const child = fork(import.meta.filename, [name, upstream], {
    // A farm runs as bin/bootstrap.js runs it.
    env: { ...(isFarm ? launch.environment : {}), ...process.env, ...environment },
    execArgv: isFarm ? launch.flags : ['--disable-warning=ExperimentalWarning'],
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
    async stop() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
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
