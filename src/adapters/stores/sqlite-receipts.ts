import type { Receipt } from '../../core/receipt.ts';
import type { KeptText, ReceiptStore } from '../../core/stores.ts';
import type { JournaledRows } from './journaled-rows.ts';
import { decodeBody, decodeEvents, decodeReceipt } from './kept-words.ts';
import { encodeReceiptRow, writeReceiptRow } from './receipt-row.ts';
import { checkedLimit, jsonOf } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Rows deleted per transaction, so that a long purge lets requests in between. */
const PURGE_BATCH = 500;

const GET_RECEIPT = `SELECT body, (SELECT body FROM texts WHERE id = ?1) AS text
  FROM receipts WHERE id = ?1`;
const GET_EVENTS = `SELECT body, events, (SELECT body FROM texts WHERE id = ?1) AS text
  FROM receipts WHERE id = ?1`;

/** `journal`: where rows wait to be written together; without it each is written at once. */
export function sqliteReceipts(
  database: SqliteDatabase,
  journal: JournaledRows | undefined,
): ReceiptStore {
  return {
    doPutReceipt(receipt, events, text) {
      const row = encodeReceiptRow(receipt, events, text);
      if (journal !== undefined) return journal.add(row);
      return database.share(() => writeReceiptRow(database, row));
    },
    async doGetReceipt(id) {
      journal?.settle();
      const row = database.get(GET_RECEIPT, id);
      return row && decodeReceipt(row);
    },
    async doGetEvents(id) {
      journal?.settle();
      const row = database.get(GET_EVENTS, id);
      return row && decodeEvents(row);
    },
    async doGetText(id) {
      journal?.settle();
      const row = database.get('SELECT body FROM texts WHERE id = ?', id);
      return row && jsonOf<KeptText>(row, 'body');
    },
    async doListReceipts(wanted) {
      journal?.settle();
      return listReceipts(database, wanted);
    },
    async doPurge(olderThan) {
      await journal?.empty();
      return purge(database, olderThan);
    },
  };
}

function listReceipts(
  database: SqliteDatabase,
  { limit, before, beforeId = '', key, parent }: Parameters<ReceiptStore['doListReceipts']>[0],
): Receipt[] {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...given: readonly (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  // No id is less than the empty one, which therefore leaves out the whole millisecond.
  if (before !== undefined) where('(at, id) < (?, ?)', before, beforeId);
  if (key !== undefined) where('key = ?', key);
  if (parent !== undefined) where('parent = ?', parent);
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = database.all(
    `SELECT body FROM receipts ${filter} ORDER BY at DESC, id DESC LIMIT ?`,
    ...values,
    checkedLimit(limit),
  );
  return rows.map(decodeBody);
}

async function purge(
  database: SqliteDatabase,
  olderThan: Parameters<ReceiptStore['doPurge']>[0],
): Promise<number> {
  const purged = await purgeReceipts(database, olderThan.receipts);
  const textsOnly = await inBatches(() =>
    database.run(
      'DELETE FROM texts WHERE id IN (SELECT id FROM texts WHERE at < ? LIMIT ?)',
      olderThan.text,
      PURGE_BATCH,
    ),
  );
  // Said of a receipt that was deleted meanwhile.
  const orphans = await inBatches(() =>
    database.run(
      'DELETE FROM feedback WHERE rowid IN (SELECT rowid FROM feedback WHERE at < ? LIMIT ?)',
      olderThan.receipts,
      PURGE_BATCH,
    ),
  );
  const corrections = await inBatches(() =>
    database.run(
      `UPDATE feedback SET text = NULL WHERE rowid IN
         (SELECT rowid FROM feedback WHERE at < ? AND text IS NOT NULL LIMIT ?)`,
      olderThan.text,
      PURGE_BATCH,
    ),
  );
  await inBatches(() =>
    database.run(
      `DELETE FROM reservations WHERE id IN
         (SELECT id FROM reservations WHERE state <> 'open' AND at < ? LIMIT ?)`,
      olderThan.receipts,
      PURGE_BATCH,
    ),
  );
  if (purged + textsOnly + orphans + corrections > 0) database.cleanLog();
  return purged + textsOnly;
}

/** A receipt takes its text with it, however long text may be kept. */
function purgeReceipts(database: SqliteDatabase, before: number): Promise<number> {
  return inBatches(() =>
    database.write(() => {
      const ids = database.all(
        'SELECT id FROM receipts WHERE at < ? ORDER BY at LIMIT ?',
        before,
        PURGE_BATCH,
      );
      const list = JSON.stringify(ids.map((row) => row['id']));
      const doomed = '(SELECT value FROM json_each(?))';
      const texts = database.run(`DELETE FROM texts WHERE id IN ${doomed}`, list);
      database.run(`DELETE FROM feedback WHERE receipt IN ${doomed}`, list);
      return texts + database.run(`DELETE FROM receipts WHERE id IN ${doomed}`, list);
    }),
  );
}

async function inBatches(step: () => number): Promise<number> {
  let total = 0;
  for (;;) {
    const count = step();
    if (count === 0) return total;
    total += count;
    await new Promise(setImmediate);
  }
}
