import type { Leg } from './leg.ts';
import type { ScoredPlace } from './top-list.ts';

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
  lexical: Leg,
  dense: Leg | undefined,
  options: {
    readonly denseWeight: number;
    readonly limit: number;
    /** Places that may be found; all where absent. */
    readonly isWanted?: ((place: number) => boolean) | undefined;
  },
): FusedPlace[] {
  const count = Math.max(CANDIDATES, options.limit);
  const byWords = lexical.top(count, options.isWanted);
  if (dense === undefined) {
    const greatest = byWords[0]?.score || 1;
    return byWords.slice(0, options.limit).map(({ place, score }) => ({
      place,
      lexicalScore: score,
      score: score / greatest,
    }));
  }
  const byMeaning = dense.top(count, options.isWanted);
  const places = new Set([...byWords, ...byMeaning].map((one) => one.place));
  const scaleWords = scaler(byWords, 0);
  const scaleMeaning = scaler(byMeaning, undefined);
  const fused = [...places].map((place): FusedPlace => {
    const lexicalScore = lexical.scoreOf(place) ?? 0;
    const denseScore = dense.scoreOf(place);
    const words = (1 - options.denseWeight) * scaleWords(lexicalScore);
    if (denseScore === undefined) return { place, score: words, lexicalScore };
    const score = words + options.denseWeight * scaleMeaning(denseScore);
    return { place, score, lexicalScore, denseScore };
  });
  fused.sort((left, right) => right.score - left.score || left.place - right.place);
  return fused.slice(0, options.limit);
}

function scaler(
  ranked: readonly ScoredPlace[],
  floor: number | undefined,
): (score: number) => number {
  const greatest = ranked[0]?.score ?? 0;
  const least = floor ?? ranked.at(-1)?.score ?? 0;
  const range = greatest - least;
  if (range <= 0) return (score) => (ranked.length > 0 && score >= greatest ? 1 : 0);
  return (score) => Math.min(1, Math.max(0, (score - least) / range));
}
