import type { KeyStore } from '../../core/stores.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { decodeKey, encodeKey } from './row-codec.ts';

const COLUMNS = 'id, hash, created_at, revoked_at, body';

export function postgresKeys(database: PostgresDatabase): KeyStore {
  return {
    async doPutKey(row) {
      await database.run(
        `INSERT INTO cadre_keys AS kept (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at,
           revoked_at = coalesce(kept.revoked_at, excluded.revoked_at), body = excluded.body`,
        [row.id, row.hash, row.createdAt, row.revokedAt ?? null, encodeKey(row)],
      );
    },
    async doFindKey(hash) {
      const row = await database.get(`SELECT ${COLUMNS} FROM cadre_keys WHERE hash = $1`, [hash]);
      return row && decodeKey(row);
    },
    async doListKeys() {
      const rows = await database.all(`SELECT ${COLUMNS} FROM cadre_keys ORDER BY created_at, id`);
      return rows.map(decodeKey);
    },
    async doRevokeKey(id, at) {
      const revoke = 'UPDATE cadre_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL';
      return (await database.run(revoke, [id, at])) > 0;
    },
  };
}
