import { setImmediate as nextTurn } from 'node:timers/promises';
import { PASSAGE_READ } from '../../base/rank-features.ts';
import { orderOf, QueryRanker, readRankModel } from '../../base/rank-model.ts';
import type { CallOptions, Embedder } from '../../core/ports.ts';
import type { Ranker } from '../../core/ranker.ts';
import { type SpecialistManifest, versionName } from '../../core/specialist.ts';
import { partsOf } from './specialist-parts.ts';

/** Texts per call of the embedder: a caller who goes away stops the work within about a second. */
const TEXTS_AT_ONCE = 16;
/** UTF-16 units of texts that are compared between two turns of other requests: 2 to 3 ms. */
const UNITS_AT_ONCE = 16_000;
/** The embedder's figures are the specialist's: a cold one is waited for, so long for a text. */
const EMBED_MS = 5000;

/** The embedder, with the tokens that it read. */
export interface CountingEmbedder extends Embedder {
  readonly doEmbedCounted?: (
    texts: readonly string[],
    kind: 'query' | 'passage',
    options: CallOptions,
  ) => Promise<{ readonly vectors: readonly Float32Array[]; readonly tokenCount: number }>;
}

interface Vectors {
  readonly query: Float32Array;
  readonly texts: readonly Float32Array[];
  readonly tokens: number;
}

/**
 * Orders passages; words speak alone where it was not taught more, or while the embedder does not work.
 * Throws `specialist_damaged` for bytes that are no model.
 */
export function specialistRanker(
  manifest: SpecialistManifest,
  bytes: Uint8Array,
  embedder: CountingEmbedder | undefined,
): Ranker {
  const model = partsOf(manifest, bytes, readRankModel);
  const own = model.meaning?.embedder === embedder?.id ? embedder : undefined;
  return {
    version: versionName(manifest),
    doRank: async (query, texts, { signal }) => {
      const vectors = own && (await vectorsOf(own, query, texts, signal));
      const ranker = new QueryRanker(model, query, vectors?.query);
      const scores: number[] = [];
      let read = UNITS_AT_ONCE;
      for (const [at, text] of texts.entries()) {
        if (read >= UNITS_AT_ONCE) {
          await nextTurn(undefined, { signal });
          read = 0;
        }
        read += Math.min(text.length, PASSAGE_READ);
        scores.push(ranker.score(text, vectors?.texts[at]));
      }
      return {
        ranked: orderOf(scores).map((index) => ({ index, score: scores[index] ?? 0 })),
        tokens: vectors?.tokens ?? 0,
        legs: legsOf(model.meaning?.head.weights, vectors !== undefined),
      };
    },
  };
}

/** Undefined where the embedder does not work: then no text is compared by its vector. */
async function vectorsOf(
  embedder: CountingEmbedder,
  query: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Vectors | undefined> {
  try {
    const asked = await embed(embedder, [query], 'query', signal);
    const made: Float32Array[] = [];
    let tokens = asked.tokenCount;
    for (let at = 0; at < texts.length; at += TEXTS_AT_ONCE) {
      const some = await embed(embedder, texts.slice(at, at + TEXTS_AT_ONCE), 'passage', signal);
      made.push(...some.vectors);
      tokens += some.tokenCount;
    }
    const [vector] = asked.vectors;
    return vector && { query: vector, texts: made, tokens };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function embed(
  embedder: CountingEmbedder,
  texts: readonly string[],
  kind: 'query' | 'passage',
  signal: AbortSignal,
) {
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(EMBED_MS)]) };
  if (embedder.doEmbedCounted !== undefined) return embedder.doEmbedCounted(texts, kind, options);
  return { vectors: await embedder.doEmbed(texts, kind, options), tokenCount: 0 };
}

function legsOf(
  weights: readonly number[] | undefined,
  readVectors: boolean,
): ('lexical' | 'dense')[] {
  if (!readVectors || weights === undefined) return ['lexical'];
  return weights.slice(0, -1).some((one) => one !== 0) ? ['lexical', 'dense'] : ['dense'];
}
