import type { LegName, LegPlace } from '../core/evidence.ts';
import { type SiblingsOf, shareInDocument } from './document-share.ts';
import type { Leg, Spread } from './leg.ts';
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
  const { used, places } = candidates(legs, limit, isWanted, siblingsOf);
  const summed = places.map((place): ScoredPlace => {
    let score = 0;
    for (const { leg, mean, deviation, weight } of used)
      score += (((leg.scoreOf(place) ?? mean) - mean) * weight) / deviation;
    return { place, score };
  });
  return inOrder(summed, legs.length > 1, siblingsOf)
    .slice(0, limit)
    .map((one) => ({ ...one, legs: saidOf(used, one.place) }));
}

/** What `fuse` puts in order, in no order: every candidate with what each leg says of it. */
export function candidatesOf(
  legs: readonly WeighedLeg[],
  isWanted?: (place: number) => boolean,
  siblingsOf?: SiblingsOf,
): Omit<FusedPlace, 'score'>[] {
  const { used, places } = candidates(legs, CANDIDATES, isWanted, siblingsOf);
  return places.map((place) => ({ place, legs: saidOf(used, place) }));
}

interface UsedLeg extends WeighedLeg, Spread {
  /** One leg alone is shown from its own 0. */
  readonly isAlone: boolean;
  readonly ranks: ReadonlyMap<number, number>;
}

function candidates(
  legs: readonly WeighedLeg[],
  limit: number,
  isWanted?: (place: number) => boolean,
  siblingsOf?: SiblingsOf,
): { readonly used: readonly UsedLeg[]; readonly places: readonly number[] } {
  const count = Math.max(CANDIDATES, limit);
  const isAlone = legs.length === 1;
  const used = legs.map((one): UsedLeg => {
    const { mean, deviation } = isAlone ? { mean: 0, deviation: 1 } : one.leg.spread();
    const ranks = new Map(one.leg.top(count, isWanted).map(({ place }, rank) => [place, rank + 1]));
    return { ...one, mean, deviation: deviation > 0 ? deviation : 1, isAlone, ranks };
  });
  const places = new Set(used.flatMap((one) => [...one.ranks.keys()]));
  if (siblingsOf !== undefined)
    for (const place of siblingsOfBest(used, siblingsOf))
      if (isWanted?.(place) ?? true) places.add(place);
  return { used, places: [...places] };
}

/** What each leg says of a place. */
function saidOf(legs: readonly UsedLeg[], place: number): LegPlace[] {
  return legs.flatMap(({ name, leg, mean, deviation, isAlone, ranks }): LegPlace[] => {
    const score = leg.scoreOf(place);
    const rank = ranks.get(place);
    if (score === undefined || (rank === undefined && name === 'lexical' && score <= 0)) return [];
    return [
      {
        leg: name,
        ...(rank === undefined ? {} : { rank }),
        score,
        ...(isAlone ? {} : { deviations: (score - mean) / deviation }),
      },
    ];
  });
}

/** Candidates with scores of 0 … 1, best first; chunks of one document gain by each other. */
export function inOrder(
  summed: readonly ScoredPlace[],
  fromLeast: boolean,
  siblingsOf?: SiblingsOf,
): ScoredPlace[] {
  const sorted = summed.toSorted(
    (left, right) => right.score - left.score || left.place - right.place,
  );
  const ranked = scaled(sorted, fromLeast);
  return siblingsOf ? shareInDocument(ranked, siblingsOf) : ranked;
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
