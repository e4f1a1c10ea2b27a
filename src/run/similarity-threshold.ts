import { binomialUpperBound } from '../base/statistics.ts';
import { cosine } from './similar-index.ts';
import { figuresOf } from './similar-questions.ts';

/** Two questions of the data. */
export interface JudgedPair {
  readonly similarity: number;
  /** Whether one answer serves both. */
  readonly same: boolean;
  /** Whether their figures agree: others never share an answer. */
  readonly agrees: boolean;
}

export interface FittedThreshold {
  readonly threshold: number;
  readonly hits: number;
  readonly falseHits: number;
  /** Exact upper bound of the share of false hits. */
  readonly upper: number;
  readonly recall: number;
}

/** Fixed before the data is seen, so that the risk can be divided among them. */
const GRID: readonly number[] = Array.from({ length: 40 }, (_, at) => (60 + at) / 100);

/**
 * The lowest threshold of a fixed grid at which at most `bound` of the shared answers are false, with
 * `confidence` for all of the grid at once: exact binomial bounds (Clopper and Pearson, 1934) at the
 * risk divided by the size of the grid (Bonferroni), so that picking the best one costs nothing of
 * the promise. `best` is the tightest bound that was found, for telling how far the data fall short.
 */
export function fitThreshold(
  pairs: readonly JudgedPair[],
  promise: { readonly bound: number; readonly confidence: number },
): { readonly found?: FittedThreshold; readonly best: number } {
  const risk = (1 - promise.confidence) / GRID.length;
  const positives = pairs.filter((pair) => pair.same).length;
  const agreeing = pairs.filter((pair) => pair.agrees);
  let best = 1;
  for (const threshold of GRID) {
    const hits = agreeing.filter((pair) => pair.similarity >= threshold);
    const falseHits = hits.filter((pair) => !pair.same).length;
    if (hits.length === 0) break;
    const upper = binomialUpperBound(falseHits, hits.length, risk);
    best = Math.min(best, upper);
    if (upper > promise.bound) continue;
    const recall = (hits.length - falseHits) / positives;
    return { found: { threshold, hits: hits.length, falseHits, upper, recall }, best };
  }
  return { best };
}

/** A pair as the cache would see it. */
export function judgePair(
  pair: { readonly a: string; readonly b: string; readonly same: boolean },
  a: Float32Array,
  b: Float32Array,
): JudgedPair {
  return {
    similarity: cosine(a, b),
    same: pair.same,
    agrees: figuresOf(pair.a) === figuresOf(pair.b),
  };
}
