import type { CadreEvent } from '../../core/events.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { KeptText } from '../../core/stores.ts';
import { encodeBody, encodeEvents } from './kept-words.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const PUT_RECEIPT = `INSERT INTO receipts (id, at, key, parent, body, events)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET at = excluded.at, key = excluded.key, parent = excluded.parent,
    body = excluded.body, events = excluded.events`;
const PUT_TEXT = `INSERT INTO texts (id, at, body) VALUES (?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET at = excluded.at, body = excluded.body`;

/** The small columns, the receipt, its events, and the kept words, '' where there are none. */
export function encodeReceiptRow(
  receipt: Receipt,
  events: readonly CadreEvent[],
  text: KeptText | undefined,
): readonly string[] {
  const { id, at, key, parent = null } = receipt;
  return [
    JSON.stringify([id, at, key, parent]),
    encodeBody(receipt),
    encodeEvents(events, receipt),
    text === undefined ? '' : JSON.stringify(text),
  ];
}

/** Within a transaction. */
export function writeReceiptRow(database: SqliteDatabase, row: readonly string[]): void {
  const [columns = '', body = '', events = '', words = ''] = row;
  const [id, at, key, parent] = JSON.parse(columns) as [string, number, string, string | null];
  database.run(PUT_RECEIPT, id, at, key, parent, body, events);
  if (words !== '') database.run(PUT_TEXT, id, at, words);
}
