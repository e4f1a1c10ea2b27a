import type { FeedbackStore } from '../../core/stores.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { checkedLimit, decodeFeedback } from './row-codec.ts';

export function postgresFeedback(database: PostgresDatabase): FeedbackStore {
  return {
    async doPutFeedback({ receipt, source, key, score, at, text }) {
      await database.run(
        `INSERT INTO cadre_feedback AS kept (receipt, source, key, score, at, text)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (receipt, source) DO UPDATE SET key = excluded.key, score = excluded.score,
           at = excluded.at, text = excluded.text
         WHERE kept.score <> excluded.score OR kept.text IS DISTINCT FROM excluded.text`,
        [receipt, source, key, score, at, text === undefined ? null : JSON.stringify(text)],
      );
    },
    async doGetFeedback(receipt) {
      const rows = await database.all(
        'SELECT * FROM cadre_feedback WHERE receipt = $1 ORDER BY source',
        [receipt],
      );
      return rows.map(decodeFeedback);
    },
    async doListFeedback({ limit, after }) {
      const { at = Number.NEGATIVE_INFINITY, receipt = '', source = '' } = after ?? {};
      const rows = await database.all(
        `SELECT * FROM cadre_feedback WHERE (at, receipt, source) > ($1, $2, $3)
         ORDER BY at, receipt, source LIMIT $4`,
        [at, receipt, source, checkedLimit(limit)],
      );
      return rows.map(decodeFeedback);
    },
  };
}
