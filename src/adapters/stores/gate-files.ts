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

/**
 * Fitted gates of a home, each in a folder of its own under a rising number, and the number of the
 * one in force. A gate appears whole or not at all, and so does a change of the one in force, however
 * the process ends.
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
    const file = join(this.#folder, CURRENT);
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8').trim();
    if (text === '0') return undefined;
    if (NAME.test(text) && this.list().includes(Number(text))) return Number(text);
    throw new CadreError('gate_damaged', `${file} names “${text.slice(0, 20)}”, which is no gate`);
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

  /** Adds a gate that is not in force yet; returns its number. */
  add(parts: GateParts): number {
    const version = Math.max(0, ...this.list()) + 1;
    const partial = join(this.#folder, `.${version}-${process.pid}`);
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true, mode: 0o700 });
    for (const [name, content] of Object.entries(parts))
      writeFileSync(join(partial, name), content, { mode: 0o600, flush: true });
    renameSync(partial, join(this.#folder, String(version)));
    return version;
  }

  /** Puts a gate in force; undefined = none, the starter's table decides. Throws `gate_not_found`. */
  choose(version: number | undefined): void {
    if (version !== undefined && !this.list().includes(version))
      throw new CadreError('gate_not_found', `there is no gate ${version}`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const partial = join(this.#folder, `.${CURRENT}-${process.pid}`);
    writeFileSync(partial, `${version ?? 0}\n`, { mode: 0o600, flush: true });
    renameSync(partial, join(this.#folder, CURRENT));
  }
}
