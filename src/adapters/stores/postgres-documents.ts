import type { ChunkRow, ChunkStore, DocumentDraft, DocumentRow } from '../../core/stores.ts';
import {
  bytesOf,
  changedRow,
  checkChunks,
  decodeDocument,
  draftedRow,
  encodeChunk,
  encodeDocument,
  noCollection,
  noDocument,
  olderVersion,
  overrideText,
  rowText,
} from './document-codec.ts';
import {
  findCollection,
  lockCollection,
  raisedVersion,
  readable,
  readersOf,
} from './postgres-collections.ts';
import type { PostgresDatabase, Statements } from './postgres-database.ts';
import { jsonOf, textOf } from './row-codec.ts';

/** Chunks per INSERT; 500 with embeddings of 384 dimensions are about 2 MB. */
const CHUNK_BATCH = 500;

export function postgresDocuments(database: PostgresDatabase) {
  return {
    async doListDocuments(collection, principals) {
      const rows = await database.all(
        `SELECT * FROM cadre_documents
         WHERE collection = $1 AND ${readable('cadre_documents', '$2')} ORDER BY id`,
        [collection, readersOf(principals)],
      );
      return rows.map(decodeDocument);
    },
    async doFindDocuments(collection, ids, principals) {
      const rows = await database.all(
        `SELECT * FROM cadre_documents WHERE collection = $1
           AND ${readable('cadre_documents', '$2')} AND id = ANY($3::text[]) ORDER BY id`,
        [collection, readersOf(principals), ids],
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
    doChangeDocument(collection, id, change) {
      return database.write(async (statements) => {
        await lockCollection(statements, collection);
        const owner = await findCollection(statements, collection);
        if (owner === undefined) throw noCollection(collection);
        const stored = await find(statements, collection, id);
        if (stored === undefined) throw noDocument(collection, id);
        const changed = changedRow(owner, stored, change);
        if (rowText(changed) === rowText(stored)) return stored;
        await statements.run(
          `UPDATE cadre_documents SET path = $3, body = $4, principals = $5, override = $6,
             touched = $7
           WHERE collection = $1 AND id = $2`,
          [
            collection,
            id,
            JSON.stringify(changed.path),
            encodeDocument(changed),
            JSON.stringify(changed.principals),
            overrideText(changed),
            await raisedVersion(statements, collection),
          ],
        );
        return changed;
      });
    },
    async doDropDocument(collection, id) {
      await database.write((statements) => dropDocument(statements, collection, id));
    },
  } satisfies Partial<ChunkStore>;
}

async function find(
  statements: Statements,
  collection: string,
  id: string,
): Promise<DocumentRow | undefined> {
  const row = await statements.get(
    'SELECT * FROM cadre_documents WHERE collection = $1 AND id = $2',
    [collection, id],
  );
  return row && decodeDocument(row);
}

async function dropDocument(statements: Statements, collection: string, id: string): Promise<void> {
  await lockCollection(statements, collection);
  await keepSaying(statements, collection, id);
  const gone = 'DELETE FROM cadre_documents WHERE collection = $1 AND id = $2';
  if ((await statements.run(gone, [collection, id])) === 0) return;
  await statements.run('DELETE FROM cadre_chunks WHERE collection = $1 AND document_id = $2', [
    collection,
    id,
  ]);
  await statements.run(
    `INSERT INTO cadre_drops VALUES ($1, $2, $3)
     ON CONFLICT (collection, document_id) DO UPDATE SET version = excluded.version`,
    [collection, id, await raisedVersion(statements, collection)],
  );
}

async function keepSaying(statements: Statements, collection: string, id: string): Promise<void> {
  await statements.run(
    `INSERT INTO cadre_sayings (collection, document_id, path, hash, override)
     SELECT collection, id, path, (body::json)->>'hash', override FROM cadre_documents
     WHERE collection = $1 AND id = $2 AND override IS NOT NULL
     ON CONFLICT (collection, document_id) DO UPDATE
       SET path = excluded.path, hash = excluded.hash, override = excluded.override`,
    [collection, id],
  );
}

/** What was said of a document that went from this place, or that had these bytes. */
async function takeSaying(
  statements: Statements,
  { collection, path, hash }: DocumentDraft,
): Promise<DocumentRow['override']> {
  const row = await statements.get(
    `SELECT document_id, override FROM cadre_sayings
     WHERE collection = $1 AND (path = $2 OR (hash = $3 AND hash <> ''))
     ORDER BY path = $2 DESC, document_id LIMIT 1`,
    [collection, JSON.stringify(path), hash],
  );
  if (row === undefined) return sayingOfCopy(statements, collection, hash);
  await statements.run('DELETE FROM cadre_sayings WHERE collection = $1 AND document_id = $2', [
    collection,
    textOf(row, 'document_id'),
  ]);
  return jsonOf<NonNullable<DocumentRow['override']>>(row, 'override');
}

/** What was said of a document with the same bytes: a listing may see a file at both ends of its move. */
async function sayingOfCopy(
  statements: Statements,
  collection: string,
  hash: string,
): Promise<DocumentRow['override']> {
  const row = await statements.get(
    `SELECT override FROM cadre_documents WHERE collection = $1 AND override IS NOT NULL
       AND $2 <> '' AND (body::json)->>'hash' = $2 ORDER BY id LIMIT 1`,
    [collection, hash],
  );
  return row && jsonOf<NonNullable<DocumentRow['override']>>(row, 'override');
}

/** Throws when the store holds a newer version of the document. */
async function putDocument(statements: Statements, document: DocumentDraft): Promise<void> {
  const { collection, id } = document;
  await lockCollection(statements, collection);
  const owner = await findCollection(statements, collection);
  if (owner === undefined) throw noCollection(collection);
  const stored = await find(statements, collection, id);
  if (stored !== undefined && stored.version > document.version)
    throw olderVersion(document, stored.version);
  const override = stored === undefined ? await takeSaying(statements, document) : stored.override;
  const row = draftedRow(owner, document, override);
  await statements.run(
    `INSERT INTO cadre_documents
       (collection, id, version, path, body, principals, override, appeared, changed, touched)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)
     ON CONFLICT (collection, id) DO UPDATE SET version = excluded.version, path = excluded.path,
       body = excluded.body, principals = excluded.principals, changed = excluded.changed,
       touched = excluded.touched`,
    [
      collection,
      id,
      document.version,
      JSON.stringify(document.path),
      encodeDocument(document),
      JSON.stringify(row.principals),
      overrideText(row),
      await raisedVersion(statements, collection),
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
