import type { ChunkRow, ChunkStore, DocumentRow } from '../../core/stores.ts';
import {
  bytesOf,
  checkChunks,
  decodeChunk,
  decodeCollection,
  decodeDocument,
  encodeChunk,
  encodeDocument,
  integerOf,
  noCollection,
  noDocument,
  olderVersion,
  textOf,
} from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Documents per read while an index is built; between reads requests get their turn. */
const PAGE_DOCUMENTS = 32;

const COLLECTION = `SELECT name, folder, watched, principals, embedder, version
  FROM collections JOIN collection_versions USING (name)`;
const CHUNK = `SELECT chunks.id, chunks.document_id, chunks.body, chunks.embedding,
    documents.version, documents.path
  FROM chunks JOIN documents ON documents.collection = chunks.collection
    AND documents.id = chunks.document_id`;

export function sqliteChunks(database: SqliteDatabase): ChunkStore {
  return {
    ...collectionMethods(database),
    ...documentMethods(database),
    /**
     * Every document is read whole; a document that is swapped meanwhile comes in its new state.
     * Read the collection's version first and doReadChanges from it afterwards to be exact.
     */
    async *doReadChunks(collection) {
      let last = '';
      for (;;) {
        const ids = database
          .all(
            'SELECT id FROM documents WHERE collection = ? AND id > ? ORDER BY id LIMIT ?',
            collection,
            last,
            PAGE_DOCUMENTS,
          )
          .map((row) => textOf(row, 'id'));
        const end = ids.at(-1);
        if (end === undefined) return;
        yield* chunksBetween(database, collection, last, end);
        last = end;
        await new Promise(setImmediate);
      }
    },
    async doReadChanges(collection, since) {
      return database.read(() => {
        const version = versionOf(database, collection);
        const dropped = database.all(
          `SELECT document_id AS id FROM drops WHERE collection = ?1 AND version > ?2
           UNION SELECT id FROM documents
             WHERE collection = ?1 AND changed > ?2 AND appeared <= ?2 ORDER BY id`,
          collection,
          since,
        );
        const chunks = database.all(
          `${CHUNK} WHERE documents.collection = ? AND documents.changed > ?
           ORDER BY chunks.document_id, chunks.position`,
          collection,
          since,
        );
        return {
          version,
          dropped: dropped.map((row) => textOf(row, 'id')),
          chunks: chunks.map(decodeChunk),
        };
      });
    },
  };
}

function collectionMethods(database: SqliteDatabase) {
  const find = (name: string) => {
    const row = database.get(`${COLLECTION} WHERE name = ?`, name);
    return row && decodeCollection(row);
  };
  return {
    async doPutCollection(row) {
      return database.write(() => {
        database.run('INSERT OR IGNORE INTO collection_versions VALUES (?, 0)', row.name);
        database.run(
          `INSERT INTO collections (name, folder, watched, principals, embedder)
           VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET folder = excluded.folder, watched = excluded.watched,
             principals = excluded.principals, embedder = excluded.embedder`,
          row.name,
          JSON.stringify(row.folder),
          row.watched ? 1 : 0,
          JSON.stringify(row.principals),
          row.embedder,
        );
        const stored = find(row.name);
        if (stored === undefined) throw noCollection(row.name);
        return stored;
      });
    },
    async doGetCollection(name) {
      return find(name);
    },
    async doListCollections(principals) {
      if (principals === undefined)
        return database.all(`${COLLECTION} ORDER BY name`).map(decodeCollection);
      const readable = `WHERE EXISTS (SELECT 1 FROM json_each(principals) AS reader
        WHERE reader.value IN (SELECT value FROM json_each(?)))`;
      return database
        .all(`${COLLECTION} ${readable} ORDER BY name`, JSON.stringify([...principals, 'public']))
        .map(decodeCollection);
    },
    async doDropCollection(name) {
      return database.write(() => {
        if (find(name) === undefined) return false;
        const version = raise(database, name);
        database.run('DELETE FROM collections WHERE name = ?', name);
        database.run(
          `INSERT OR REPLACE INTO drops
           SELECT collection, id, ? FROM documents WHERE collection = ?`,
          version,
          name,
        );
        database.run('DELETE FROM chunks WHERE collection = ?', name);
        database.run('DELETE FROM documents WHERE collection = ?', name);
        return true;
      });
    },
  } satisfies Partial<ChunkStore>;
}

function documentMethods(database: SqliteDatabase) {
  return {
    async doListDocuments(collection) {
      const rows = database.all(
        'SELECT * FROM documents WHERE collection = ? ORDER BY id',
        collection,
      );
      return rows.map(decodeDocument);
    },
    async doReadDocument(collection, id) {
      return database
        .all(
          `${CHUNK} WHERE chunks.collection = ? AND chunks.document_id = ?
           ORDER BY chunks.position`,
          collection,
          id,
        )
        .map(decodeChunk);
    },
    async doSwapDocument(document, chunks) {
      checkChunks(document, chunks);
      database.write(() => {
        putDocument(database, document);
        replaceChunks(database, document.collection, document.id, chunks);
      });
    },
    async doMoveDocument(collection, id, path, modifiedAt) {
      database.write(() => {
        const version = raise(database, collection);
        const moved = database.run(
          `UPDATE documents SET path = ?, body = json_set(body, '$.modifiedAt', ?), changed = ?
           WHERE collection = ? AND id = ?`,
          JSON.stringify(path),
          modifiedAt,
          version,
          collection,
          id,
        );
        if (moved === 0) throw noDocument(collection, id);
      });
    },
    async doDropDocument(collection, id) {
      database.write(() => {
        const gone = 'DELETE FROM documents WHERE collection = ? AND id = ?';
        if (database.run(gone, collection, id) === 0) return;
        database.run('DELETE FROM chunks WHERE collection = ? AND document_id = ?', collection, id);
        const version = raise(database, collection);
        database.run('INSERT OR REPLACE INTO drops VALUES (?, ?, ?)', collection, id, version);
      });
    },
  } satisfies Partial<ChunkStore>;
}

/** Throws when the store holds a newer version of the document. */
function putDocument(database: SqliteDatabase, document: DocumentRow): void {
  const { collection, id } = document;
  const version = raise(database, collection);
  const stored = database.get(
    'SELECT version FROM documents WHERE collection = ? AND id = ?',
    collection,
    id,
  );
  if (stored !== undefined && integerOf(stored, 'version') > document.version)
    throw olderVersion(document, integerOf(stored, 'version'));
  database.run(
    `INSERT INTO documents (collection, id, version, path, body, appeared, changed)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
     ON CONFLICT (collection, id) DO UPDATE SET version = excluded.version,
       path = excluded.path, body = excluded.body, changed = excluded.changed`,
    collection,
    id,
    document.version,
    JSON.stringify(document.path),
    encodeDocument(document),
    version,
  );
}

function replaceChunks(
  database: SqliteDatabase,
  collection: string,
  id: string,
  chunks: readonly ChunkRow[],
): void {
  database.run('DELETE FROM chunks WHERE collection = ? AND document_id = ?', collection, id);
  for (const [position, chunk] of chunks.entries())
    database.run(
      `INSERT INTO chunks (collection, document_id, position, id, body, embedding)
       VALUES (?, ?, ?, ?, ?, ?)`,
      collection,
      id,
      position,
      chunk.id,
      encodeChunk(chunk),
      chunk.embedding === undefined ? null : bytesOf(chunk.embedding),
    );
}

function chunksBetween(
  database: SqliteDatabase,
  collection: string,
  after: string,
  end: string,
): readonly ChunkRow[] {
  return database
    .all(
      `${CHUNK} WHERE chunks.collection = ? AND chunks.document_id > ? AND chunks.document_id <= ?
       ORDER BY chunks.document_id, chunks.position`,
      collection,
      after,
      end,
    )
    .map(decodeChunk);
}

function versionOf(database: SqliteDatabase, collection: string): number {
  const row = database.get(`${COLLECTION} WHERE name = ?`, collection);
  if (row === undefined) throw noCollection(collection);
  return integerOf(row, 'version');
}

/** The collection's next version. */
function raise(database: SqliteDatabase, collection: string): number {
  const row = database.get(
    `UPDATE collection_versions SET version = version + 1
     WHERE name = (SELECT name FROM collections WHERE name = ?) RETURNING version`,
    collection,
  );
  if (row === undefined) throw noCollection(collection);
  return integerOf(row, 'version');
}
