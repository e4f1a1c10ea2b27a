import type { CallOptions, Embedder } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';

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

/** What a document's chunks had, by chunk id. */
export function embeddingsOf(rows: readonly ChunkRow[]): ReadonlyMap<string, Float32Array> {
  return new Map(
    rows.flatMap(({ id, embedding }) => (embedding === undefined ? [] : [[id, embedding]])),
  );
}

/**
 * The chunks with embeddings. A chunk keeps the one that its id has: the id stands for its own text
 * and headings, and what its neighbours lend to it moves its vector too little to be worth a run.
 */
export async function embedChunks(
  chunks: readonly ChunkRow[],
  embedder: Embedder,
  known: ReadonlyMap<string, Float32Array>,
  options: CallOptions & { readonly onBatch: (done: number, total: number) => void },
): Promise<ChunkRow[]> {
  const vectors = new Map([...known].filter(([, vector]) => vector.length === embedder.dimensions));
  const missing = chunks.filter((chunk) => !vectors.has(chunk.id));
  for (let at = 0; at < missing.length; at += BATCH) {
    options.signal.throwIfAborted();
    const batch = missing.slice(at, at + BATCH);
    const texts = batch.map((chunk) => chunk.indexText);
    const made = await embedder.doEmbed(texts, 'passage', options);
    for (const [index, chunk] of batch.entries()) {
      const vector = made[index];
      if (vector !== undefined) vectors.set(chunk.id, vector);
    }
    options.onBatch(Math.min(at + BATCH, missing.length), missing.length);
  }
  return chunks.map((chunk) => {
    const embedding = vectors.get(chunk.id);
    return embedding === undefined ? chunk : { ...chunk, embedding };
  });
}
