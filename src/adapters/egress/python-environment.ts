import { createHash } from 'node:crypto';
import { readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import type { PackageClient } from './package-client.ts';

interface EnvironmentParts {
  /** Where it is made; nothing else may be in it. */
  readonly folder: string;
  /** Pinned packages with their hashes. */
  readonly requirements: string;
  /** What it takes on the disk. */
  readonly bytes: number;
  /** Versions of Python for which the hashes are there, `3.11` … */
  readonly pythons: readonly [string, string];
  readonly clients: PackageClient;
}

/** Packages that are fetched and all of them, and which one it is. */
export type EnvironmentProgress = (done: number, total: number, name: string) => void;

/** What pip says when it begins with a package of a registry, or of a folder. */
const PACKAGE = /^(?:Collecting|Processing) (?:\S*\/)?([A-Za-z]\w*(?:[.-][A-Za-z]\w*)*)/;
const DEADLINE_MS = 3_600_000;
/** While pip unpacks, its files lie on the disk twice for a moment. */
const ROOM = 1.3;

/** A virtual environment of Python with exactly the pinned packages, made when it is asked for. */
export class PythonEnvironment {
  readonly #parts: EnvironmentParts;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
  }

  get bytes(): number {
    return this.#parts.bytes;
  }

  get python(): string {
    return join(this.#parts.folder, 'bin', 'python');
  }

  /** Whether it is whole, and of the packages that are pinned now. */
  async isReady(): Promise<boolean> {
    const said = await readFile(this.#stamp, 'utf8').catch(() => undefined);
    return said !== undefined && said === (await this.#pins()).hash;
  }

  /**
   * Makes it anew, by Python's own clients, so that mirrors, proxies and certificates hold as they are
   * configured for them. Rejects with `disk_full`, `source_failed` (no Python, no network …),
   * `egress_refused` where the farm is offline, or the signal's reason; nothing is left then.
   */
  async doMake(signal: AbortSignal, onProgress: EnvironmentProgress): Promise<void> {
    const { folder, requirements } = this.#parts;
    const { hash, names } = await this.#pins();
    await this.#requireRoom();
    await this.#requirePython(signal);
    try {
      await rm(folder, { recursive: true, force: true });
      // The machine's pip installs into it: another one within would be neither pinned nor needed.
      await this.#run(['-m', 'venv', '--without-pip', folder], signal);
      let done = 0;
      await this.#run(
        [
          ...['-m', 'pip', '--python', this.python, 'install', '--no-input', '--progress-bar=off'],
          ...[
            '--no-deps',
            '--require-hashes',
            '--only-binary=:all:',
            '--requirement',
            requirements,
          ],
        ],
        signal,
        (line) => {
          const name = PACKAGE.exec(line)?.[1];
          if (name === undefined) return;
          done += 1;
          onProgress(Math.min(done, names), names, name);
        },
      );
      await writeFile(this.#stamp, hash);
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  }

  get #stamp(): string {
    return join(this.#parts.folder, 'cadre-packages');
  }

  async #pins(): Promise<{ readonly hash: string; readonly names: number }> {
    const text = await readFile(this.#parts.requirements, 'utf8');
    return {
      hash: createHash('sha256').update(text).digest('hex'),
      names: text.match(/^[\w.-]+==/gm)?.length ?? 0,
    };
  }

  async #requireRoom(): Promise<void> {
    const { folder, bytes } = this.#parts;
    const home = dirname(dirname(folder));
    const { bavail, bsize } = await statfs(home);
    const free = bavail * bsize;
    if (free < ROOM * bytes)
      throw new CadreError(
        'disk_full',
        `the trainer's environment takes ${gigabytes(ROOM * bytes)} while it is made, and ${home} has ${gigabytes(free)} left`,
      );
  }

  async #requirePython(signal: AbortSignal): Promise<void> {
    const [first, last] = this.#parts.pythons;
    const tuple = (version: string) => `(${version.replace('.', ',')})`;
    const test = `import sys; v=sys.version_info[:2]; ${tuple(first)}<=v<=${tuple(last)} or sys.exit("it is Python %d.%d, and ${first} to ${last} will do" % v)`;
    await this.#run(['-c', test], signal);
  }

  #run(args: readonly string[], signal: AbortSignal, onLine?: (line: string) => void) {
    return this.#parts.clients.doRun({
      program: 'python3',
      args,
      folder: dirname(this.#parts.folder),
      destination: 'registry:pypi',
      deadlineMs: DEADLINE_MS,
      signal,
      ...(onLine === undefined ? {} : { onLine }),
    });
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
