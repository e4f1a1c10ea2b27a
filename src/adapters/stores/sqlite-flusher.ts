import { type FileHandle, open } from 'node:fs/promises';
import { SharedRun } from '../../base/shared-run.ts';
import { CadreError } from '../../core/errors.ts';

/** Longest time that an acknowledged write may be in the operating system's hands only. */
const FLUSH_AFTER_MS = 100;

/**
 * Forces the write-ahead log to the disk at most 100 ms after a write, once for all writes of that
 * time. SQLite's NORMAL leaves that to the next checkpoint, which may be minutes away; FULL would
 * cost one fsync per request. A killed process loses nothing either way, this is about power cuts.
 *
 * A handle of our own on the log is safe: SQLite's locks lie on the database and the -shm file, and
 * the log stays the same file while a connection is open.
 */
export class SqliteFlusher {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;
  #file: FileHandle | undefined;
  readonly #flushing = new SharedRun(() => this.#sync());
  #problem: unknown;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  /** Throws when an earlier flush failed: the disk no longer keeps what it is given. */
  touch(): void {
    if (this.#problem !== undefined)
      throw new CadreError('store_failed', `the disk does not keep ${this.#path}`, {
        cause: this.#problem,
      });
    this.#timer ??= setTimeout(() => void this.#begin(), FLUSH_AFTER_MS).unref();
  }

  /** At once. Rejects when the disk does not keep what it is given. */
  async flush(): Promise<void> {
    await this.#begin();
    if (this.#problem !== undefined) this.touch();
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#flushing.run();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flushing.idle();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #sync(): Promise<void> {
    try {
      this.#file ??= await open(this.#path, 'r+');
      await this.#file.datasync();
    } catch (error) {
      // No log: the last connection of another process checkpointed and removed it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#problem = error;
    }
  }
}
