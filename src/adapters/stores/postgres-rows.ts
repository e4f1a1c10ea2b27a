import pg from 'pg';
import { CadreError } from '../../core/errors.ts';

const PAGE_ROWS = 500;
const CONNECT_MS = 10_000;
const QUERY_MS = 300_000;

/**
 * The first `most` rows of a query, page by page, in a read-only transaction. The query is sent in
 * the extended protocol, which takes one statement only. `name` is what errors call the database;
 * its URL is in none. Rejects with `source_failed`.
 */
export async function* postgresRows(
  url: string,
  query: string,
  {
    most,
    name,
    signal,
  }: { readonly most: number; readonly name: string; readonly signal: AbortSignal },
): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: QUERY_MS,
    query_timeout: QUERY_MS + CONNECT_MS,
  });
  // A connection that breaks between two pages is told by the next one.
  client.on('error', () => undefined);
  const stop = () => void client.end().catch(() => undefined);
  try {
    await client.connect();
    signal.addEventListener('abort', stop, { once: true });
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const text = `DECLARE cadre_rows NO SCROLL CURSOR FOR SELECT * FROM (${query.replace(/[;\s]+$/, '')}\n) AS cadre_query LIMIT ${Number(most)}`;
    await client.query({ text, values: [], queryMode: 'extended' } as pg.QueryConfig);
    for (;;) {
      const { rows } = await client.query(`FETCH ${PAGE_ROWS} FROM cadre_rows`);
      yield rows as Readonly<Record<string, unknown>>[];
      if (rows.length < PAGE_ROWS) return;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw new CadreError('source_failed', `${name}: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
}

/** What the database says; errors of the network and of the URL itself may quote the address. */
function messageOf(thrown: unknown): string {
  if (thrown instanceof pg.DatabaseError) return thrown.message;
  const { code } = thrown as { code?: unknown };
  return `the database cannot be reached (${typeof code === 'string' ? code : 'no connection'})`;
}
