import type { FeedbackStore } from '../../core/stores.ts';
import { checkedLimit, decodeFeedback } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

export function sqliteFeedback(database: SqliteDatabase): FeedbackStore {
  return {
    async doPutFeedback({ receipt, source, key, score, at, text }) {
      const replaced = database.run(
        `INSERT INTO feedback AS kept (receipt, source, key, score, at, text)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (receipt, source) DO UPDATE SET key = excluded.key, score = excluded.score,
           at = excluded.at, text = excluded.text
         WHERE kept.score <> excluded.score OR kept.text IS NOT excluded.text`,
        receipt,
        source,
        key,
        score,
        at,
        text === undefined ? null : JSON.stringify(text),
      );
      // What a correction said before must not stay in the log of the database.
      if (replaced > 0 && source === 'correction') database.cleanLog();
    },
    async doGetFeedback(receipt) {
      const wanted = 'SELECT * FROM feedback WHERE receipt = ? ORDER BY source';
      return database.all(wanted, receipt).map(decodeFeedback);
    },
    async doListFeedback({ limit, after }) {
      const { at = Number.NEGATIVE_INFINITY, receipt = '', source = '' } = after ?? {};
      const rows = database.all(
        `SELECT * FROM feedback WHERE (at, receipt, source) > (?, ?, ?)
         ORDER BY at, receipt, source LIMIT ?`,
        at,
        receipt,
        source,
        checkedLimit(limit),
      );
      return rows.map(decodeFeedback);
    },
  };
}
