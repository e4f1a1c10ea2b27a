import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { chat, HELLO } from './running-server.ts';

/** A server in a process of its own, so that what it holds can be told from what its attacker holds. */
export class HostileTarget {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(config: object = {}): Promise<HostileTarget> {
    const script = join(import.meta.dirname, 'hostile-server.ts');
    const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', script];
    const child = spawn(process.execPath, [...flags, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new HostileTarget(Number(line.toString()), child);
  }

  /** Bytes of memory that the process holds now; undefined where the system does not tell. */
  memory(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  /** The most that it ever held. */
  peakMemory(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Whether others are served as ever. */
  async serves(): Promise<boolean> {
    return (await chat(this.port, HELLO)).status === 200;
  }
}

export const MEGABYTE = 1024 * 1024;
