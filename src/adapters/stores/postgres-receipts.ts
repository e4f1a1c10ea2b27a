import type { KeptText, ReceiptStore } from '../../core/stores.ts';
import { decodeBody, decodeEvents, decodeReceipt, encodeBody, encodeEvents } from './kept-words.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { checkedLimit, integerOf, jsonOf } from './row-codec.ts';

/** The receipt and its text in one statement: one round trip, all or nothing. */
const PUT_RECEIPT = `INSERT INTO cadre_receipts (id, at, key, parent, body, events)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (id) DO UPDATE SET at = excluded.at, key = excluded.key, parent = excluded.parent,
    body = excluded.body, events = excluded.events`;
const PUT_BOTH = `WITH text AS (
    INSERT INTO cadre_texts (id, at, body) VALUES ($1, $2, $7)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, body = excluded.body
  ) ${PUT_RECEIPT}`;

const GET_RECEIPT = `SELECT body, (SELECT body FROM cadre_texts WHERE id = $1) AS text
  FROM cadre_receipts WHERE id = $1`;
const GET_EVENTS = `SELECT body, events, (SELECT body FROM cadre_texts WHERE id = $1) AS text
  FROM cadre_receipts WHERE id = $1`;

export function postgresReceipts(database: PostgresDatabase): ReceiptStore {
  return {
    async doPutReceipt(receipt, events, text) {
      const values = [
        receipt.id,
        receipt.at,
        receipt.key,
        receipt.parent ?? null,
        encodeBody(receipt),
        encodeEvents(events, receipt),
      ];
      if (text === undefined) await database.run(PUT_RECEIPT, values);
      else await database.run(PUT_BOTH, [...values, JSON.stringify(text)]);
    },
    async doGetReceipt(id) {
      const row = await database.get(GET_RECEIPT, [id]);
      return row && decodeReceipt(row);
    },
    async doGetEvents(id) {
      const row = await database.get(GET_EVENTS, [id]);
      return row && decodeEvents(row);
    },
    async doGetText(id) {
      const row = await database.get('SELECT body FROM cadre_texts WHERE id = $1', [id]);
      return row && jsonOf<KeptText>(row, 'body');
    },
    async doListReceipts({ limit, before, beforeId = '', key, parent }) {
      const values: unknown[] = [checkedLimit(limit)];
      const conditions: string[] = [];
      const place = (value: string | number) => `$${values.push(value)}`;
      // No id is less than the empty one, which therefore leaves out the whole millisecond.
      if (before !== undefined)
        conditions.push(`(at, id) < (${place(before)}, ${place(beforeId)})`);
      if (key !== undefined) conditions.push(`key = ${place(key)}`);
      if (parent !== undefined) conditions.push(`parent = ${place(parent)}`);
      const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
      const rows = await database.all(
        `SELECT body FROM cadre_receipts ${filter} ORDER BY at DESC, id DESC LIMIT $1`,
        values,
      );
      return rows.map(decodeBody);
    },
    async doPurge(olderThan) {
      const row = await database.get(
        `WITH gone AS (DELETE FROM cadre_receipts WHERE at < $1 RETURNING id),
           texts AS (DELETE FROM cadre_texts WHERE at < $2 OR id IN (SELECT id FROM gone) RETURNING 1),
           said AS (DELETE FROM cadre_feedback WHERE at < $1
             OR receipt IN (SELECT id FROM gone)),
           words AS (UPDATE cadre_feedback SET text = NULL WHERE at < $2 AND at >= $1
             AND text IS NOT NULL AND receipt NOT IN (SELECT id FROM gone)),
           old AS (DELETE FROM cadre_reservations WHERE state <> 'open' AND at < $1)
         SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM texts) AS count`,
        [olderThan.receipts, olderThan.text],
      );
      return row === undefined ? 0 : integerOf(row, 'count');
    },
  };
}
