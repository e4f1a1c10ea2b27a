/** Rows that are moved at once: about 3 ms of the event loop. */
const ROWS_MOST = 256;
/** Characters of them; a longer row is moved alone. */
const SIZE_MOST = 4_000_000;

/** Where journaled rows go in the end. */
export interface RowTarget {
  /** Number of the last row that was written. */
  readonly done: () => number;
  /** All of them in one transaction together with the number of the last one, or an error and nothing. */
  readonly write: (rows: readonly (readonly string[])[], done: number) => void;
  /** Resolves when all that was written is on the disk. */
  readonly flush: () => Promise<void>;
}

/** In characters. */
export function sizeOf(row: readonly string[]): number {
  let size = 0;
  for (const text of row) size += text.length;
  return size;
}

/** Whether so many rows of so many characters are worth a move. */
export function isBatch(count: number, size: number): boolean {
  return count >= ROWS_MOST || size >= SIZE_MOST;
}

/** How many of the first rows are moved together, at least one of any. */
export function batchOf(rows: readonly (readonly string[])[]): number {
  let size = 0;
  for (const [index, row] of rows.entries()) {
    size += sizeOf(row);
    if (index > 0 && (index === ROWS_MOST || size > SIZE_MOST)) return index;
  }
  return rows.length;
}
