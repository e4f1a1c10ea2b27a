import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';

/** What belongs to one fitted gate, by file name. */
export type GateParts = Readonly<Record<string, string | Uint8Array>>;

const CURRENT = 'current';
const NAME = /^[1-9]\d{0,8}$/;

/** What is being written, by the process that writes it. */
const PARTIAL = /^\.(?:\d{1,9}|current)-(\d{1,10})$/;
/** Those that were in force before which are remembered. */
const MOST_EARLIER = 100;
/** Processes that may take a number at the same moment. */
const MOST_RACES = 1000;

/**
 * Fitted gates of a home, each in a folder of its own under a rising number, and the number of the
 * one in force with those that were in force before, the last one first. A gate appears whole or not
 * at all, and so does a change of the one in force, however the process ends.
 */
export class GateFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Numbers of all gates, ascending. */
  list(): number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => NAME.test(name))
      .map(Number)
      .sort((one, other) => one - other);
  }

  /** Whether a gate, or the starter's table, was ever put in force here. */
  isChosen(): boolean {
    return existsSync(join(this.#folder, CURRENT));
  }

  /** The gate in force; undefined where none is. Throws `gate_damaged` where that cannot be told. */
  current(): number | undefined {
    const [text] = this.#chosen();
    if (text === undefined || text === '0') return undefined;
    if (NAME.test(text) && this.list().includes(Number(text))) return Number(text);
    const file = join(this.#folder, CURRENT);
    throw new CadreError('gate_damaged', `${file} names “${text.slice(0, 20)}”, which is no gate`);
  }

  /** What was in force before, the last one first; 0 = the starter's table. Gates that are gone are left out. */
  earlier(): number[] {
    const gates = new Set([0, ...this.list()]);
    return this.#chosen()
      .slice(1)
      .map(Number)
      .filter((version) => gates.has(version));
  }

  /** A file of a gate. Throws `gate_damaged` where it cannot be read. */
  read(version: number, name: string): Uint8Array {
    const file = join(this.#folder, String(version), name);
    try {
      return readFileSync(file);
    } catch (error) {
      throw new CadreError('gate_damaged', `${file} cannot be read`, { cause: error });
    }
  }

  has(version: number, name: string): boolean {
    return existsSync(join(this.#folder, String(version), name));
  }

  pathOf(version: number, name: string): string {
    return join(this.#folder, String(version), name);
  }

  /** Path of a file beside the gates. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  /** Adds a gate that is not in force yet; returns its number, the next free one. */
  add(parts: GateParts): number {
    this.tidy();
    const partial = join(this.#folder, `.0-${process.pid}`);
    try {
      mkdirSync(partial, { recursive: true, mode: 0o700 });
      for (const [name, content] of Object.entries(parts))
        writeFileSync(join(partial, name), content, { mode: 0o600, flush: true });
      return this.#number(partial);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
  }

  /** Puts a gate in force; undefined = none, the starter's table decides. Throws `gate_not_found`. */
  choose(version: number | undefined): void {
    if (version !== undefined && !this.list().includes(version))
      throw new CadreError('gate_not_found', `there is no gate ${version}`);
    const now = String(version ?? 0);
    const [before = '0', ...others] = this.#chosen();
    this.#write([now, ...(before === now ? others : [before, ...others])]);
  }

  /** Puts one of the earlier ones in force again, and forgets what came after it. */
  goBack(version: number): void {
    const at = this.earlier().indexOf(version);
    this.#write([version, ...(at < 0 ? [] : this.earlier().slice(at + 1))].map(String));
  }

  /** Removes what processes left that ended while they wrote. */
  tidy(): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder)) {
      const [, writer] = PARTIAL.exec(name) ?? [];
      // Writing does not wait: what this process was at is done, or was left by one of its number.
      if (writer === undefined || (Number(writer) !== process.pid && isAlive(Number(writer))))
        continue;
      rmSync(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  /** Gives a folder the next free number, also where others take one at the same moment. */
  #number(partial: string): number {
    for (let race = 1; ; race += 1) {
      const version = Math.max(0, ...this.list()) + 1;
      try {
        renameSync(partial, join(this.#folder, String(version)));
        return version;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || race >= MOST_RACES) throw error;
      }
    }
  }

  /** The one in force and those before it as the file has them; none where there is no file. */
  #chosen(): string[] {
    const file = join(this.#folder, CURRENT);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\s+/) : [];
  }

  #write(versions: readonly string[]): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const partial = join(this.#folder, `.${CURRENT}-${process.pid}`);
    const text = versions.slice(0, MOST_EARLIER).join('\n');
    writeFileSync(partial, `${text}\n`, { mode: 0o600, flush: true });
    renameSync(partial, join(this.#folder, CURRENT));
  }
}

function isAlive(writer: number): boolean {
  try {
    process.kill(writer, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
