import { seededRandom } from './random.ts';
import { type Interval, quantile } from './statistics.ts';

/** Ranks from 1; values that are alike share the mean of theirs. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, at) => at).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end] as number] === values[order[start] as number])
      end += 1;
    for (let at = start; at < end; at += 1) ranks[order[at] as number] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Rank correlation of Spearman (1904): that of Pearson between the ranks, with the percentile interval
 * of a bootstrap that draws pairs of ranks. 0 where all values of a side are alike.
 */
export function rankCorrelation(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  { seed, rounds = 1000 }: { readonly seed: number; readonly rounds?: number },
): Interval {
  const [first, second] = [ranksOf(left), ranksOf(right)];
  const count = first.length;
  const random = seededRandom(seed);
  const all = Int32Array.from({ length: count }, (_, at) => at);
  const drawn = Float64Array.from({ length: rounds }, () =>
    correlation(
      first,
      second,
      all.map(() => Math.floor(random() * count)),
    ),
  );
  const value = correlation(first, second, all);
  return { value, low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}

function correlation(left: Float64Array, right: Float64Array, places: Int32Array): number {
  let [sumLeft, sumRight, squaresLeft, squaresRight, products] = [0, 0, 0, 0, 0];
  for (const at of places) {
    const [x, y] = [left[at] as number, right[at] as number];
    sumLeft += x;
    sumRight += y;
    squaresLeft += x * x;
    squaresRight += y * y;
    products += x * y;
  }
  const count = places.length;
  const spread = (squaresLeft - sumLeft ** 2 / count) * (squaresRight - sumRight ** 2 / count);
  return spread > 0 ? (products - (sumLeft * sumRight) / count) / Math.sqrt(spread) : 0;
}
