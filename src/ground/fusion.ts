import { topPlaces } from './top-list.ts';
import { NO_COSINE } from './vector-index.ts';

export interface FusedPlace {
  readonly place: number;
  /** Weighted sum of the scaled legs, 0 … 1 within one search. */
  readonly score: number;
  readonly lexicalScore: number;
  readonly denseScore?: number;
}

/** Candidates that each leg may name. */
const CANDIDATES = 200;

/**
 * Sum of both legs, each scaled to 0 … 1 between its least and greatest candidate (Bruch et al.,
 * "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, section 4). Both legs score
 * every candidate of either. Without the dense leg the lexical score is divided by its greatest.
 */
export function fuse(
  lexical: Float32Array,
  dense: Float32Array | undefined,
  options: { readonly denseWeight: number; readonly limit: number },
): FusedPlace[] {
  const count = Math.max(CANDIDATES, options.limit);
  const byWords = topPlaces(lexical, count, 0);
  if (dense === undefined) {
    const greatest = lexical[byWords[0] ?? 0] || 1;
    return byWords.slice(0, options.limit).map((place) => {
      const lexicalScore = lexical[place] ?? 0;
      return { place, lexicalScore, score: lexicalScore / greatest };
    });
  }
  const byMeaning = topPlaces(dense, count, NO_COSINE);
  const places = [...new Set([...byWords, ...byMeaning])];
  const scaleWords = scaler(lexical, byWords, 0);
  const scaleMeaning = scaler(dense, byMeaning, undefined);
  const fused = places.map((place) => {
    const lexicalScore = lexical[place] ?? 0;
    const denseScore = dense[place] ?? NO_COSINE;
    const score =
      (1 - options.denseWeight) * scaleWords(lexicalScore) +
      options.denseWeight * scaleMeaning(denseScore);
    return denseScore === NO_COSINE
      ? { place, score, lexicalScore }
      : { place, score, lexicalScore, denseScore };
  });
  fused.sort((left, right) => right.score - left.score || left.place - right.place);
  return fused.slice(0, options.limit);
}

function scaler(
  scores: Float32Array,
  ranked: readonly number[],
  floor: number | undefined,
): (score: number) => number {
  const greatest = scores[ranked[0] ?? -1] ?? 0;
  const least = floor ?? scores[ranked[ranked.length - 1] ?? -1] ?? 0;
  const range = greatest - least;
  if (range <= 0) return (score) => (ranked.length > 0 && score >= greatest ? 1 : 0);
  return (score) => Math.min(1, Math.max(0, (score - least) / range));
}
