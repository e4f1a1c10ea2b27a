import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CadreError } from '../../core/errors.ts';
import type { Columns } from './row-codec.ts';
import { SqliteFlusher } from './sqlite-flusher.ts';
import { SqliteGroup } from './sqlite-group.ts';
import { SqliteLogCleaner } from './sqlite-log-cleaner.ts';
import { SQLITE_MIGRATIONS } from './sqlite-migrations.ts';

/** How long a write waits for another process's write. */
const BUSY_MS = 5000;
/** The same for a write that can as well be done later. */
const BUSY_BRIEFLY_MS = 50;
/**
 * Pages of 4 KB in the log before they are moved into the database. Pages that many receipts share
 * (indexes) are moved once per checkpoint, so four times SQLite's default saves most of its cost.
 */
const CHECKPOINT_PAGES = 4000;
/** Negative means KiB to SQLite. 8 MB hold the upper pages of all indexes of a million receipts. */
const CACHE_KIBIBYTES = -8192;
/** SQLite's primary result codes that need their own words. */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/**
 * One connection: write-ahead log, prepared statements kept by their text, migrations by
 * `user_version`. Every method throws CadreErrors that name the file.
 */
export class SqliteDatabase {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #flusher: SqliteFlusher;
  readonly #group: SqliteGroup;
  readonly #cleaner: SqliteLogCleaner;
  #busyMs = BUSY_MS;

  /** Makes the file (readable by its owner alone) and its folder where they are missing. */
  static async open(path: string): Promise<SqliteDatabase> {
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, 'a', 0o600));
      database = new DatabaseSync(path, { timeout: BUSY_MS });
      await startLog(database);
      database.exec(
        `PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;
         PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = ${CACHE_KIBIBYTES};`,
      );
      migrate(database, path);
      return new SqliteDatabase(path, database);
    } catch (error) {
      if (database?.isOpen) database.close();
      throw explain(error, path);
    }
  }

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
    this.#flusher = new SqliteFlusher(path);
    this.#group = new SqliteGroup({
      write: (work) => this.write(work),
      run: (sql) => void this.#guard(() => this.#prepare(sql).run()),
      isInTransaction: () => database.isOpen && database.isTransaction,
    });
    this.#cleaner = new SqliteLogCleaner(() => this.#emptyLog());
    // A process that was killed may have left in the log what it had deleted.
    this.#cleaner.ask();
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Columns[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  get(sql: string, ...values: SQLInputValue[]): Columns | undefined {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  /** Runs a change and returns how many rows it touched. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#guard(() => {
      if (!this.#database.isTransaction) this.#flusher.touch();
      return Number(this.#prepare(sql).run(...values).changes);
    });
  }

  /** All of `work` or nothing of it; takes the write lock at once, so that no upgrade can fail. */
  write<T>(work: () => T): T {
    this.#guard(() => {
      this.#flusher.touch();
      this.#prepare('BEGIN IMMEDIATE').run();
    });
    return this.#finish(work);
  }

  /** As `write`, but waits for another process's write 50 ms at most instead of 5 s. */
  writeBriefly<T>(work: () => T): T {
    this.#waitUpTo(BUSY_BRIEFLY_MS);
    try {
      return this.write(work);
    } finally {
      if (this.#database.isOpen) this.#waitUpTo(BUSY_MS);
    }
  }

  /**
   * As `write`, but at the end of this turn of the event loop, in one transaction with all that was
   * shared in it; resolves when that is in the log.
   */
  share<T>(work: () => T): Promise<T> {
    return this.#group.share(work);
  }

  /** As `share`, for a single statement. */
  shareOne(sql: string, ...values: SQLInputValue[]): Promise<void> {
    return this.#group.shareOne(() => {
      this.run(sql, ...values);
    });
  }

  /** Everything that `work` reads is of one moment. */
  read<T>(work: () => T): T {
    this.#guard(() => this.#prepare('BEGIN DEFERRED').run());
    return this.#finish(work);
  }

  /** Resolves when all that was written is on the disk. */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  /** Within ten seconds the log is empty, so that deleted rows are nowhere on the disk. */
  cleanLog(): void {
    this.#cleaner.ask();
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    this.#group.finish();
    this.#cleaner.close();
    this.#statements.clear();
    await this.#flusher.close();
    this.#guard(() => this.#database.close());
  }

  #waitUpTo(milliseconds: number): void {
    this.#guard(() => this.#database.exec(`PRAGMA busy_timeout = ${milliseconds}`));
    this.#busyMs = milliseconds;
  }

  #emptyLog(): boolean {
    return this.get('PRAGMA wal_checkpoint(TRUNCATE)')?.['busy'] === 0;
  }

  #finish<T>(work: () => T): T {
    try {
      const result = work();
      this.#guard(() => this.#prepare('COMMIT').run());
      return result;
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error, this.path, this.#busyMs);
    }
  }
}

/** Two processes that start at once collide here, and SQLite does not wait for this change itself. */
async function startLog(database: DatabaseSync): Promise<void> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (codeOf(error) !== BUSY || performance.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const known = SQLITE_MIGRATIONS.length;
  const version = () =>
    Number(Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]);
  if (version() === known) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = version();
    if (found > known)
      throw new CadreError(
        'store_failed',
        `${path} was written by a newer Cadre (schema ${found}, this one knows ${known}); update Cadre or set CADRE_HOME`,
      );
    for (const step of SQLITE_MIGRATIONS.slice(found)) database.exec(step);
    database.exec(`PRAGMA user_version = ${known}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function explain(error: unknown, path: string, busyMs = BUSY_MS): CadreError {
  if (error instanceof CadreError) return error;
  const details = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === CORRUPT || code === NOT_A_DATABASE)
    return new CadreError(
      'store_failed',
      `${path} is damaged (${message}); move it away together with its -wal and -shm files and start again: folders are indexed anew, keys have to be made again`,
      details,
    );
  if (code === FULL || (error as NodeJS.ErrnoException).code === 'ENOSPC')
    return new CadreError('disk_full', `no space is left to write ${path}`, details);
  if (code === BUSY || code === LOCKED)
    return new CadreError(
      'store_failed',
      `another process kept ${path} locked for ${busyMs / 1000} s`,
      details,
    );
  return new CadreError('store_failed', `${path}: ${message}`, details);
}
