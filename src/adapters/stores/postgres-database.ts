import pg from 'pg';
import { CadreError } from '../../core/errors.ts';
import { POSTGRES_MIGRATIONS } from './postgres-migrations.ts';
import type { Columns } from './row-codec.ts';

const CONNECT_MS = 5000;
/** A statement that runs longer is stuck behind a lock or a lost server. */
const STATEMENT_MS = 30_000;
const CONNECTIONS = 10;
/** Transactions that lost against another one are tried again this often. */
const ATTEMPTS = 5;
/** "CADRE" as a number: the advisory lock that only migrations take. */
const MIGRATION_LOCK = 6765688269;
/** SQLSTATEs: serialization_failure, deadlock_detected. */
const LOST_RACE = new Set(['40001', '40P01']);
/** disk_full. */
const DISK_FULL = '53100';
export const UNIQUE_VIOLATION = '23505';

/** What runs one statement: the pool, or one connection inside a transaction. */
export interface Statements {
  all(sql: string, values?: readonly unknown[]): Promise<readonly Columns[]>;
  get(sql: string, values?: readonly unknown[]): Promise<Columns | undefined>;
  /** Runs a change and returns how many rows it touched. */
  run(sql: string, values?: readonly unknown[]): Promise<number>;
}

/** A pool of connections; every method rejects with CadreErrors that name the server, never its password. */
export class PostgresDatabase implements Statements {
  readonly #pool: pg.Pool;
  readonly #where: string;
  #closing: Promise<void> | undefined;

  static async open(url: string): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(url);
    try {
      await database.#migrate();
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private constructor(url: string) {
    this.#where = nameOf(url);
    try {
      this.#pool = new pg.Pool({
        connectionString: url,
        max: CONNECTIONS,
        connectionTimeoutMillis: CONNECT_MS,
        statement_timeout: STATEMENT_MS,
        query_timeout: STATEMENT_MS + 1000,
        application_name: 'cadre',
      });
    } catch (error) {
      throw this.#explain(error);
    }
    // An idle connection that breaks is replaced at the next use, which reports what is wrong.
    this.#pool.on('error', () => undefined);
  }

  async all(sql: string, values?: readonly unknown[]): Promise<readonly Columns[]> {
    return (await this.#alone(sql, values)).rows;
  }

  async get(sql: string, values?: readonly unknown[]): Promise<Columns | undefined> {
    return (await this.all(sql, values))[0];
  }

  async run(sql: string, values?: readonly unknown[]): Promise<number> {
    return (await this.#alone(sql, values)).rowCount ?? 0;
  }

  /** All of `work` or nothing of it. `work` may run again when another transaction won a race. */
  write<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#transact('BEGIN', work);
  }

  /** Everything that `work` reads is of one moment. */
  read<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#transact('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work);
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    return this.#closing;
  }

  async #transact<T>(begin: string, work: (statements: Statements) => Promise<T>): Promise<T> {
    return untilWon(() => this.#connected((statements) => inTransaction(begin, statements, work)));
  }

  /** One statement is its own transaction. */
  #alone(sql: string, values?: readonly unknown[]): Promise<pg.QueryResult<Columns>> {
    return untilWon(() => this.#query(this.#pool, sql, values));
  }

  /** Runs `work` on one connection; a connection that failed half-way is closed, not used again. */
  async #connected<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw this.#explain(error);
    }
    const statements: Statements = {
      all: async (sql, values) => (await this.#query(client, sql, values)).rows,
      get: async (sql, values) => (await this.#query(client, sql, values)).rows[0],
      run: async (sql, values) => (await this.#query(client, sql, values)).rowCount ?? 0,
    };
    let broken = true;
    try {
      const result = await work(statements);
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  async #query(
    target: pg.Pool | pg.PoolClient,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<pg.QueryResult<Columns>> {
    try {
      // Without values the simple protocol is used, which takes several statements at once.
      return values.length === 0 ? await target.query(sql) : await target.query(sql, [...values]);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async #migrate(): Promise<void> {
    await this.#connected(async (statements) => {
      await statements.get('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      try {
        await this.#applyMigrations(statements);
      } finally {
        await statements.get('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      }
    });
  }

  async #applyMigrations(statements: Statements): Promise<void> {
    const known = POSTGRES_MIGRATIONS.length;
    await statements.run('CREATE TABLE IF NOT EXISTS cadre_schema (version INTEGER NOT NULL)');
    const row = await statements.get('SELECT max(version) AS version FROM cadre_schema');
    const found = Number(row?.['version'] ?? 0);
    if (found > known)
      throw new CadreError(
        'store_failed',
        `${this.#where} was written by a newer Cadre (schema ${found}, this one knows ${known}); update Cadre`,
      );
    for (const [index, step] of POSTGRES_MIGRATIONS.entries())
      if (index >= found)
        await inTransaction('BEGIN', statements, async () => {
          await statements.run(step);
          await statements.run('INSERT INTO cadre_schema VALUES ($1)', [index + 1]);
        });
  }

  #explain(error: unknown): CadreError {
    if (error instanceof CadreError) return error;
    const state = stateOf(error);
    const message = messageOf(error);
    return state === DISK_FULL
      ? new CadreError('disk_full', `${this.#where}: ${message}`, { cause: error })
      : new CadreError('store_failed', `${this.#where}: ${message}`, { cause: error });
  }
}

/** Tries again what the database rolled back because another transaction won a race. */
async function untilWon<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !LOST_RACE.has(stateOf(error) ?? '')) throw error;
    }
  }
}

async function inTransaction<T>(
  begin: string,
  statements: Statements,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  await statements.run(begin);
  try {
    const result = await work(statements);
    await statements.run('COMMIT');
    return result;
  } catch (error) {
    await statements.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The SQLSTATE behind an error of this adapter. */
export function stateOf(error: unknown): string | undefined {
  if (error instanceof CadreError) return stateOf(error.cause);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Node joins the failures of several addresses into one error without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Host and database of a connection string, without user and password. */
function nameOf(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    return `Postgres at ${searchParams.get('host') ?? (host || 'its socket')}${pathname}`;
  } catch {
    return 'Postgres at the given address';
  }
}
