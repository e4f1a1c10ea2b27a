import { documentReaders, documentWords } from '../../core/access.ts';
import { CadreError } from '../../core/errors.ts';
import type {
  ChunkRow,
  CollectionRow,
  DocumentChange,
  DocumentDraft,
  DocumentRow,
  FoundChunkRow,
} from '../../core/stores.ts';
import { type Columns, damaged, integerOf, jsonOf, textOf } from './row-codec.ts';

type CollectionColumns = 'name' | 'sources' | 'watched' | 'principals' | 'version' | 'embedder';

/** What has no column of its own. */
export function encodeCollection(row: Omit<CollectionRow, 'version'>): string {
  const { name: _n, sources: _s, watched: _w, principals: _p, embedder: _e, ...body } = row;
  return JSON.stringify(body);
}

export function decodeCollection(row: Columns): CollectionRow {
  return {
    ...jsonOf<Partial<Omit<CollectionRow, CollectionColumns>>>(row, 'body'),
    name: textOf(row, 'name'),
    sources: sourcesOf(jsonOf<string | CollectionRow['sources']>(row, 'sources')),
    watched: Boolean(row['watched']),
    principals: jsonOf<string[]>(row, 'principals'),
    version: integerOf(row, 'version'),
    embedder: row['embedder'] === null ? null : textOf(row, 'embedder'),
  };
}

/** Before there were kinds of sources, a collection was made of one folder. */
function sourcesOf(stored: string | CollectionRow['sources']): CollectionRow['sources'] {
  return typeof stored === 'string' ? [{ kind: 'folder', folder: stored }] : stored;
}

export function encodeDocument(document: DocumentDraft): string {
  const { type, title, bytes, modifiedAt, hash, chunkCount, problem, flags, given } = document;
  const { source, mark, uri, attempts, retryAt, contexts } = document;
  return JSON.stringify({
    ...{ type, title, bytes, modifiedAt, hash, chunkCount, problem, flags, given },
    ...{ source, mark, uri, attempts, retryAt, contexts },
  });
}

export function decodeDocument(row: Columns): DocumentRow {
  const body = jsonOf<Omit<DocumentDraft, 'id' | 'collection' | 'path' | 'version'>>(row, 'body');
  const override = row['override'] == null ? {} : { override: jsonOf<object>(row, 'override') };
  const draft = {
    ...body,
    ...override,
    type: body.type ?? '',
    id: textOf(row, 'id'),
    collection: textOf(row, 'collection'),
    path: jsonOf<string>(row, 'path'),
    version: integerOf(row, 'version'),
  };
  return { ...draft, ...documentWords(draft), principals: jsonOf<string[]>(row, 'principals') };
}

/** The row that a draft makes: what was said by hand stays, readers are worked out anew. */
export function draftedRow(
  collection: CollectionRow,
  draft: DocumentDraft,
  override: DocumentRow['override'],
): DocumentRow {
  const { override: _old, owner: _owner, ...kept } = draft as Partial<DocumentRow> & DocumentDraft;
  const row = { ...kept, ...(override === undefined ? {} : { override }) };
  return { ...row, ...documentWords(row), principals: documentReaders(collection, row) };
}

/** A document after a change, with its readers worked out anew. */
export function changedRow(
  collection: CollectionRow,
  document: DocumentRow,
  { override, ...change }: DocumentChange,
): DocumentRow {
  const kept = override === undefined ? document.override : override(document.override);
  const draft = { ...document, ...(change as Partial<DocumentRow>) };
  return draftedRow(collection, draft, kept ?? undefined);
}

/** Equal for rows that say the same. */
export function rowText(row: DocumentRow): string {
  return JSON.stringify([row.path, encodeDocument(row), overrideText(row), row.principals]);
}

export function overrideText({ override }: DocumentRow): string | null {
  return override === undefined ? null : JSON.stringify(override);
}

type ChunkBody = Pick<ChunkRow, 'headings' | 'page' | 'indexText' | 'context' | 'sentences'>;

export function encodeChunk(chunk: ChunkRow): string {
  const { headings, page, indexText, context, sentences } = chunk;
  return JSON.stringify({ headings, page, indexText, context, sentences });
}

/** Path and version come from the document, so that a move is one row and never half done. */
export function decodeChunk(row: Columns): ChunkRow {
  const embedding = row['embedding'];
  return {
    ...jsonOf<ChunkBody>(row, 'body'),
    id: textOf(row, 'id'),
    documentId: textOf(row, 'document_id'),
    documentVersion: integerOf(row, 'version'),
    path: jsonOf<string>(row, 'path'),
    ...(embedding instanceof Uint8Array ? { embedding: floatsOf(embedding) } : {}),
  };
}

/** Little-endian float32, four bytes per dimension, on every machine. */
export function bytesOf(embedding: Float32Array): Uint8Array {
  const bytes = new Uint8Array(embedding.length * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < embedding.length; index += 1)
    view.setFloat32(index * 4, embedding[index] ?? 0, true);
  return bytes;
}

export function floatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0) throw damaged('embedding');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const embedding = new Float32Array(bytes.byteLength / 4);
  for (let index = 0; index < embedding.length; index += 1)
    embedding[index] = view.getFloat32(index * 4, true);
  return embedding;
}

/** A chunk that names another document or version would let an answer cite the wrong text. */
export function checkChunks(document: DocumentDraft, chunks: readonly ChunkRow[]): void {
  for (const chunk of chunks)
    if (chunk.documentId !== document.id || chunk.documentVersion !== document.version)
      throw new CadreError(
        'store_failed',
        `chunk ${chunk.id} belongs to ${chunk.documentId} version ${chunk.documentVersion}, not to ${document.id} version ${document.version}`,
      );
}

/** Columns of a document, and `chunk_id` and `chunk_body` beside them. */
export function decodeFoundChunk(row: Columns): FoundChunkRow {
  const document = decodeDocument(row);
  const { indexText: _text, context: _context, ...body } = jsonOf<ChunkBody>(row, 'chunk_body');
  return {
    ...body,
    id: textOf(row, 'chunk_id'),
    documentId: document.id,
    documentVersion: document.version,
    path: document.path,
    document,
  };
}

export function noCollection(name: string): CadreError {
  return new CadreError('collection_not_found', `there is no collection \`${name}\``);
}

export function noDocument(collection: string, id: string): CadreError {
  return new CadreError(
    'store_failed',
    `there is no document ${id} in collection \`${collection}\``,
  );
}

export function olderVersion(document: DocumentDraft, stored: number): CadreError {
  return new CadreError(
    'conflict',
    `document ${document.id} is at version ${stored} already; version ${document.version} came too late`,
  );
}
