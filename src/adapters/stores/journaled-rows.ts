import { SharedRun } from '../../base/shared-run.ts';
import { CadreError } from '../../core/errors.ts';
import { recover } from './journal-recovery.ts';
import { batchOf, isBatch, type RowTarget, sizeOf } from './row-batch.ts';
import type { RowJournal } from './row-journal.ts';

/** Milliseconds that a row stays in the journal; as long as a power cut may take away. */
const STAY_MS = 100;
/** The longest pause before a database that took nothing is tried again. */
const PAUSE_MOST_MS = 5000;
/** Rows, and characters of them, that wait while the database takes none; the next one is refused. */
const ROWS_WAITING_MOST = 4096;
const SIZE_WAITING_MOST = 64_000_000;

interface Coming {
  readonly row: readonly string[];
  readonly resolve: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Rows on their way into the database by way of a journal: acknowledged when they are in the
 * journal, moved together. Whoever reads the table calls `settle` before.
 */
export class JournaledRows {
  readonly #journal: RowJournal;
  readonly #target: RowTarget;
  /** Removes turned files once the database is on the disk. */
  readonly #removal: SharedRun;
  /** Of this turn of the event loop, not in the journal yet. */
  #coming: Coming[] = [];
  /** In the journal, not in the database yet. */
  #waiting: (readonly string[])[] = [];
  /** Characters of all that is coming or waiting. */
  #size = 0;
  /** Number of the last row in the journal. */
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why the database took nothing, and the pause until it is tried again. */
  #problem: { readonly error: unknown; readonly pause: number } | undefined;
  #isClosed = false;

  /**
   * Moves what a killed process left behind; files with damaged rows are set aside and told to `log`.
   * Rejects with `store_failed` that names the file.
   */
  static async open(
    path: string,
    target: RowTarget,
    log: (line: string) => void,
  ): Promise<JournaledRows> {
    return new JournaledRows(await recover(path, target, log), target);
  }

  private constructor(journal: RowJournal, target: RowTarget) {
    this.#journal = journal;
    this.#target = target;
    this.#removal = new SharedRun(async () => {
      const remove = journal.turned();
      await target.flush();
      remove();
    });
  }

  /**
   * Resolves when the row is in the journal, at the end of this turn of the event loop, in one write
   * with the others of the turn. Rejects with `disk_full` or `store_failed` where it is not;
   * `onRefused` is told in the very moment, before anybody can read.
   */
  add(row: readonly string[], onRefused?: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown) => {
        onRefused?.();
        reject(explain(error));
      };
      if (this.#isClosed) return refuse(new CadreError('store_failed', 'the store is closed'));
      try {
        if (this.#isFull(row)) this.settle();
      } catch (error) {
        return refuse(error);
      }
      if (this.#coming.length === 0) setImmediate(() => this.#append());
      this.#coming.push({ row, resolve, refuse });
      this.#size += sizeOf(row);
    });
  }

  #isFull(row: readonly string[]): boolean {
    const count = this.#coming.length + this.#waiting.length;
    return (
      count > 0 && (count >= ROWS_WAITING_MOST || this.#size + sizeOf(row) > SIZE_WAITING_MOST)
    );
  }

  #append(): void {
    const coming = this.#coming;
    if (coming.length === 0) return;
    this.#coming = [];
    try {
      this.#last = this.#journal.append(coming.map(({ row }) => row));
    } catch (error) {
      for (const { row, refuse } of coming) {
        this.#size -= sizeOf(row);
        refuse(error);
      }
      return;
    }
    for (const { row, resolve } of coming) {
      this.#waiting.push(row);
      resolve();
    }
    this.#timer ??= setTimeout(() => this.#tick(), STAY_MS).unref();
    if (isBatch(this.#waiting.length, this.#size) && this.#problem === undefined) this.#try();
  }

  /**
   * All rows are in the database when it returns; their file stays until the next tick. Throws what
   * `write` throws, and while the database is given a pause, what it threw before.
   */
  settle(): void {
    this.#append();
    if (this.#waiting.length > 0 && this.#problem !== undefined) throw this.#problem.error;
    while (this.#waiting.length > 0) this.#move();
  }

  /** One transaction. */
  #move(): void {
    const count = batchOf(this.#waiting);
    const rows = this.#waiting.slice(0, count);
    try {
      this.#target.write(rows, this.#last - this.#waiting.length + count);
    } catch (error) {
      const pause = Math.min(2 * (this.#problem?.pause ?? STAY_MS / 2), PAUSE_MOST_MS);
      this.#problem = { error, pause };
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tick(), pause).unref();
      throw error;
    }
    this.#problem = undefined;
    this.#waiting = this.#waiting.slice(count);
    for (const row of rows) this.#size -= sizeOf(row);
  }

  /** As `settle`, and resolves when they are nowhere else any more; rejects where they still are. */
  async empty(): Promise<void> {
    this.settle();
    this.#journal.turn();
    await this.#removal.run();
  }

  /** False where the database took nothing: the rows are safe in the journal, who reads is told. */
  #try(): boolean {
    try {
      this.#move();
      return true;
    } catch {
      return false;
    }
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#waiting.length > 0 && !this.#try()) return;
    if (this.#waiting.length > 0) {
      // Requests come in between.
      this.#timer = setTimeout(() => this.#tick(), 0).unref();
      return;
    }
    // While a removal takes longer, rows go on into the same file.
    if (this.#journal.isTurned) this.#timer = setTimeout(() => this.#tick(), STAY_MS).unref();
    else this.#journal.turn();
    // What cannot be flushed, or not be removed, stays in the journal; a database that keeps nothing
    // tells the next write.
    if (this.#journal.isTurned) this.#removal.run().catch(() => undefined);
  }

  /** Moves all. Rejects where that was not possible; the rows then wait in the journal for the next start. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#append();
    this.#problem = undefined;
    try {
      await this.empty();
    } finally {
      clearTimeout(this.#timer);
    }
  }
}

function explain(error: unknown): CadreError {
  if (error instanceof CadreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC'
    ? new CadreError('disk_full', 'no space is left to write the journal of receipts')
    : new CadreError('store_failed', `the journal of receipts: ${message}`, { cause: error });
}
