import type { LegName, LegPlace } from '../core/evidence.ts';
import { type SiblingsOf, shareInDocument } from './document-share.ts';
import type { Leg } from './leg.ts';
import type { ScoredPlace } from './top-list.ts';

/** A leg with its share in the sum. */
export interface WeighedLeg {
  readonly name: LegName;
  readonly leg: Leg;
  /** 0 … 1. */
  readonly weight: number;
}

export interface FusedPlace {
  readonly place: number;
  /** Weighted sum of the legs, scaled to 0 … 1 within one search. */
  readonly score: number;
  readonly legs: readonly LegPlace[];
}

/** Candidates that each leg may name. */
const CANDIDATES = 200;
/** Places per leg whose documents are looked at whole, and how much of such a document is. */
const BEST_PLACES = 10;
const MOST_SIBLINGS = 100;

/**
 * Weighted sum of the legs, each counted in standard deviations above its mean over all places
 * (convex combination as in Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval",
 * TOIS 2023, section 4, with z-scores): a leg whose best stand out from the collection says more
 * than one whose best hardly do. On the mean of four sets z-scores give nDCG@10 .633, scaling
 * between the best and the 200th .628, and the best weight is more alike from set to set. Every leg
 * scores every candidate; one that knows nothing of a place counts as its mean. Only wanted places
 * are candidates. With `siblingsOf` the chunks of the best documents are candidates, too, and gain by
 * each other.
 */
export function fuse(
  legs: readonly WeighedLeg[],
  limit: number,
  isWanted?: (place: number) => boolean,
  siblingsOf?: SiblingsOf,
): FusedPlace[] {
  const count = Math.max(CANDIDATES, limit);
  const used = legs.map((one) => {
    // One leg alone is shown from its own 0.
    const { mean, deviation } = legs.length > 1 ? one.leg.spread() : { mean: 0, deviation: 1 };
    const ranks = new Map(one.leg.top(count, isWanted).map(({ place }, rank) => [place, rank + 1]));
    return { ...one, mean, factor: one.weight / (deviation > 0 ? deviation : 1), ranks };
  });
  const places = new Set(used.flatMap((one) => [...one.ranks.keys()]));
  if (siblingsOf !== undefined)
    for (const place of siblingsOfBest(used, siblingsOf))
      if (isWanted?.(place) ?? true) places.add(place);
  const fused = [...places].map((place) => {
    let score = 0;
    for (const { leg, mean, factor } of used)
      score += ((leg.scoreOf(place) ?? mean) - mean) * factor;
    return { place, score };
  });
  fused.sort((left, right) => right.score - left.score || left.place - right.place);
  const ranked = scaled(fused, legs.length > 1);
  return (siblingsOf ? shareInDocument(ranked, siblingsOf) : ranked)
    .slice(0, limit)
    .map((one) => ({ ...one, legs: saidOf(used, one.place) }));
}

/** What each leg says of a place. */
function saidOf(
  legs: readonly (Pick<WeighedLeg, 'name' | 'leg'> & {
    readonly ranks: ReadonlyMap<number, number>;
  })[],
  place: number,
): LegPlace[] {
  return legs.flatMap(({ name, leg, ranks }): LegPlace[] => {
    const score = leg.scoreOf(place);
    const rank = ranks.get(place);
    if (score === undefined) return [];
    if (rank !== undefined) return [{ leg: name, rank, score }];
    return name !== 'lexical' || score > 0 ? [{ leg: name, score }] : [];
  });
}

/** Chunks of the documents that the legs put first. */
function siblingsOfBest(
  legs: readonly { readonly ranks: ReadonlyMap<number, number> }[],
  siblingsOf: SiblingsOf,
): number[] {
  return legs.flatMap(({ ranks }) =>
    [...ranks.keys()]
      .slice(0, BEST_PLACES)
      .flatMap((place) => siblingsOf(place).slice(0, MOST_SIBLINGS)),
  );
}

/** Between the least and the greatest candidate; from 0 where words alone rank. */
function scaled(fused: readonly ScoredPlace[], fromLeast: boolean): ScoredPlace[] {
  const greatest = fused[0]?.score ?? 0;
  const least = fromLeast ? (fused.at(-1)?.score ?? 0) : 0;
  const range = greatest - least;
  return fused.map((one) => ({ ...one, score: range > 0 ? (one.score - least) / range : 1 }));
}
