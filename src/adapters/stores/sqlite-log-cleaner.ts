/** Longest time that what was deleted may still be found in the write-ahead log. */
const CLEAN_AFTER_MS = 10_000;

/**
 * Empties the write-ahead log at most ten seconds after something was deleted, once for all deletions
 * of that time: it keeps everything else waiting for some milliseconds, and whoever may delete could
 * otherwise make that happen at any rate.
 */
export class SqliteLogCleaner {
  /** Moves the log into the database; false when a reader of another process was in the way. */
  readonly #empty: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(empty: () => boolean) {
    this.#empty = empty;
  }

  ask(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#tryToEmpty()) this.ask();
    }, CLEAN_AFTER_MS).unref();
  }

  /** Does at once what was asked for. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tryToEmpty();
  }

  /** What fails here fails for the next write too, which has somebody to tell. */
  #tryToEmpty(): boolean {
    try {
      return this.#empty();
    } catch {
      return false;
    }
  }
}
