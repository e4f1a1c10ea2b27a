import { type DocumentFilter, matchesFilter } from '../core/document-filter.ts';
import type { ChunkStore, FoundChunkRow } from '../core/stores.ts';

/** Chunks of one document that are looked at. */
const MOST_CHUNKS = 400;

interface DocumentAsk {
  readonly collection: string;
  readonly id: string;
  /** Undefined = the operator. */
  readonly principals?: readonly string[] | undefined;
  readonly filter?: DocumentFilter | undefined;
}

/** A document's chunks in reading order; none where the caller may not read it or the filter leaves it out. */
export async function openDocument(
  store: ChunkStore,
  { collection, principals, filter, id }: DocumentAsk,
): Promise<readonly FoundChunkRow[]> {
  const rows = await store.doReadDocument(collection, id);
  const ids = rows.slice(0, MOST_CHUNKS).map((row) => row.id);
  const found = await store.doFindChunks(collection, ids, principals);
  return found.filter((row) => filter === undefined || matchesFilter(filter, row.document));
}
