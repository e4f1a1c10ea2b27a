import { EVERYONE } from '../../core/access.ts';
import type { ChunkStore, CollectionRow } from '../../core/stores.ts';
import {
  changedRow,
  decodeCollection,
  decodeDocument,
  encodeCollection,
  noCollection,
} from './document-codec.ts';
import type { PostgresDatabase, Statements } from './postgres-database.ts';
import { integerOf } from './row-codec.ts';

const COLLECTION = `SELECT cadre_collections.*, version
  FROM cadre_collections JOIN cadre_collection_versions USING (name)`;

export function postgresCollections(database: PostgresDatabase) {
  return {
    doPutCollection(row) {
      return database.write(async (statements) => {
        await statements.run(
          'INSERT INTO cadre_collection_versions VALUES ($1, 0) ON CONFLICT DO NOTHING',
          [row.name],
        );
        await lockCollection(statements, row.name);
        return put(statements, row);
      });
    },
    doChangeCollection(name, change) {
      return database.write(async (statements) => {
        await lockCollection(statements, name);
        const stored = await findCollection(statements, name);
        return stored && put(statements, { ...stored, ...change });
      });
    },
    doGetCollection(name) {
      return findCollection(database, name);
    },
    async doListCollections(principals) {
      const rows = await database.all(
        `${COLLECTION} WHERE ${readable('cadre_collections', '$1')} ORDER BY name`,
        [readersOf(principals)],
      );
      return rows.map(decodeCollection);
    },
    doDropCollection(name) {
      return database.write(async (statements) => {
        const version = await raiseVersion(statements, name);
        if (version === undefined) return false;
        await statements.run('DELETE FROM cadre_collections WHERE name = $1', [name]);
        await statements.run(
          `INSERT INTO cadre_drops SELECT collection, id, $2 FROM cadre_documents
           WHERE collection = $1
           ON CONFLICT (collection, document_id) DO UPDATE SET version = excluded.version`,
          [name, version],
        );
        await statements.run('DELETE FROM cadre_sayings WHERE collection = $1', [name]);
        await statements.run("DELETE FROM cadre_objects WHERE kind = 'usual' AND id = $1", [name]);
        await statements.run('DELETE FROM cadre_chunks WHERE collection = $1', [name]);
        await statements.run('DELETE FROM cadre_documents WHERE collection = $1', [name]);
        return true;
      });
    },
  } satisfies Partial<ChunkStore>;
}

async function put(
  statements: Statements,
  row: Omit<CollectionRow, 'version'>,
): Promise<CollectionRow> {
  await statements.run(
    `INSERT INTO cadre_collections (name, sources, watched, principals, embedder, body)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (name) DO UPDATE SET sources = excluded.sources, watched = excluded.watched,
       principals = excluded.principals, embedder = excluded.embedder, body = excluded.body`,
    [
      row.name,
      JSON.stringify(row.sources),
      row.watched,
      JSON.stringify(row.principals),
      row.embedder,
      encodeCollection(row),
    ],
  );
  const stored = await findCollection(statements, row.name);
  if (stored === undefined) throw noCollection(row.name);
  return followRules(statements, stored);
}

/**
 * True for rows of `table` that one of the readers in the parameter may read; null = all. A name is
 * compared as its JSON text (see row-codec.ts): escapes make hostile ones equal only so.
 */
export function readable(table: string, parameter: string): string {
  return `(${parameter}::text[] IS NULL OR EXISTS (
    SELECT 1 FROM json_array_elements(${table}.principals::json) AS reader
    WHERE reader::text = ANY(${parameter}::text[])))`;
}

export function readersOf(principals: readonly string[] | undefined): readonly string[] | null {
  return principals === undefined
    ? null
    : [...principals, EVERYONE].map((one) => JSON.stringify(one));
}

export async function findCollection(
  statements: Pick<Statements, 'get'>,
  name: string,
): Promise<CollectionRow | undefined> {
  const row = await statements.get(`${COLLECTION} WHERE name = $1`, [name]);
  return row && decodeCollection(row);
}

/** The version's row is locked first, everywhere, so that two writers cannot deadlock. */
export async function lockCollection(statements: Statements, name: string): Promise<void> {
  const find = 'SELECT name FROM cadre_collection_versions WHERE name = $1 FOR UPDATE';
  await statements.get(find, [name]);
}

/**
 * The collection's next version; its row stays locked until the end of the transaction. Whether the
 * collection still exists is asked after the lock, in a statement of its own that sees what the
 * transaction before it did. Undefined = there is no such collection.
 */
export async function raiseVersion(
  statements: Statements,
  collection: string,
): Promise<number | undefined> {
  const row = await statements.get(
    'UPDATE cadre_collection_versions SET version = version + 1 WHERE name = $1 RETURNING version',
    [collection],
  );
  const find = 'SELECT name FROM cadre_collections WHERE name = $1';
  if (row === undefined || (await statements.get(find, [collection])) === undefined)
    return undefined;
  return integerOf(row, 'version');
}

export async function raisedVersion(statements: Statements, collection: string): Promise<number> {
  const version = await raiseVersion(statements, collection);
  if (version === undefined) throw noCollection(collection);
  return version;
}

/** Works out the readers of all documents anew; the collection is locked. */
async function followRules(
  statements: Statements,
  collection: CollectionRow,
): Promise<CollectionRow> {
  const { name } = collection;
  const rows = await statements.all('SELECT * FROM cadre_documents WHERE collection = $1', [name]);
  const changed = rows.map(decodeDocument).flatMap((stored) => {
    const readers = JSON.stringify(changedRow(collection, stored, {}).principals);
    return readers === JSON.stringify(stored.principals) ? [] : [{ id: stored.id, readers }];
  });
  if (changed.length === 0) return collection;
  const version = await raisedVersion(statements, name);
  await statements.run(
    `UPDATE cadre_documents AS document SET principals = changed.readers, touched = $4
     FROM unnest($2::text[], $3::text[]) AS changed (id, readers)
     WHERE document.collection = $1 AND document.id = changed.id`,
    [name, changed.map((one) => one.id), changed.map((one) => one.readers), version],
  );
  return { ...collection, version };
}
