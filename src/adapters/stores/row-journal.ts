import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { encodeJournalRow, type JournalRow, readJournalFile } from './journal-file.ts';

/** A file of an earlier process. */
export interface LeftFile {
  readonly path: string;
  /** Its whole rows; returns whether it is damaged. */
  readonly rows: () => Generator<JournalRow, boolean>;
}

/**
 * Rows that were acknowledged and are not in the database yet: appended to a file, they survive the
 * end of the process for 5 µs each, where a transaction of their own costs 30 to 50 (two cores of an
 * EPYC, rows of 2 KB). Rows are numbered, and files are `PATH-N` with the number of their first row;
 * only one process may hold them. The database remembers the number of the last row that it holds,
 * so that none is ever taken twice.
 */
export class RowJournal {
  readonly #path: string;
  #last: number;
  #file: number | undefined;
  #fileName = '';
  #size = 0;
  #closed: string[] = [];

  /** `done`: number of the last row that is in the database. */
  constructor(path: string, done: number) {
    this.#path = path;
    // Those that were set aside count, so that no later file is set aside under the same name.
    this.#last = Math.max(done, ...this.#numbers(/^(\d+)(-damaged)?$/));
  }

  /** All of the rows or none. Returns the number of the last one. Throws the error of the file system. */
  append(rows: readonly (readonly string[])[]): number {
    let last = this.#last;
    let text = '';
    for (const texts of rows) {
      last += 1;
      text += encodeJournalRow({ sequence: last, texts });
    }
    const bytes = Buffer.from(text);
    this.#file ??= this.#start();
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.#file, bytes, at, bytes.length - at, this.#size + at);
    } catch (error) {
      // Half a row would count as damage.
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
    this.#size += bytes.length;
    this.#last = last;
    return last;
  }

  /** What earlier processes left, oldest first; to be read before the first row is appended. */
  left(): readonly LeftFile[] {
    return this.#numbers(/^(\d+)$/).map((number) => {
      const path = `${this.#path}-${number}`;
      return { path, rows: () => this.#read(path) };
    });
  }

  *#read(path: string): Generator<JournalRow, boolean> {
    const rows = readJournalFile(path);
    for (;;) {
      const { done, value } = rows.next();
      if (done) return value;
      this.#last = Math.max(this.#last, value.sequence);
      yield value;
    }
  }

  /** All rows so far are in the database: the next one begins a new file. */
  turn(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#closed.push(this.#fileName);
  }

  /** Whether a file waits for its removal. */
  get isTurned(): boolean {
    return this.#closed.length > 0;
  }

  /** The function that is returned removes the files that are turned now. */
  turned(): () => void {
    const paths = [...this.#closed];
    return () => {
      for (const path of paths) {
        rmSync(path, { force: true });
        this.#closed = this.#closed.filter((one) => one !== path);
      }
    };
  }

  #start(): number {
    const name = `${this.#path}-${this.#last + 1}`;
    const file = openSync(name, 'wx', 0o600);
    this.#fileName = name;
    this.#size = 0;
    return file;
  }

  #numbers(form: RegExp): number[] {
    const prefix = `${basename(this.#path)}-`;
    return readdirSync(dirname(this.#path))
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => form.exec(name.slice(prefix.length))?.[1] ?? [])
      .map(Number)
      .sort((one, other) => one - other);
  }
}

/** Keeps a damaged file out of the way of later starts; returns where it is now. */
export function setAside(path: string): string {
  const aside = `${path}-damaged`;
  renameSync(path, aside);
  return aside;
}
