import type { Store } from '../../core/stores.ts';
import { postgresChunks } from './postgres-chunks.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { postgresFeedback } from './postgres-feedback.ts';
import { postgresKeys } from './postgres-keys.ts';
import { postgresObjects } from './postgres-objects.ts';
import { postgresReceipts } from './postgres-receipts.ts';
import { postgresSpend } from './postgres-spend.ts';

/**
 * The farm's state in a Postgres database (`postgres://user@host/database`), shared by any number of
 * nodes. Rejects with `store_failed`, naming host and database, when it cannot be reached or used.
 */
export async function openPostgresStore(url: string): Promise<Store> {
  const database = await PostgresDatabase.open(url);
  return {
    ...postgresReceipts(database),
    ...postgresFeedback(database),
    ...postgresKeys(database),
    ...postgresSpend(database),
    ...postgresChunks(database),
    ...postgresObjects(database),
    doClose: () => database.close(),
  };
}
