import { cholesky, substitute } from './dense-ridge.ts';

/** What may be believed before: how far each weight goes from 0, and how far values lie off the line. */
export interface LinearPrior {
  /** Variance of each weight, > 0. */
  readonly variances: Float64Array;
  /** Variance of the noise, > 0. */
  readonly noise: number;
}

/**
 * Weights of a line through few rows (no offset): of each prior the mean that is left after the rows,
 * all together weighed by how probable each prior makes them (Bayesian linear regression and evidence:
 * Bishop, Pattern Recognition and Machine Learning, 3.3 and 3.5; averaging: Hoeting et al., Statistical
 * Science 1999). `rows` is row count × size.
 */
export function averagedRidge(
  rows: Float64Array,
  values: Float64Array,
  size: number,
  priors: readonly LinearPrior[],
): Float64Array {
  const sums = sumsOf(rows, values, size);
  const solved = priors.map((prior) => solve(sums, prior));
  const most = Math.max(...solved.map((one) => one.evidence));
  const weights = new Float64Array(size);
  let total = 0;
  for (const one of solved) {
    const share = Math.exp(one.evidence - most);
    total += share;
    one.weights.forEach((weight, at) => {
      weights[at] = (weights[at] as number) + share * weight;
    });
  }
  return weights.map((weight) => weight / total);
}

interface Sums {
  readonly count: number;
  readonly size: number;
  /** size × size, lower triangle. */
  readonly gram: Float64Array;
  readonly moments: Float64Array;
  /** Sum of the squared values. */
  readonly squares: number;
}

function sumsOf(rows: Float64Array, values: Float64Array, size: number): Sums {
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size);
  let squares = 0;
  values.forEach((value, row) => {
    squares += value * value;
    for (let left = 0; left < size; left += 1) {
      const own = rows[row * size + left] as number;
      if (own === 0) continue;
      moments[left] = (moments[left] as number) + own * value;
      for (let right = 0; right <= left; right += 1)
        gram[left * size + right] =
          (gram[left * size + right] as number) + own * (rows[row * size + right] as number);
    }
  });
  return { count: values.length, size, gram, moments, squares };
}

function solve({ count, size, gram, moments, squares }: Sums, { variances, noise }: LinearPrior) {
  const precision = gram.map((value) => value / noise);
  let log = count * Math.log(noise);
  variances.forEach((variance, at) => {
    precision[at * size + at] = (precision[at * size + at] as number) + 1 / variance;
    log += Math.log(variance);
  });
  const factor = cholesky(precision, size, 0);
  const weights = moments.map((value) => value / noise);
  substitute(factor, size, weights, 1, 0);
  let explained = 0;
  for (let at = 0; at < size; at += 1) {
    log += 2 * Math.log(factor[at * size + at] as number);
    explained += ((moments[at] as number) * (weights[at] as number)) / noise;
  }
  return { weights, evidence: (explained - squares / noise - log) / 2 };
}
