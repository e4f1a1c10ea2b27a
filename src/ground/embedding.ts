import { type CadreError, toCadreError } from '../core/errors.ts';
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

/** Texts that are refused one after the other, none taken between, when the embedder is given up. */
const MOST_REFUSED = 3;
/** Seconds that an embedder with too many callers is waited for. */
const MOST_WAITS = 30;

export interface Embedded {
  /** All chunks; those that could not be embedded have no embedding. */
  readonly rows: ChunkRow[];
  /** Chunks without an embedding, and what the embedder said; absent = there are none. */
  readonly refused?: { readonly count: number; readonly error: CadreError };
}

/**
 * The chunks with embeddings. A chunk keeps the one that its id has: the id stands for its own text
 * and headings, and what its neighbours lend to it moves its vector too little to be worth a run.
 * A text that the embedder refuses takes none from the others. Rejects only when the signal aborts.
 */
export async function embedChunks(
  chunks: readonly ChunkRow[],
  embedder: Embedder,
  known: ReadonlyMap<string, Float32Array>,
  options: CallOptions & { readonly onBatch: (done: number, total: number) => void },
): Promise<Embedded> {
  const vectors = new Map([...known].filter(([, vector]) => vector.length === embedder.dimensions));
  const missing = chunks.filter((chunk) => !vectors.has(chunk.id));
  let error: CadreError | undefined;
  for (let at = 0; at < missing.length; at += BATCH) {
    const batch = missing.slice(at, at + BATCH);
    const refusal = await embedInto(vectors, batch, embedder, options);
    error ??= refusal;
    if (refusal !== undefined && !(await embedEach(vectors, batch, embedder, options))) break;
    options.onBatch(Math.min(at + BATCH, missing.length), missing.length);
  }
  const rows = chunks.map(({ embedding: _before, ...chunk }) => {
    const embedding = vectors.get(chunk.id);
    return embedding === undefined ? chunk : { ...chunk, embedding };
  });
  const count = rows.filter((row) => !('embedding' in row)).length;
  return error === undefined || count === 0 ? { rows } : { rows, refused: { count, error } };
}

/** False where none of them is taken either. */
async function embedEach(
  vectors: Map<string, Float32Array>,
  batch: readonly ChunkRow[],
  embedder: Embedder,
  options: CallOptions,
): Promise<boolean> {
  let taken = 0;
  if (batch.length > 1)
    for (const [index, chunk] of batch.entries()) {
      if (taken === 0 && index === MOST_REFUSED) break;
      if ((await embedInto(vectors, [chunk], embedder, options)) === undefined) taken += 1;
    }
  return taken > 0;
}

/** Returns why they could not be embedded. */
async function embedInto(
  vectors: Map<string, Float32Array>,
  batch: readonly ChunkRow[],
  embedder: Embedder,
  options: CallOptions,
): Promise<CadreError | undefined> {
  const texts = batch.map((chunk) => chunk.indexText);
  for (let waits = 0; ; waits += 1) {
    options.signal.throwIfAborted();
    try {
      const made = await embedder.doEmbed(texts, 'passage', options);
      for (const [index, chunk] of batch.entries()) {
        const vector = made[index];
        if (vector !== undefined) vectors.set(chunk.id, vector);
      }
      return undefined;
    } catch (thrown) {
      options.signal.throwIfAborted();
      const error = toCadreError(thrown);
      if (error.code === 'shutting_down') throw error;
      if (error.code !== 'overloaded' || waits === MOST_WAITS) return error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
