import type { ChunkRow, ChunkStore, DocumentRow } from '../../core/stores.ts';
import type { PostgresDatabase, Statements } from './postgres-database.ts';
import {
  bytesOf,
  checkChunks,
  decodeChunk,
  decodeCollection,
  decodeDocument,
  encodeChunk,
  encodeDocument,
  integerOf,
  jsonOf,
  noCollection,
  noDocument,
  olderVersion,
  textOf,
} from './row-codec.ts';

/** Documents per read while an index is built. */
const PAGE_DOCUMENTS = 32;
/** Chunks per INSERT; 500 with embeddings of 384 dimensions are about 2 MB. */
const CHUNK_BATCH = 500;

const COLLECTION = `SELECT name, folder, watched, principals, embedder, version
  FROM cadre_collections JOIN cadre_collection_versions USING (name)`;
const CHUNK = `SELECT chunk.id, chunk.document_id, chunk.body, chunk.embedding,
    document.version, document.path
  FROM cadre_chunks AS chunk JOIN cadre_documents AS document
    ON document.collection = chunk.collection AND document.id = chunk.document_id`;

export function postgresChunks(database: PostgresDatabase): ChunkStore {
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
      return database.read(async (statements) => {
        const row = await statements.get(`${COLLECTION} WHERE name = $1`, [collection]);
        if (row === undefined) throw noCollection(collection);
        const dropped = await statements.all(
          `SELECT document_id AS id FROM cadre_drops WHERE collection = $1 AND version > $2
           UNION SELECT id FROM cadre_documents
             WHERE collection = $1 AND changed > $2 AND appeared <= $2 ORDER BY id`,
          [collection, since],
        );
        const chunks = await statements.all(
          `${CHUNK} WHERE document.collection = $1 AND document.changed > $2
           ORDER BY chunk.document_id, chunk.position`,
          [collection, since],
        );
        return {
          version: integerOf(row, 'version'),
          dropped: dropped.map((one) => textOf(one, 'id')),
          chunks: chunks.map(decodeChunk),
        };
      });
    },
  };
}

function collectionMethods(database: PostgresDatabase) {
  return {
    doPutCollection(row) {
      return database.write(async (statements) => {
        await statements.run(
          'INSERT INTO cadre_collection_versions VALUES ($1, 0) ON CONFLICT DO NOTHING',
          [row.name],
        );
        await statements.run(
          `INSERT INTO cadre_collections (name, folder, watched, principals, embedder)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (name) DO UPDATE SET folder = excluded.folder, watched = excluded.watched,
             principals = excluded.principals, embedder = excluded.embedder`,
          [
            row.name,
            JSON.stringify(row.folder),
            row.watched,
            JSON.stringify(row.principals),
            row.embedder,
          ],
        );
        const stored = await statements.get(`${COLLECTION} WHERE name = $1`, [row.name]);
        if (stored === undefined) throw noCollection(row.name);
        return decodeCollection(stored);
      });
    },
    async doGetCollection(name) {
      const row = await database.get(`${COLLECTION} WHERE name = $1`, [name]);
      return row && decodeCollection(row);
    },
    async doListCollections(principals) {
      // The readers are JSON text (see row-codec.ts); escapes make them equal only after decoding.
      const rows = await database.all(`${COLLECTION} ORDER BY name`);
      const readers = principals && new Set([...principals, 'public']);
      return rows
        .filter(
          (row) => !readers || jsonOf<string[]>(row, 'principals').some((one) => readers.has(one)),
        )
        .map(decodeCollection);
    },
    doDropCollection(name) {
      return database.write(async (statements) => {
        const version = await raise(statements, name);
        if (version === undefined) return false;
        await statements.run('DELETE FROM cadre_collections WHERE name = $1', [name]);
        await statements.run(
          `INSERT INTO cadre_drops SELECT collection, id, $2 FROM cadre_documents
           WHERE collection = $1
           ON CONFLICT (collection, document_id) DO UPDATE SET version = excluded.version`,
          [name, version],
        );
        await statements.run('DELETE FROM cadre_chunks WHERE collection = $1', [name]);
        await statements.run('DELETE FROM cadre_documents WHERE collection = $1', [name]);
        return true;
      });
    },
  } satisfies Partial<ChunkStore>;
}

function documentMethods(database: PostgresDatabase) {
  return {
    async doListDocuments(collection) {
      const rows = await database.all(
        'SELECT * FROM cadre_documents WHERE collection = $1 ORDER BY id',
        [collection],
      );
      return rows.map(decodeDocument);
    },
    async doSwapDocument(document, chunks) {
      checkChunks(document, chunks);
      await database.write(async (statements) => {
        await putDocument(statements, document);
        await replaceChunks(statements, document.collection, document.id, chunks);
      });
    },
    async doMoveDocument(collection, id, path, modifiedAt) {
      await database.write(async (statements) => {
        const version = await raised(statements, collection);
        const row = await statements.get(
          'SELECT * FROM cadre_documents WHERE collection = $1 AND id = $2',
          [collection, id],
        );
        if (row === undefined) throw noDocument(collection, id);
        await statements.run(
          `UPDATE cadre_documents SET path = $3, body = $4, changed = $5
           WHERE collection = $1 AND id = $2`,
          [
            collection,
            id,
            JSON.stringify(path),
            encodeDocument({ ...decodeDocument(row), modifiedAt }),
            version,
          ],
        );
      });
    },
    async doDropDocument(collection, id) {
      await database.write(async (statements) => {
        // The version's row is locked first, as everywhere, so that two writers cannot deadlock.
        const find = 'SELECT name FROM cadre_collection_versions WHERE name = $1 FOR UPDATE';
        await statements.get(find, [collection]);
        const gone = 'DELETE FROM cadre_documents WHERE collection = $1 AND id = $2';
        if ((await statements.run(gone, [collection, id])) === 0) return;
        await statements.run(
          'DELETE FROM cadre_chunks WHERE collection = $1 AND document_id = $2',
          [collection, id],
        );
        const version = await raised(statements, collection);
        await statements.run(
          `INSERT INTO cadre_drops VALUES ($1, $2, $3)
           ON CONFLICT (collection, document_id) DO UPDATE SET version = excluded.version`,
          [collection, id, version],
        );
      });
    },
  } satisfies Partial<ChunkStore>;
}

/** Throws when the store holds a newer version of the document. */
async function putDocument(statements: Statements, document: DocumentRow): Promise<void> {
  const { collection, id } = document;
  const version = await raised(statements, collection);
  const stored = await statements.get(
    'SELECT version FROM cadre_documents WHERE collection = $1 AND id = $2',
    [collection, id],
  );
  if (stored !== undefined && integerOf(stored, 'version') > document.version)
    throw olderVersion(document, integerOf(stored, 'version'));
  await statements.run(
    `INSERT INTO cadre_documents (collection, id, version, path, body, appeared, changed)
     VALUES ($1, $2, $3, $4, $5, $6, $6)
     ON CONFLICT (collection, id) DO UPDATE SET version = excluded.version,
       path = excluded.path, body = excluded.body, changed = excluded.changed`,
    [
      collection,
      id,
      document.version,
      JSON.stringify(document.path),
      encodeDocument(document),
      version,
    ],
  );
}

async function replaceChunks(
  statements: Statements,
  collection: string,
  id: string,
  chunks: readonly ChunkRow[],
): Promise<void> {
  await statements.run('DELETE FROM cadre_chunks WHERE collection = $1 AND document_id = $2', [
    collection,
    id,
  ]);
  for (let start = 0; start < chunks.length; start += CHUNK_BATCH) {
    const batch = chunks.slice(start, start + CHUNK_BATCH);
    await statements.run(
      `INSERT INTO cadre_chunks (collection, document_id, position, id, body, embedding)
       SELECT $1, $2, position, id, body, embedding
       FROM unnest($3::int[], $4::text[], $5::text[], $6::bytea[])
         AS chunk (position, id, body, embedding)`,
      [
        collection,
        id,
        batch.map((_, index) => start + index),
        batch.map((chunk) => chunk.id),
        batch.map(encodeChunk),
        batch.map(({ embedding }) => (embedding ? Buffer.from(bytesOf(embedding)) : null)),
      ],
    );
  }
}

/**
 * The collection's next version; its row stays locked until the end of the transaction. Whether the
 * collection still exists is asked after the lock, in a statement of its own that sees what the
 * transaction before it did. Undefined = there is no such collection.
 */
async function raise(statements: Statements, collection: string): Promise<number | undefined> {
  const row = await statements.get(
    'UPDATE cadre_collection_versions SET version = version + 1 WHERE name = $1 RETURNING version',
    [collection],
  );
  const find = 'SELECT name FROM cadre_collections WHERE name = $1';
  if (row === undefined || (await statements.get(find, [collection])) === undefined)
    return undefined;
  return integerOf(row, 'version');
}

async function raised(statements: Statements, collection: string): Promise<number> {
  const version = await raise(statements, collection);
  if (version === undefined) throw noCollection(collection);
  return version;
}
