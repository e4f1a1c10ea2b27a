import { matchesFilter } from '../core/document-filter.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import type { ChunkStore } from '../core/stores.ts';
import type { IndexAnswer, IndexQuery } from './collection-index.ts';
import type { FoundChunk } from './evidence.ts';
import type { LiveCollection } from './live-collection.ts';

/** Rankings that may be asked again because a found chunk was replaced or closed meanwhile. */
const ATTEMPTS = 3;

export interface ChunkWish extends IndexQuery {
  readonly collection: string;
}

export interface FoundChunks extends Pick<IndexAnswer, 'legs' | 'missing'> {
  readonly found: FoundChunk[];
  readonly version: number;
}

/**
 * Ranks, then takes what was found from the store as it is now and as the caller may read it: the
 * index in memory may lag behind, what is shown does not. Rejects with `overloaded` where the
 * collection changes faster than it can be read.
 */
export async function findChunks(
  store: ChunkStore,
  live: LiveCollection,
  { collection, ...query }: ChunkWish,
  options: CallOptions,
): Promise<FoundChunks> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await live.search(query, options);
    if (answer === undefined)
      throw new CadreError('overloaded', `the collection ${collection} changes too fast`, {
        retryAfter: 1,
      });
    const { version } = live;
    const ids = answer.ranked.map((one) => one.chunkId);
    const { principals, filter } = query;
    const stored = await store.doFindChunks(collection, ids, principals);
    const rows = stored.filter(
      (row) => filter === undefined || matchesFilter(filter, row.document),
    );
    options.signal.throwIfAborted();
    if (rows.length < ids.length && attempt < ATTEMPTS) {
      const row = await store.doGetCollection(collection);
      if (row !== undefined && row.version !== version) continue;
    }
    const chunks = new Map(rows.map((row) => [row.id, row]));
    const found = answer.ranked.flatMap((ranked): FoundChunk[] => {
      const chunk = chunks.get(ranked.chunkId);
      return chunk === undefined ? [] : [{ chunk, ranked }];
    });
    const { ranked: _ranked, ...legs } = answer;
    return { found, ...legs, version };
  }
}
