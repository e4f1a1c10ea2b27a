import type { ObjectStore } from '../../core/objects.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { checkedLimit, decodeObject, decodePart, integerOf } from './row-codec.ts';
import { UNCLAIMED_MS } from './unclaimed.ts';

/** True of rows that have not expired at the time in the given place. */
function living(place: string): string {
  return `(expires_at IS NULL OR expires_at > ${place})`;
}

const DELETE = `WITH gone AS (
    DELETE FROM cadre_objects WHERE kind = $1 AND id = $2 AND ${living('$3')} RETURNING 1
  ), parts AS (DELETE FROM cadre_object_parts WHERE kind = $1 AND id = $2)
  SELECT count(*) AS count FROM gone`;

const PURGE = `WITH gone AS (
    DELETE FROM cadre_objects WHERE expires_at <= $1 RETURNING kind, id
  ), parts AS (
    DELETE FROM cadre_object_parts AS part WHERE (kind, id) IN (SELECT kind, id FROM gone)
      OR at < $2 AND NOT EXISTS (
        SELECT 1 FROM cadre_objects AS one WHERE one.kind = part.kind AND one.id = part.id)
  )
  SELECT count(*) AS count FROM gone`;

export function postgresObjects(database: PostgresDatabase): ObjectStore {
  return {
    async doPutObject({ kind, id, key, createdAt, expiresAt, body }) {
      await database.run(
        `INSERT INTO cadre_objects (kind, id, key, created_at, expires_at, body)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (kind, id) DO UPDATE SET key = excluded.key, created_at = excluded.created_at,
           expires_at = excluded.expires_at, body = excluded.body`,
        [kind, id, key, createdAt, expiresAt ?? null, JSON.stringify(body)],
      );
    },
    async doAddObject({ kind, id, key, createdAt, expiresAt, body }) {
      const added = await database.run(
        `INSERT INTO cadre_objects (kind, id, key, created_at, expires_at, body)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, id) DO NOTHING`,
        [kind, id, key, createdAt, expiresAt ?? null, JSON.stringify(body)],
      );
      return added > 0;
    },
    async doChangeObject({ kind, id, key, createdAt, expiresAt, body }, expected) {
      const values = [kind, id, key, createdAt, expiresAt ?? null, JSON.stringify(body)];
      const changed = await database.run(
        `UPDATE cadre_objects SET key = $3, created_at = $4, expires_at = $5, body = $6
         WHERE kind = $1 AND id = $2 AND body = $7 AND ${living('$8')}`,
        [...values, JSON.stringify(expected), Date.now()],
      );
      return changed > 0;
    },
    async doGetObject(kind, id) {
      const row = await database.get(
        `SELECT * FROM cadre_objects WHERE kind = $1 AND id = $2 AND ${living('$3')}`,
        [kind, id, Date.now()],
      );
      return row && decodeObject(row);
    },
    doListObjects: (wanted) => listObjects(database, wanted),
    async doDeleteObject(kind, id) {
      const row = await database.get(DELETE, [kind, id, Date.now()]);
      return row !== undefined && integerOf(row, 'count') > 0;
    },
    ...parts(database),
    async doPurgeObjects(now) {
      const row = await database.get(PURGE, [now, now - UNCLAIMED_MS]);
      return row === undefined ? 0 : integerOf(row, 'count');
    },
  };
}

type Parts = Pick<ObjectStore, 'doPutPart' | 'doReadParts' | 'doListPlaces' | 'doDropParts'>;

function parts(database: PostgresDatabase): Parts {
  return {
    async doPutPart(kind, id, { position, bytes }) {
      await database.run(
        `INSERT INTO cadre_object_parts (kind, id, position, at, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, id, position) DO UPDATE SET at = excluded.at, bytes = excluded.bytes`,
        [kind, id, position, Date.now(), Buffer.from(bytes)],
      );
    },
    async *doReadParts(kind, id) {
      const next = `SELECT position, bytes FROM cadre_object_parts
        WHERE kind = $1 AND id = $2 AND position > $3 ORDER BY position LIMIT 1`;
      for (let position = -1; ; ) {
        const row = await database.get(next, [kind, id, position]);
        if (row === undefined) return;
        const part = decodePart(row);
        yield part;
        position = part.position;
      }
    },
    async doListPlaces(kind, id) {
      const rows = await database.all(
        'SELECT position FROM cadre_object_parts WHERE kind = $1 AND id = $2 ORDER BY position',
        [kind, id],
      );
      return rows.map((row) => integerOf(row, 'position'));
    },
    async doDropParts(kind, id) {
      await database.run('DELETE FROM cadre_object_parts WHERE kind = $1 AND id = $2', [kind, id]);
    },
  };
}

async function listObjects(
  database: PostgresDatabase,
  wanted: Parameters<ObjectStore['doListObjects']>[0],
) {
  const { kind, key, prefix, limit, after, oldestFirst = false } = wanted;
  const values: unknown[] = [kind, checkedLimit(limit)];
  const place = (value: string | number) => `$${values.push(value)}`;
  const conditions = ['kind = $1', living(place(Date.now()))];
  if (key !== undefined) conditions.push(`key = ${place(key)}`);
  if (prefix !== undefined)
    conditions.push(`id >= ${place(prefix)} AND id < ${place(`${prefix}\u{10ffff}`)}`);
  if (after !== undefined)
    conditions.push(
      `(created_at, id) ${oldestFirst ? '>' : '<'}
        (SELECT created_at, id FROM cadre_objects WHERE kind = $1 AND id = ${place(after)})`,
    );
  const order = oldestFirst ? 'created_at, id' : 'created_at DESC, id DESC';
  const rows = await database.all(
    `SELECT * FROM cadre_objects WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT $2`,
    values,
  );
  return rows.map(decodeObject);
}
