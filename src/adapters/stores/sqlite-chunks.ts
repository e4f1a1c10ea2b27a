import type { ChunkRow, ChunkStore } from '../../core/stores.ts';
import { decodeChunk, decodeDocument, decodeFoundChunk, noCollection } from './document-codec.ts';
import { textOf } from './row-codec.ts';
import { findCollection, readable, readersText, sqliteCollections } from './sqlite-collections.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { sqliteDocuments } from './sqlite-documents.ts';

/** Documents per read while an index is built; between reads requests get their turn. */
const PAGE_DOCUMENTS = 32;

const COLUMNS = `chunks.id, chunks.document_id, chunks.body, chunks.embedding,
    documents.version, documents.path`;
const CHUNK = `SELECT ${COLUMNS}
  FROM chunks JOIN documents ON documents.collection = chunks.collection
    AND documents.id = chunks.document_id`;

/** In this order of tables: else all chunks of the collection are read, 230 ms of 22,000. */
const FOUND = `SELECT documents.*, chunks.id AS chunk_id, chunks.body AS chunk_body
  FROM json_each(?2) AS wanted
    CROSS JOIN chunks ON chunks.collection = ?1 AND chunks.id = wanted.value
    CROSS JOIN documents ON documents.collection = ?1 AND documents.id = chunks.document_id
    CROSS JOIN collections ON collections.name = ?1
  WHERE ${readable('documents', '?3')} AND ${readable('collections', '?3')}
  ORDER BY wanted.key`;

export function sqliteChunks(database: SqliteDatabase): ChunkStore {
  return {
    ...sqliteCollections(database),
    ...sqliteDocuments(database),
    async doFindChunks(collection, ids, principals) {
      return database
        .all(FOUND, collection, JSON.stringify(ids), readersText(principals))
        .map(decodeFoundChunk);
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
      return database.read(() => readChanges(database, collection, since));
    },
  };
}

function readChanges(database: SqliteDatabase, collection: string, since: number) {
  const row = findCollection(database, collection);
  if (row === undefined) throw noCollection(collection);
  const dropped = database.all(
    `SELECT document_id AS id FROM drops WHERE collection = ?1 AND version > ?2
     UNION SELECT id FROM documents
       WHERE collection = ?1 AND changed > ?2 AND appeared <= ?2 ORDER BY id`,
    collection,
    since,
  );
  const documents = database.all(
    'SELECT * FROM documents WHERE collection = ? AND touched > ? ORDER BY id',
    collection,
    since,
  );
  const chunks = database.all(
    `SELECT ${COLUMNS} FROM documents CROSS JOIN chunks
       ON chunks.collection = documents.collection AND chunks.document_id = documents.id
     WHERE documents.collection = ? AND documents.changed > ?
     ORDER BY chunks.document_id, chunks.position`,
    collection,
    since,
  );
  return {
    version: row.version,
    dropped: dropped.map((one) => textOf(one, 'id')),
    documents: documents.map(decodeDocument),
    chunks: chunks.map(decodeChunk),
  };
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
