import { seededRandom } from './random.ts';

/** An estimate with the bounds of its interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at += 1) total += values[at] as number;
  return total / values.length;
}

/**
 * The quantile at `share` (0 … 1) by linear interpolation between order statistics (Hyndman and
 * Fan, 1996, type 7); NaN for no values. The values need not be sorted and stay as they are.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = Math.floor(place);
  const lower = sorted[below] as number;
  const upper = sorted[Math.min(sorted.length - 1, below + 1)] as number;
  return lower + (upper - lower) * (place - below);
}

/**
 * Percentile bootstrap interval of the mean (Efron and Tibshirani, 1993, §13.3); with `values` as
 * differences of pairs it is the paired bootstrap.
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  options: { readonly seed: number; readonly rounds?: number; readonly confidence?: number },
): Interval {
  const rounds = options.rounds ?? 2000;
  const tail = (1 - (options.confidence ?? 0.95)) / 2;
  const random = seededRandom(options.seed);
  const means = new Float64Array(rounds);
  for (let round = 0; round < rounds; round += 1) {
    let total = 0;
    for (let draw = 0; draw < values.length; draw += 1) {
      total += values[Math.floor(random() * values.length)] as number;
    }
    means[round] = total / values.length;
  }
  return { value: mean(values), low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/**
 * Score interval of a share (Wilson, 1927). `z` 1.96 is 95 %. [0, 1] for no trials, with value NaN.
 */
export function wilsonInterval(successCount: number, trialCount: number, z = 1.96): Interval {
  if (trialCount === 0) return { value: Number.NaN, low: 0, high: 1 };
  const share = successCount / trialCount;
  const square = (z * z) / trialCount;
  const centre = (share + square / 2) / (1 + square);
  const half =
    (z / (1 + square)) * Math.sqrt((share * (1 - share)) / trialCount + square / (4 * trialCount));
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** P(at most `successCount` successes in `trialCount` trials at `probability`), exact. */
export function binomialTail(
  successCount: number,
  trialCount: number,
  probability: number,
): number {
  if (successCount < 0) return 0;
  if (successCount >= trialCount || probability <= 0) return 1;
  if (probability >= 1) return 0;
  const odds = Math.log(probability) - Math.log1p(-probability);
  let logTerm = trialCount * Math.log1p(-probability);
  let total = Math.exp(logTerm);
  for (let count = 1; count <= successCount; count += 1) {
    logTerm += Math.log((trialCount - count + 1) / count) + odds;
    total += Math.exp(logTerm);
  }
  return Math.min(1, total);
}

/**
 * Exact upper bound of a share (Clopper and Pearson, 1934): the largest probability at which
 * `successCount` or fewer would still be seen with probability `risk`. 1 for no trials.
 */
export function binomialUpperBound(successCount: number, trialCount: number, risk: number): number {
  if (successCount >= trialCount) return 1;
  let low = 0;
  let high = 1;
  for (let round = 0; round < 50; round += 1) {
    const middle = (low + high) / 2;
    if (binomialTail(successCount, trialCount, middle) > risk) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Area under the receiver operating characteristic: P(a positive scores above a negative), ties
 * count half; NaN when one side is empty.
 */
export function areaUnderCurve(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  const scored = [
    ...Array.from(positives, (score) => ({ score, positive: 1 })),
    ...Array.from(negatives, (score) => ({ score, positive: 0 })),
  ].sort((left, right) => left.score - right.score);
  let rankSum = 0;
  for (let start = 0; start < scored.length; ) {
    let end = start;
    let inTie = 0;
    while (end < scored.length && scored[end]?.score === scored[start]?.score) {
      inTie += scored[end]?.positive ?? 0;
      end += 1;
    }
    rankSum += (inTie * (start + 1 + end)) / 2;
    start = end;
  }
  const pairs = positives.length * negatives.length;
  return (rankSum - (positives.length * (positives.length + 1)) / 2) / pairs;
}

/**
 * Two-sided exact test of McNemar (1947): the probability, were both equally good, of a split of
 * the rows on which only one is right at least as uneven as this one. 1 without such rows.
 */
export function exactMcNemar(onlyFirst: number, onlySecond: number): number {
  const smaller = Math.min(onlyFirst, onlySecond);
  return Math.min(1, 2 * binomialTail(smaller, onlyFirst + onlySecond, 0.5));
}
