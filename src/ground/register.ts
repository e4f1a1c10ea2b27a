import { EVERYONE } from '../core/access.ts';
import type { CallOptions } from '../core/ports.ts';
import type { OpenSource } from '../core/source.ts';
import type { ChunkStore, CollectionRow } from '../core/stores.ts';
import { checkSources, type IndexRequest } from './index-request.ts';
import { noDocuments } from './reconcile-parts.ts';
import { listSources } from './source-listing.ts';

/**
 * The row of a collection that is about to be indexed. Looks at the sources before it is written, so
 * that a typo leaves nothing behind. Rejects with `invalid_request` or `conflict`.
 */
export async function register(
  request: IndexRequest,
  { chunks, openSource }: { readonly chunks: ChunkStore; readonly openSource: OpenSource },
  { signal }: CallOptions,
): Promise<CollectionRow> {
  const { name, sources, watch, principals = [] } = request;
  const stored = await chunks.doGetCollection(name);
  if (stored !== undefined) checkSources(stored, request);
  else {
    const found = await listSources(sources, openSource, { signal, onCount: () => undefined });
    if (found.items.length === 0 && request.mayBeEmpty !== true) throw noDocuments(sources, found);
  }
  const { version: _version, ...kept } = stored ?? { version: 0 };
  return chunks.doPutCollection({
    ...kept,
    ...request.settings,
    name,
    sources,
    watched: watch,
    principals: principals.length === 0 ? (stored?.principals ?? [EVERYONE]) : principals,
    embedder: stored?.embedder ?? null,
  });
}
