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
import { jsonOf } from './row-codec.ts';
import { findCollection, raiseVersion, readable, readersText } from './sqlite-collections.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const DROPPED = 'SELECT 1 FROM drops WHERE collection = ? AND document_id = ?';

export function sqliteDocuments(database: SqliteDatabase) {
  return {
    async doListDocuments(collection, principals, { limit = -1, after = '' } = {}) {
      const rows = database.all(
        `SELECT * FROM documents WHERE collection = ?1 AND ${readable('documents', '?2')}
           AND id > ?3 ORDER BY id LIMIT ?4`,
        collection,
        readersText(principals),
        after,
        limit,
      );
      return rows.map(decodeDocument);
    },
    async doFindDocuments(collection, ids, principals) {
      const rows = database.all(
        `SELECT * FROM documents WHERE collection = ?1 AND ${readable('documents', '?2')}
           AND id IN (SELECT value FROM json_each(?3)) ORDER BY id`,
        collection,
        readersText(principals),
        JSON.stringify(ids),
      );
      return rows.map(decodeDocument);
    },
    async doSwapDocument(document, chunks) {
      checkChunks(document, chunks);
      database.write(() => {
        putDocument(database, document);
        replaceChunks(database, document.collection, document.id, chunks);
      });
    },
    async doChangeDocument(collection, id, change) {
      return database.write(() => {
        const owner = findCollection(database, collection);
        if (owner === undefined) throw noCollection(collection);
        const stored = find(database, collection, id);
        if (stored === undefined) throw noDocument(collection, id);
        const changed = changedRow(owner, stored, change);
        if (rowText(changed) === rowText(stored)) return stored;
        database.run(
          `UPDATE documents SET path = ?, body = ?, principals = ?, override = ?, touched = ?
           WHERE collection = ? AND id = ?`,
          JSON.stringify(changed.path),
          encodeDocument(changed),
          JSON.stringify(changed.principals),
          overrideText(changed),
          raiseVersion(database, collection),
          collection,
          id,
        );
        return changed;
      });
    },
    async doDropDocument(collection, id) {
      database.write(() => dropDocument(database, collection, id));
    },
    async doWasDropped(collection, id) {
      return database.get(DROPPED, collection, id) !== undefined;
    },
  } satisfies Partial<ChunkStore>;
}

function find(database: SqliteDatabase, collection: string, id: string): DocumentRow | undefined {
  const row = database.get(
    'SELECT * FROM documents WHERE collection = ? AND id = ?',
    collection,
    id,
  );
  return row && decodeDocument(row);
}

function dropDocument(database: SqliteDatabase, collection: string, id: string): void {
  keepSaying(database, collection, id);
  const gone = 'DELETE FROM documents WHERE collection = ? AND id = ?';
  if (database.run(gone, collection, id) === 0) return;
  database.run('DELETE FROM chunks WHERE collection = ? AND document_id = ?', collection, id);
  const version = raiseVersion(database, collection);
  database.run('INSERT OR REPLACE INTO drops VALUES (?, ?, ?)', collection, id, version);
}

function keepSaying(database: SqliteDatabase, collection: string, id: string): void {
  database.run(
    `INSERT OR REPLACE INTO sayings (collection, document_id, path, hash, override)
     SELECT collection, id, path, json_extract(body, '$.hash'), override FROM documents
     WHERE collection = ? AND id = ? AND override IS NOT NULL`,
    collection,
    id,
  );
}

/**
 * What counts as said by hand of a document that is about to be written. The pluses keep SQLite from
 * reading all documents in their order instead of the few that something was said of.
 */
function sayingFor(
  database: SqliteDatabase,
  { collection, id, path, hash }: DocumentDraft,
  stored: DocumentRow | undefined,
): DocumentRow['override'] {
  // The closed document may have been moved over this one.
  if (stored !== undefined && stored.hash === hash) return stored.override;
  const gone = database
    .all(
      `SELECT document_id, path, hash, override FROM sayings
       WHERE collection = ?1 AND (path = ?2 OR (hash = ?3 AND hash <> '')) ORDER BY +document_id`,
      collection,
      JSON.stringify(path),
      hash,
    )
    .map(decodeSaying);
  const copies = database
    .all(
      `SELECT override FROM documents WHERE collection = ?1 AND override IS NOT NULL
         AND ?2 <> '' AND json_extract(body, '$.hash') = ?2 AND id <> ?3 ORDER BY +id`,
      collection,
      hash,
      id,
    )
    .map((row) => jsonOf<DocumentGrant>(row, 'override'));
  const { override, taken } = inheritedSaying({ path, hash }, stored, gone, copies);
  for (const { documentId } of taken)
    database.run(
      'DELETE FROM sayings WHERE collection = ? AND document_id = ?',
      collection,
      documentId,
    );
  return override;
}

/** Throws when the store holds a newer version of the document. */
function putDocument(database: SqliteDatabase, document: DocumentDraft): void {
  const { collection, id } = document;
  const owner = findCollection(database, collection);
  if (owner === undefined) throw noCollection(collection);
  const stored = find(database, collection, id);
  if (stored !== undefined && stored.version > document.version)
    throw olderVersion(document, stored.version);
  const put = draftedRow(owner, document, sayingFor(database, document, stored));
  database.run(
    `INSERT INTO documents
       (collection, id, version, path, body, principals, override, appeared, changed, touched)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)
     ON CONFLICT (collection, id) DO UPDATE SET version = excluded.version, path = excluded.path,
       body = excluded.body, principals = excluded.principals, override = excluded.override,
       changed = excluded.changed, touched = excluded.touched`,
    collection,
    id,
    document.version,
    JSON.stringify(document.path),
    encodeDocument(document),
    JSON.stringify(put.principals),
    overrideText(put),
    raiseVersion(database, collection),
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
