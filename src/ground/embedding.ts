import type { CallOptions, Embedder } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';
import { textKey } from './text-key.ts';

/** An embedding with the key of the text it stands for. */
export interface KnownVector {
  readonly key: number;
  readonly vector: Float32Array;
}

/** Texts per call: a cancelled index run stops within about a second on one core. */
const BATCH = 16;

/**
 * Which embeddings a collection's chunks have, as kept in its row: `ID` all by this model,
 * `partial:ID` some by this model, `mixed:ID` some perhaps by another; null none.
 */
export type EmbeddingState = 'complete' | 'partial' | 'mixed' | 'none';

export function embeddingState(stored: string | null, embedder: string): EmbeddingState {
  if (stored === null) return 'none';
  if (stored === embedder) return 'complete';
  return stored === partialMark(embedder) ? 'partial' : 'mixed';
}

export function partialMark(embedder: string): string {
  return `partial:${embedder}`;
}

export function mixedMark(embedder: string): string {
  return `mixed:${embedder}`;
}

/** Queries may be compared with the stored embeddings. */
export function isComparable(stored: string | null, embedder: string): boolean {
  const state = embeddingState(stored, embedder);
  return state === 'complete' || state === 'partial';
}

/** The chunks with embeddings; texts whose vector is known are not embedded again. */
export async function embedChunks(
  chunks: readonly ChunkRow[],
  embedder: Embedder,
  known: readonly KnownVector[],
  options: CallOptions & { readonly onBatch: (done: number, total: number) => void },
): Promise<ChunkRow[]> {
  const vectors = new Map(
    known
      .filter((one) => one.vector.length === embedder.dimensions)
      .map((one) => [one.key, one.vector]),
  );
  const missing = chunks.filter((chunk) => !vectors.has(textKey(chunk.indexText)));
  for (let at = 0; at < missing.length; at += BATCH) {
    options.signal.throwIfAborted();
    const texts = missing.slice(at, at + BATCH).map((chunk) => chunk.indexText);
    const made = await embedder.doEmbed(texts, 'passage', options);
    for (const [index, text] of texts.entries()) {
      const vector = made[index];
      if (vector !== undefined) vectors.set(textKey(text), vector);
    }
    options.onBatch(Math.min(at + BATCH, missing.length), missing.length);
  }
  return chunks.map((chunk) => {
    const embedding = vectors.get(textKey(chunk.indexText));
    return embedding === undefined ? chunk : { ...chunk, embedding };
  });
}
