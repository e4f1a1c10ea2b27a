import type { ChunkStore } from '../../core/stores.ts';
import { decodeChunk, decodeDocument, decodeFoundChunk, noCollection } from './document-codec.ts';
import {
  findCollection,
  postgresCollections,
  readable,
  readersOf,
} from './postgres-collections.ts';
import type { PostgresDatabase, Statements } from './postgres-database.ts';
import { postgresDocuments } from './postgres-documents.ts';
import { textOf } from './row-codec.ts';

/** Documents per read while an index is built. */
const PAGE_DOCUMENTS = 32;

const CHUNK = `SELECT chunk.id, chunk.document_id, chunk.body, chunk.embedding,
    document.version, document.path
  FROM cadre_chunks AS chunk JOIN cadre_documents AS document
    ON document.collection = chunk.collection AND document.id = chunk.document_id`;

const FOUND = `SELECT document.*, chunk.id AS chunk_id, chunk.body AS chunk_body
  FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, place)
    JOIN cadre_chunks AS chunk ON chunk.collection = $1 AND chunk.id = wanted.id
    JOIN cadre_documents AS document
      ON document.collection = $1 AND document.id = chunk.document_id
    JOIN cadre_collections AS collection ON collection.name = $1
  WHERE ${readable('document', '$3')} AND ${readable('collection', '$3')}
  ORDER BY wanted.place`;

export function postgresChunks(database: PostgresDatabase): ChunkStore {
  return {
    ...postgresCollections(database),
    ...postgresDocuments(database),
    async doFindChunks(collection, ids, principals) {
      const rows = await database.all(FOUND, [collection, ids, readersOf(principals)]);
      return rows.map(decodeFoundChunk);
    },
    /**
     * Every document is read whole; a document that is swapped meanwhile comes in its new state.
     * Read the collection's version first and doReadChanges from it afterwards to be exact.
     */
    async *doReadChunks(collection) {
      let last = '';
      for (;;) {
        const ids = await database.all(
          'SELECT id FROM cadre_documents WHERE collection = $1 AND id > $2 ORDER BY id LIMIT $3',
          [collection, last, PAGE_DOCUMENTS],
        );
        const end = ids.at(-1);
        if (end === undefined) return;
        const rows = await database.all(
          `${CHUNK} WHERE chunk.collection = $1 AND chunk.document_id > $2 AND chunk.document_id <= $3
           ORDER BY chunk.document_id, chunk.position`,
          [collection, last, textOf(end, 'id')],
        );
        for (const row of rows) yield decodeChunk(row);
        last = textOf(end, 'id');
      }
    },
    async doReadDocument(collection, id) {
      const rows = await database.all(
        `${CHUNK} WHERE chunk.collection = $1 AND chunk.document_id = $2 ORDER BY chunk.position`,
        [collection, id],
      );
      return rows.map(decodeChunk);
    },
    doReadChanges(collection, since) {
      return database.read((statements) => readChanges(statements, collection, since));
    },
  };
}

async function readChanges(statements: Statements, collection: string, since: number) {
  const row = await findCollection(statements, collection);
  if (row === undefined) throw noCollection(collection);
  const dropped = await statements.all(
    `SELECT document_id AS id FROM cadre_drops WHERE collection = $1 AND version > $2
     UNION SELECT id FROM cadre_documents
       WHERE collection = $1 AND changed > $2 AND appeared <= $2 ORDER BY id`,
    [collection, since],
  );
  const documents = await statements.all(
    'SELECT * FROM cadre_documents WHERE collection = $1 AND touched > $2 ORDER BY id',
    [collection, since],
  );
  const chunks = await statements.all(
    `${CHUNK} WHERE document.collection = $1 AND document.changed > $2
     ORDER BY chunk.document_id, chunk.position`,
    [collection, since],
  );
  return {
    version: row.version,
    dropped: dropped.map((one) => textOf(one, 'id')),
    documents: documents.map(decodeDocument),
    chunks: chunks.map(decodeChunk),
  };
}
