import type { DocumentGrant } from '../../core/access.ts';
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
import { decodeSaying, inheritedSaying } from './kept-sayings.ts';
import {
  findCollection,
  lockCollection,
  raisedVersion,
  readable,
  readersOf,
} from './postgres-collections.ts';
import type { PostgresDatabase, Statements } from './postgres-database.ts';
import { jsonOf } from './row-codec.ts';

/** Chunks per INSERT; 500 with embeddings of 384 dimensions are about 2 MB. */
const CHUNK_BATCH = 500;

const DROPPED = 'SELECT 1 FROM cadre_drops WHERE collection = $1 AND document_id = $2';

export function postgresDocuments(database: PostgresDatabase) {
  return {
    async doListDocuments(collection, principals, { limit, after = '' } = {}) {
      const rows = await database.all(
        `SELECT * FROM cadre_documents
         WHERE collection = $1 AND ${readable('cadre_documents', '$2')} AND id > $3
         ORDER BY id LIMIT $4`,
        [collection, readersOf(principals), after, limit ?? null],
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
    async doWasDropped(collection, id) {
      return (await database.get(DROPPED, [collection, id])) !== undefined;
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

/** What counts as said by hand of a document that is about to be written. */
async function sayingFor(
  statements: Statements,
  { collection, id, path, hash }: DocumentDraft,
  stored: DocumentRow | undefined,
): Promise<DocumentRow['override']> {
  // The closed document may have been moved over this one.
  if (stored !== undefined && stored.hash === hash) return stored.override;
  const gone = await statements.all(
    `SELECT document_id, path, hash, override FROM cadre_sayings
     WHERE collection = $1 AND (path = $2 OR (hash = $3 AND hash <> '')) ORDER BY document_id`,
    [collection, JSON.stringify(path), hash],
  );
  const copies = await statements.all(
    `SELECT override FROM cadre_documents WHERE collection = $1 AND override IS NOT NULL
       AND $2 <> '' AND (body::json)->>'hash' = $2 AND id <> $3 ORDER BY id`,
    [collection, hash, id],
  );
  const { override, taken } = inheritedSaying(
    { path, hash },
    stored,
    gone.map(decodeSaying),
    copies.map((row) => jsonOf<DocumentGrant>(row, 'override')),
  );
  for (const { documentId } of taken)
    await statements.run('DELETE FROM cadre_sayings WHERE collection = $1 AND document_id = $2', [
      collection,
      documentId,
    ]);
  return override;
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
  const row = draftedRow(owner, document, await sayingFor(statements, document, stored));
  await statements.run(
    `INSERT INTO cadre_documents
       (collection, id, version, path, body, principals, override, appeared, changed, touched)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)
     ON CONFLICT (collection, id) DO UPDATE SET version = excluded.version, path = excluded.path,
       body = excluded.body, principals = excluded.principals, override = excluded.override,
       changed = excluded.changed, touched = excluded.touched`,
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
