import { toCadreError } from '../core/errors.ts';
import type { IndexFiles, SavedIndex } from '../core/index-files.ts';
import type { ChunkStore, DocumentRow } from '../core/stores.ts';
import { CollectionIndex } from './collection-index.ts';
import { readWords, wordSection } from './index-parts.ts';

/** What a saved index was made of. */
export interface IndexOrigin {
  /** Of the collection. */
  readonly version: number;
  /** One line per document that has chunks; see `originLines`. */
  readonly documents: string;
}

/** Returns why it could not be saved. */
export async function saveTo(
  files: IndexFiles,
  collection: string,
  index: CollectionIndex,
  { version, documents }: IndexOrigin,
): Promise<{ readonly problem?: string }> {
  const { about, sections } = index.save();
  try {
    await files.doWrite(collection, {
      about: { ...about, version },
      sections: { ...sections, origin: wordSection(documents) },
    });
    return {};
  } catch (thrown) {
    return { problem: toCadreError(thrown).message };
  }
}

/** Throws where the file does not hold together. */
export function openSaved(saved: SavedIndex): {
  readonly index: CollectionIndex;
  readonly origin: IndexOrigin;
} {
  const index = CollectionIndex.fromSaved(saved);
  return {
    index,
    origin: {
      version: Number(saved.about['version']),
      documents: readWords(saved.sections, 'origin'),
    },
  };
}

/** Id, version and content of every document that has chunks, one a line. */
export function originLines(documents: readonly DocumentRow[]): string {
  return documents
    .filter((one) => one.chunkCount > 0)
    .map(originLine)
    .join('\n');
}

/**
 * Whether the store still holds what the index was made of. The store may be another one than then,
 * brought back from a copy, so that the collection's version alone does not tell. `changes` are those
 * since that version by the store's own account.
 */
export function isStillOrigin(
  origin: IndexOrigin,
  documents: readonly DocumentRow[],
  changes: Awaited<ReturnType<ChunkStore['doReadChanges']>>,
): boolean {
  if (origin.version > changes.version) return false;
  const written = changes.chunks.map((chunk) => chunk.documentId);
  const changed = new Set([...changes.dropped, ...written]);
  const then = new Set(origin.documents === '' ? [] : origin.documents.split('\n'));
  for (const document of documents) {
    const isKnown = then.delete(originLine(document));
    if (!isKnown && document.chunkCount > 0 && !changed.has(document.id)) return false;
  }
  return [...then].every((line) => changed.has(line.slice(0, line.indexOf(' '))));
}

function originLine({ id, version, hash }: DocumentRow): string {
  return `${id} ${version} ${hash}`;
}
