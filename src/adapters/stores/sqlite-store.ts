import type { Store } from '../../core/stores.ts';
import type { JournaledRows } from './journaled-rows.ts';
import { soleSpend } from './sole-spend.ts';
import { sqliteChunks } from './sqlite-chunks.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { sqliteFeedback } from './sqlite-feedback.ts';
import { openJournal } from './sqlite-journal.ts';
import { sqliteKeys } from './sqlite-keys.ts';
import { sqliteObjects } from './sqlite-objects.ts';
import { sqliteReceipts } from './sqlite-receipts.ts';
import { sqliteSpend } from './sqlite-spend.ts';

/**
 * The farm's state in one file. A write that was acknowledged survives the end of the process,
 * however it ends; a power cut may take the last 100 ms. Several processes may hold one file, unless
 * one is its `sole` owner, who writes receipts and budgets together; `log` is told what of them a
 * start could not take over. Rejects with `store_failed`, naming the file, when it is damaged, locked
 * or of a newer Cadre.
 */
export async function openSqliteStore(
  path: string,
  {
    sole = false,
    log = () => undefined,
  }: { readonly sole?: boolean; readonly log?: (line: string) => void } = {},
): Promise<Store> {
  const database = await SqliteDatabase.open(path);
  const journal = sole ? await journalOf(database, log) : undefined;
  return {
    ...sqliteReceipts(database, journal),
    ...sqliteFeedback(database),
    ...sqliteKeys(database),
    ...(journal === undefined ? sqliteSpend(database) : soleSpend(database, journal)),
    ...sqliteChunks(database),
    ...sqliteObjects(database),
    async doClose() {
      try {
        await journal?.close();
      } finally {
        await database.close();
      }
    },
  };
}

async function journalOf(
  database: SqliteDatabase,
  log: (line: string) => void,
): Promise<JournaledRows> {
  try {
    return await openJournal(database, log);
  } catch (error) {
    await database.close();
    throw error;
  }
}
