import { CadreError } from '../../core/errors.ts';
import { RowJournal } from './row-journal.ts';

/** Milliseconds that a row stays in the journal; as long as a power cut may take away. */
const STAY_MS = 100;
/** Rows that are moved at once: about 3 ms of the event loop. */
const ROWS_MOST = 256;
/** Rows that wait while the database takes none; the next one is refused. */
const ROWS_WAITING_MOST = 4096;

/** Where the rows go in the end. */
export interface RowTarget {
  /** Number of the journal's last file whose rows were written. */
  readonly done: () => number;
  /** All of them in one transaction together with the number, or an error and nothing. */
  readonly write: (rows: readonly (readonly string[])[], done: number) => void;
  /** Resolves when all that was written is on the disk. */
  readonly flush: () => Promise<void>;
}

interface Coming {
  readonly row: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Rows on their way into the database by way of a journal: acknowledged when they are in the
 * journal, moved together. Whoever reads the table calls `settle` before.
 */
export class JournaledRows {
  readonly #journal: RowJournal;
  readonly #target: RowTarget;
  /** Of this turn, not in the journal yet. */
  #coming: Coming[] = [];
  #rows: (readonly string[])[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushed: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Moves what a killed process left behind. Throws what `write` throws. */
  static async open(path: string, textsPerRow: number, target: RowTarget): Promise<JournaledRows> {
    const rows = new JournaledRows(new RowJournal(path, textsPerRow, target.done()), target);
    const left = rows.#journal.left();
    if (left.length > 0) target.write(left, rows.#journal.number);
    const forget = rows.#journal.turn();
    await target.flush();
    forget();
    return rows;
  }

  private constructor(journal: RowJournal, target: RowTarget) {
    this.#journal = journal;
    this.#target = target;
  }

  /**
   * Resolves when the row is in the journal, at the end of this turn of the event loop, in one write
   * with the others of the turn. Rejects with `disk_full` or `store_failed` where it is not.
   */
  add(row: readonly string[]): Promise<void> {
    if (this.#isClosed)
      return Promise.reject(new CadreError('store_failed', 'the store is closed'));
    return new Promise((resolve, reject) => {
      if (this.#coming.length === 0) setImmediate(() => this.#append());
      this.#coming.push({ row, resolve, reject });
    });
  }

  #append(): void {
    const coming = this.#coming;
    if (coming.length === 0) return;
    this.#coming = [];
    try {
      if (this.#rows.length >= ROWS_WAITING_MOST) this.#write();
      this.#journal.append(coming.map(({ row }) => row));
    } catch (error) {
      for (const { reject } of coming) reject(explain(error));
      return;
    }
    for (const { row, resolve } of coming) {
      this.#rows.push(row);
      resolve();
    }
    if (this.#rows.length >= ROWS_MOST) this.#move();
    else this.#timer ??= setTimeout(() => this.#move(), STAY_MS).unref();
  }

  /** All rows are in the database when it returns. Throws what `write` throws. */
  settle(): void {
    this.#append();
    this.#write();
  }

  #write(): void {
    if (this.#rows.length === 0) return;
    this.#target.write(this.#rows, this.#journal.number);
    this.#rows = [];
    const forget = this.#journal.turn();
    // What cannot be flushed, or not be removed, stays in the journal and is read again at the next
    // start; a database that keeps nothing tells the next write.
    this.#flushed = this.#target
      .flush()
      .then(forget)
      .catch(() => undefined);
  }

  /** As `settle`, and resolves when they are nowhere else any more. */
  async empty(): Promise<void> {
    this.settle();
    await this.#flushed;
  }

  #move(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#write();
    } catch {
      // They are safe in the journal; whoever reads or writes next is told why.
      this.#timer = setTimeout(() => this.#move(), STAY_MS).unref();
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.settle();
  }
}

function explain(error: unknown): CadreError {
  if (error instanceof CadreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC'
    ? new CadreError('disk_full', 'no space is left to write the journal of receipts')
    : new CadreError('store_failed', `the journal of receipts: ${message}`, { cause: error });
}
