import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ObjectRow, ObjectStore } from '../../core/objects.ts';
import { checkedLimit, decodeObject, decodePart, integerOf, textOf } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { UNCLAIMED_MS } from './unclaimed.ts';

/**
 * Parts deleted per transaction: deleting overwrites with zeros, which takes as long as writing, and
 * requests want to go in between.
 */
const DELETE_BATCH = 8;
const PURGE_BATCH = 50;
/** What is read in one turn of the event loop: about a millisecond, whether parts are small or large. */
const TURN_PARTS = 16;
const TURN_BYTES = 512 * 1024;
/** The same of places. */
const TURN_PLACES = 2000;
const LIVING = '(expires_at IS NULL OR expires_at > ?)';

export function sqliteObjects(database: SqliteDatabase): ObjectStore {
  return {
    async doPutObject(row) {
      insert(
        database,
        row,
        `UPDATE SET key = excluded.key, created_at = excluded.created_at,
           expires_at = excluded.expires_at, body = excluded.body`,
      );
    },
    async doAddObject(row) {
      return insert(database, row, 'NOTHING') > 0;
    },
    async doChangeObject({ kind, id, key, createdAt, expiresAt, body }, expected) {
      const changed = database.run(
        `UPDATE objects SET key = ?, created_at = ?, expires_at = ?, body = ?
         WHERE kind = ? AND id = ? AND body = ? AND ${LIVING}`,
        key,
        createdAt,
        expiresAt ?? null,
        JSON.stringify(body),
        kind,
        id,
        JSON.stringify(expected),
        Date.now(),
      );
      return changed > 0;
    },
    async doGetObject(kind, id) {
      const wanted = `SELECT * FROM objects WHERE kind = ? AND id = ? AND ${LIVING}`;
      const row = database.get(wanted, kind, id, Date.now());
      return row && decodeObject(row);
    },
    async doListObjects(wanted) {
      return listObjects(database, wanted);
    },
    async doDeleteObject(kind, id) {
      const found = database.run(
        `DELETE FROM objects WHERE kind = ? AND id = ? AND ${LIVING}`,
        kind,
        id,
        Date.now(),
      );
      const parts = await dropParts(database, kind, id);
      if (found + parts > 0) database.cleanLog();
      return found > 0;
    },
    ...parts(database),
    doPurgeObjects: (now) => purgeObjects(database, now),
  };
}

/** Rows that were written: none where one is there and `otherwise` does nothing. */
function insert(
  database: SqliteDatabase,
  { kind, id, key, createdAt, expiresAt, body }: ObjectRow,
  otherwise: string,
): number {
  return database.run(
    `INSERT INTO objects (kind, id, key, created_at, expires_at, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO ${otherwise}`,
    kind,
    id,
    key,
    createdAt,
    expiresAt ?? null,
    JSON.stringify(body),
  );
}

type Parts = Pick<ObjectStore, 'doPutPart' | 'doReadParts' | 'doListPlaces' | 'doDropParts'>;

function parts(database: SqliteDatabase): Parts {
  return {
    async doPutPart(kind, id, { position, bytes }) {
      database.run(
        `INSERT INTO object_parts (kind, id, position, at, bytes) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kind, id, position) DO UPDATE SET at = excluded.at, bytes = excluded.bytes`,
        kind,
        id,
        position,
        Date.now(),
        bytes,
      );
    },
    async *doReadParts(kind, id) {
      const next = `SELECT position, bytes FROM object_parts
        WHERE kind = ? AND id = ? AND position > ? ORDER BY position LIMIT 1`;
      let [parts, bytes] = [0, 0];
      for (let position = -1; ; ) {
        const row = database.get(next, kind, id, position);
        if (row === undefined) return;
        const part = decodePart(row);
        yield part;
        position = part.position;
        parts += 1;
        bytes += part.bytes.length;
        if (parts < TURN_PARTS && bytes < TURN_BYTES) continue;
        [parts, bytes] = [0, 0];
        await nextTurn();
      }
    },
    async doListPlaces(kind, id) {
      const some = `SELECT position FROM object_parts
        WHERE kind = ? AND id = ? AND position > ? ORDER BY position LIMIT ?`;
      const places: number[] = [];
      for (;;) {
        const rows = database.all(some, kind, id, places.at(-1) ?? -1, TURN_PLACES);
        for (const row of rows) places.push(integerOf(row, 'position'));
        if (rows.length < TURN_PLACES) return places;
        await nextTurn();
      }
    },
    async doDropParts(kind, id) {
      if ((await dropParts(database, kind, id)) > 0) database.cleanLog();
    },
  };
}

function listObjects(
  database: SqliteDatabase,
  wanted: Parameters<ObjectStore['doListObjects']>[0],
) {
  const { kind, key, prefix, limit, after, oldestFirst = false } = wanted;
  const conditions = ['kind = ?', LIVING];
  const values: (string | number)[] = [kind, Date.now()];
  if (key !== undefined) {
    conditions.push('key = ?');
    values.push(key);
  }
  if (prefix !== undefined) {
    conditions.push('id >= ? AND id < ?');
    values.push(prefix, `${prefix}\u{10ffff}`);
  }
  if (after !== undefined) {
    conditions.push(
      `(created_at, id) ${oldestFirst ? '>' : '<'}
        (SELECT created_at, id FROM objects WHERE kind = ? AND id = ?)`,
    );
    values.push(kind, after);
  }
  const order = oldestFirst ? 'created_at, id' : 'created_at DESC, id DESC';
  const rows = database.all(
    `SELECT * FROM objects WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`,
    ...values,
    checkedLimit(limit),
  );
  return rows.map(decodeObject);
}

/** How many there were. */
async function dropParts(database: SqliteDatabase, kind: string, id: string): Promise<number> {
  const some = `DELETE FROM object_parts WHERE rowid IN
    (SELECT rowid FROM object_parts WHERE kind = ? AND id = ? LIMIT ?)`;
  for (let total = 0; ; ) {
    const count = database.run(some, kind, id, DELETE_BATCH);
    if (count === 0) return total;
    total += count;
    await nextTurn();
  }
}

/** The rows go first, so that nobody finds an object whose content is half gone. */
async function purgeObjects(database: SqliteDatabase, now: number): Promise<number> {
  let purged = 0;
  for (;;) {
    const expired = database.all(
      'SELECT kind, id FROM objects WHERE expires_at <= ? LIMIT ?',
      now,
      PURGE_BATCH,
    );
    for (const row of expired) {
      const [kind, id] = [textOf(row, 'kind'), textOf(row, 'id')];
      purged += database.run('DELETE FROM objects WHERE kind = ? AND id = ?', kind, id);
      await dropParts(database, kind, id);
    }
    if (expired.length < PURGE_BATCH) break;
    await nextTurn();
  }
  const unclaimed = database.all(
    `SELECT DISTINCT kind, id FROM object_parts AS part WHERE at < ? AND NOT EXISTS
       (SELECT 1 FROM objects WHERE objects.kind = part.kind AND objects.id = part.id)`,
    now - UNCLAIMED_MS,
  );
  for (const row of unclaimed) await dropParts(database, textOf(row, 'kind'), textOf(row, 'id'));
  if (purged + unclaimed.length > 0) database.cleanLog();
  return purged;
}
