import { EVERYONE } from '../../core/access.ts';
import type { ChunkStore, CollectionRow } from '../../core/stores.ts';
import {
  changedRow,
  decodeCollection,
  decodeDocument,
  encodeCollection,
  noCollection,
} from './document-codec.ts';
import { integerOf } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const COLLECTION = `SELECT collections.*, version
  FROM collections JOIN collection_versions USING (name)`;

export function sqliteCollections(database: SqliteDatabase) {
  const put = (row: Omit<CollectionRow, 'version'>): CollectionRow => {
    database.run('INSERT OR IGNORE INTO collection_versions VALUES (?, 0)', row.name);
    database.run(
      `INSERT INTO collections (name, sources, watched, principals, embedder, body)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET sources = excluded.sources, watched = excluded.watched,
         principals = excluded.principals, embedder = excluded.embedder, body = excluded.body`,
      row.name,
      JSON.stringify(row.sources),
      row.watched ? 1 : 0,
      JSON.stringify(row.principals),
      row.embedder,
      encodeCollection(row),
    );
    const stored = findCollection(database, row.name);
    if (stored === undefined) throw noCollection(row.name);
    return followRules(database, stored);
  };
  return {
    async doPutCollection(row) {
      return database.write(() => put(row));
    },
    async doChangeCollection(name, change) {
      return database.write(() => {
        const stored = findCollection(database, name);
        return stored && put({ ...stored, ...change });
      });
    },
    async doGetCollection(name) {
      return findCollection(database, name);
    },
    async doListCollections(principals) {
      if (principals === undefined)
        return database.all(`${COLLECTION} ORDER BY name`).map(decodeCollection);
      return database
        .all(
          `${COLLECTION} WHERE ${readable('collections', '?1')} ORDER BY name`,
          readersText(principals),
        )
        .map(decodeCollection);
    },
    async doDropCollection(name) {
      return database.write(() => dropCollection(database, name));
    },
  } satisfies Partial<ChunkStore>;
}

function dropCollection(database: SqliteDatabase, name: string): boolean {
  if (findCollection(database, name) === undefined) return false;
  const version = raiseVersion(database, name);
  database.run('DELETE FROM collections WHERE name = ?', name);
  database.run(
    `INSERT OR REPLACE INTO drops
     SELECT collection, id, ? FROM documents WHERE collection = ?`,
    version,
    name,
  );
  database.run('DELETE FROM sayings WHERE collection = ?', name);
  database.run("DELETE FROM objects WHERE kind = 'usual' AND id = ?", name);
  database.run('DELETE FROM chunks WHERE collection = ?', name);
  database.run('DELETE FROM documents WHERE collection = ?', name);
  return true;
}

/** True for rows of `table` that one of the readers (JSON text in the parameter, null = all) may read. */
export function readable(table: string, parameter: string): string {
  return `(${parameter} IS NULL OR EXISTS (SELECT 1 FROM json_each(${table}.principals) AS reader
    WHERE reader.value IN (SELECT value FROM json_each(${parameter}))))`;
}

export function readersText(principals: readonly string[] | undefined): string | null {
  return principals === undefined ? null : JSON.stringify([...principals, EVERYONE]);
}

export function findCollection(database: SqliteDatabase, name: string): CollectionRow | undefined {
  const row = database.get(`${COLLECTION} WHERE name = ?`, name);
  return row && decodeCollection(row);
}

/** The collection's next version. */
export function raiseVersion(database: SqliteDatabase, collection: string): number {
  const row = database.get(
    `UPDATE collection_versions SET version = version + 1
     WHERE name = (SELECT name FROM collections WHERE name = ?) RETURNING version`,
    collection,
  );
  if (row === undefined) throw noCollection(collection);
  return integerOf(row, 'version');
}

/** Works out the readers of all documents anew; part of a write. */
function followRules(database: SqliteDatabase, collection: CollectionRow): CollectionRow {
  const { name } = collection;
  const changed = database
    .all('SELECT * FROM documents WHERE collection = ? ORDER BY id', name)
    .map(decodeDocument)
    .flatMap((stored) => {
      const readers = JSON.stringify(changedRow(collection, stored, {}).principals);
      return readers === JSON.stringify(stored.principals) ? [] : [{ id: stored.id, readers }];
    });
  if (changed.length === 0) return collection;
  const version = raiseVersion(database, name);
  for (const { id, readers } of changed)
    database.run(
      'UPDATE documents SET principals = ?, touched = ? WHERE collection = ? AND id = ?',
      readers,
      version,
      name,
      id,
    );
  return { ...collection, version };
}
