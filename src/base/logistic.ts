import { cholesky, substitute } from './dense-ridge.ts';

/** P = 1 / (1 + exp(−(offset + Σ value × weight))). */
export interface Logistic {
  readonly weights: Float64Array;
  readonly offset: number;
}

const ROUNDS = 25;
const TOLERANCE = 1e-7;

/**
 * Logistic regression with a penalty on all but the offset, by Newton's method. `rows` is row count
 * × size; `shares` are 0 … 1, so that graded outcomes count as what they are. The penalty is on the
 * distance from the weights `towards`, 0 when absent.
 */
export function fitLogistic(
  rows: Float64Array,
  size: number,
  outcomes: { readonly shares: ArrayLike<number>; readonly weights?: ArrayLike<number> },
  penalty: number,
  towards?: ArrayLike<number>,
): Logistic {
  const all = size + 1;
  const solution = new Float64Array(all);
  if (towards !== undefined) solution.set(towards);
  const { shares, weights } = outcomes;
  for (let round = 0; round < ROUNDS; round += 1) {
    const gram = new Float64Array(all * all);
    const step = new Float64Array(all);
    for (let row = 0; row < shares.length; row += 1) {
      const share = shareAt(rows, row, size, solution);
      const weight = weights?.[row] ?? 1;
      const slope = weight * Math.max(1e-9, share * (1 - share));
      const error = weight * ((shares[row] as number) - share);
      for (let left = 0; left < all; left += 1) {
        const value = left === size ? 1 : (rows[row * size + left] as number);
        step[left] = (step[left] as number) + error * value;
        for (let right = 0; right <= left; right += 1)
          gram[left * all + right] =
            (gram[left * all + right] as number) +
            slope * value * (right === size ? 1 : (rows[row * size + right] as number));
      }
    }
    for (let at = 0; at < size; at += 1) {
      gram[at * all + at] = (gram[at * all + at] as number) + penalty;
      const distance = (solution[at] as number) - (towards?.[at] ?? 0);
      step[at] = (step[at] as number) - penalty * distance;
    }
    substitute(cholesky(gram, all, 1e-9), all, step, 1, 0);
    let largest = 0;
    step.forEach((value, at) => {
      solution[at] = (solution[at] as number) + value;
      largest = Math.max(largest, Math.abs(value));
    });
    if (largest < TOLERANCE) break;
  }
  return { weights: solution.slice(0, size), offset: solution[size] as number };
}

function shareAt(rows: Float64Array, row: number, size: number, solution: Float64Array): number {
  let sum = solution[size] as number;
  for (let at = 0; at < size; at += 1)
    sum += (rows[row * size + at] as number) * (solution[at] as number);
  return 1 / (1 + Math.exp(-sum));
}

export function logisticShare(model: Logistic, row: ArrayLike<number>): number {
  let sum = model.offset;
  for (let at = 0; at < model.weights.length; at += 1)
    sum += (row[at] as number) * (model.weights[at] as number);
  return 1 / (1 + Math.exp(-sum));
}
