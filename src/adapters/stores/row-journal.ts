import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Rows that were acknowledged and are not in the database yet: appended to a file, they survive the
 * end of the process for 3 µs each, where a transaction of their own costs 30 to 50 (two cores of an
 * EPYC, rows of 2 KB). A row is a fixed number of texts without line breaks, as JSON writes them.
 * Files are `PATH-N` with rising N; only one process may hold them. The database remembers the number
 * of the last file that it holds all rows of, so that none is ever taken twice.
 */
export class RowJournal {
  readonly #path: string;
  readonly #textsPerRow: number;
  readonly #done: number;
  #number: number;
  #file: number | undefined;
  #size = 0;

  /** `done`: number of the last file that is in the database. */
  constructor(path: string, textsPerRow: number, done: number) {
    this.#path = path;
    this.#textsPerRow = textsPerRow;
    this.#done = done;
    this.#number = Math.max(done, ...this.#numbers());
  }

  /** Of the file that is written now. */
  get number(): number {
    return this.#number;
  }

  /** All of the rows or none. Throws the error of the file system. */
  append(rows: readonly (readonly string[])[]): void {
    let text = '';
    for (const row of rows) for (const one of row) text += `${one}\n`;
    const bytes = Buffer.from(text);
    this.#file ??= this.#start();
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#file, bytes, at, bytes.length - at, this.#size + at);
    } catch (error) {
      // Half a row would swallow the next one.
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** What earlier processes left, oldest first; a last row that was cut is none. */
  left(): readonly (readonly string[])[] {
    const numbers = this.#numbers().filter((number) => number > this.#done);
    return numbers.flatMap((number) => {
      const texts = readFileSync(this.#nameOf(number), 'utf8').split('\n');
      const count = Math.floor((texts.length - 1) / this.#textsPerRow);
      return Array.from({ length: count }, (_, row) =>
        texts.slice(row * this.#textsPerRow, (row + 1) * this.#textsPerRow),
      );
    });
  }

  /**
   * All rows so far are in the database: the next one begins a new file. The function that is
   * returned removes the files before it, once the database is on the disk.
   */
  turn(): () => void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#size = 0;
    const last = this.#number;
    return () => {
      for (const number of this.#numbers())
        if (number <= last) rmSync(this.#nameOf(number), { force: true });
    };
  }

  #start(): number {
    this.#number += 1;
    return openSync(this.#nameOf(this.#number), 'wx', 0o600);
  }

  #nameOf(number: number): string {
    return `${this.#path}-${number}`;
  }

  #numbers(): number[] {
    const prefix = `${basename(this.#path)}-`;
    return readdirSync(dirname(this.#path))
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((one, other) => one - other);
  }
}
