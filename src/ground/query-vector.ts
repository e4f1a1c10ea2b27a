import { toCadreError } from '../core/errors.ts';
import type { CallOptions, Embedder } from '../core/ports.ts';
import type { CollectionRow } from '../core/stores.ts';
import { embeddingState } from './embedding.ts';

/** Milliseconds; a search does not wait longer for a model to be loaded, it does without meaning. */
const QUERY_EMBEDDING_MS = 5000;

/** The query's vector, or why the dense leg cannot take part. */
export type QueryVector =
  | { readonly vector: Float32Array }
  | { readonly reason: string; readonly thrown?: unknown };

/** Where the embedder is missing, fails or is too slow, the other legs must do. */
export async function queryVector(
  query: string,
  row: Pick<CollectionRow, 'embedder'>,
  embedder: Embedder | undefined,
  { signal }: CallOptions,
): Promise<QueryVector> {
  if (embedder === undefined) return { reason: 'no embedder is installed' };
  if (query.trim() === '') return { reason: 'the query is empty' };
  const state = embeddingState(row.embedder, embedder.id);
  if (state === 'none') return { reason: 'the collection has no embeddings' };
  if (state === 'mixed')
    return { reason: `the collection's embeddings are not all by ${embedder.id}` };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(QUERY_EMBEDDING_MS)]);
  try {
    const [vector] = await embedder.doEmbed([query], 'query', { signal: limited });
    return vector === undefined ? { reason: `${embedder.id} gave no vector` } : { vector };
  } catch (thrown) {
    signal.throwIfAborted();
    const reason = limited.aborted
      ? `${embedder.id} took more than ${QUERY_EMBEDDING_MS / 1000} s`
      : `${embedder.id} failed: ${toCadreError(thrown).code}`;
    return { reason, thrown };
  }
}
