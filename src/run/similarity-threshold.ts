import { walkSequence } from '../base/risk-control.ts';
import { binomialTail, binomialUpperBound } from '../base/statistics.ts';
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

/** From the safest on; fixed before the data is seen, so that the risk can be divided among them. */
const GRID: readonly number[] = Array.from({ length: 40 }, (_, at) => (99 - at) / 100);

/**
 * The lowest threshold of a fixed grid at which at most `bound` of the shared answers are false, with
 * `confidence` for all of the grid at once: exact binomial tests, the risk divided equally among
 * the thresholds and handed on from each that passes to the next (`walkSequence`), so that picking
 * the best one costs nothing of the promise. `best` is the tightest bound that was found at an equal
 * part of the risk, for telling how far the data fall short.
 */
export function fitThreshold(
  pairs: readonly JudgedPair[],
  promise: { readonly bound: number; readonly confidence: number },
): { readonly found?: FittedThreshold; readonly best: number } {
  const risk = (1 - promise.confidence) / GRID.length;
  const positives = pairs.filter((pair) => pair.same).length;
  const agreeing = pairs.filter((pair) => pair.agrees);
  const counts = GRID.map((threshold) => {
    const hits = agreeing.filter((pair) => pair.similarity >= threshold);
    const falseHits = hits.filter((pair) => !pair.same).length;
    return { threshold, hits: hits.length, falseHits };
  });
  const levels = walkSequence(new Float64Array(GRID.length).fill(risk), (step) => {
    const { hits = 0, falseHits = 0 } = counts[step] ?? {};
    return binomialTail(falseHits, hits, promise.bound);
  });
  const best = Math.min(...counts.map((one) => binomialUpperBound(one.falseHits, one.hits, risk)));
  const last = levels.findLastIndex((level) => level > 0);
  const count = counts[last];
  if (count === undefined) return { best };
  const upper = binomialUpperBound(count.falseHits, count.hits, levels[last] ?? risk);
  return { found: { ...count, upper, recall: (count.hits - count.falseHits) / positives }, best };
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
