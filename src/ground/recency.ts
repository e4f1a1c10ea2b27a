import type { FusedPlace } from './fusion.ts';

export interface Recency {
  /** Age at which a document counts half, in milliseconds. */
  readonly halfLife: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Places whose order age may change. */
const DEPTH = 200;

/**
 * The best places with their scores times 2 to the power of −age / half-life; without `recency`
 * as they are. A document from the future has no age, one of unknown time counts as it is.
 */
export function preferRecent(
  rank: (limit: number) => readonly FusedPlace[],
  { limit, recency }: { readonly limit: number; readonly recency?: Recency | undefined },
  modifiedAt: (place: number) => number | undefined,
): readonly FusedPlace[] {
  if (recency === undefined) return rank(limit);
  const { halfLife, now } = recency;
  return rank(Math.max(DEPTH, limit))
    .map((one) => {
      const age = Math.max(0, now - (modifiedAt(one.place) ?? now));
      return { ...one, score: one.score * 2 ** (-age / halfLife) };
    })
    .sort((left, right) => right.score - left.score || left.place - right.place)
    .slice(0, limit);
}
