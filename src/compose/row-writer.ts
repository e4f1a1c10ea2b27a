import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { SplitPart } from '../core/data-work.ts';
import { fileTrouble } from '../core/file-trouble.ts';

const PIECE = 1 << 20;

/**
 * Writes lines to a file that is there whole or not at all, for this user's eyes alone. Throws
 * `disk_full` or `file_refused`.
 */
export class RowWriter {
  readonly #path: string;
  readonly #partial: string;
  readonly #file: number;
  readonly #hash = createHash('sha256');
  #held: string[] = [];
  #length = 0;
  #rows = 0;

  /** `header` stands in the first line and counts as no row. */
  constructor(path: string, header?: string) {
    this.#path = path;
    this.#partial = `${path}.${process.pid}.new`;
    this.#file = this.#try(() => {
      rmSync(this.#partial, { force: true });
      return openSync(this.#partial, 'wx', 0o600);
    });
    if (header !== undefined) this.#add(header);
  }

  add(row: string): void {
    this.#rows += 1;
    this.#add(row);
  }

  end(): SplitPart {
    this.#flush();
    this.#try(() => {
      fsyncSync(this.#file);
      closeSync(this.#file);
      renameSync(this.#partial, this.#path);
    });
    return { file: this.#path, rows: this.#rows, hash: this.#hash.digest('hex') };
  }

  /** Leaves nothing behind. */
  abandon(): void {
    try {
      closeSync(this.#file);
    } catch {
      // It was closed before.
    }
    rmSync(this.#partial, { force: true });
  }

  #add(line: string): void {
    this.#held.push(line, '\n');
    this.#length += line.length;
    if (this.#length > PIECE) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#held.join(''));
    this.#held = [];
    this.#length = 0;
    this.#hash.update(bytes);
    this.#try(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fileTrouble(error, this.#path) ?? error;
    }
  }
}

/** Runs work that fills writers; where it fails, none leaves anything behind. */
export async function writing<T>(
  writers: readonly RowWriter[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (const writer of writers) writer.abandon();
    throw error;
  }
}
