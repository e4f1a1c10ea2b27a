import type { KeyStore } from '../../core/stores.ts';
import { decodeKey, encodeKey } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const COLUMNS = 'id, hash, created_at, revoked_at, body';

export function sqliteKeys(database: SqliteDatabase): KeyStore {
  return {
    async doPutKey(row) {
      database.run(
        `INSERT INTO keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at,
           revoked_at = coalesce(keys.revoked_at, excluded.revoked_at), body = excluded.body`,
        row.id,
        row.hash,
        row.createdAt,
        row.revokedAt ?? null,
        encodeKey(row),
      );
    },
    async doFindKey(hash) {
      const row = database.get(`SELECT ${COLUMNS} FROM keys WHERE hash = ?`, hash);
      return row && decodeKey(row);
    },
    async doListKeys() {
      return database.all(`SELECT ${COLUMNS} FROM keys ORDER BY created_at, id`).map(decodeKey);
    },
    async doRevokeKey(id, at) {
      const revoke = 'UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL';
      return database.run(revoke, at, id) > 0;
    },
  };
}
