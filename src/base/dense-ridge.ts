import { type Targets, targetMeans } from './sparse-ridge.ts';

/** Linear functions of a dense row: offset + Σ value × weight. */
export interface DenseLinear {
  readonly size: number;
  readonly count: number;
  /** size × count. */
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
}

/** Sums over rows that give the ridge solution for every penalty; targets with the same weights share one. */
export interface RidgeSums {
  readonly size: number;
  readonly means: Float64Array;
  readonly centre: Float64Array;
  /** size × size, lower triangle. */
  readonly gram: Float64Array;
  /** size × count. */
  readonly moments: Float64Array;
}

/** `rows` is row count × size. `weights` holds one weight per row. */
export function sumRows(
  rows: Float64Array,
  size: number,
  targets: Pick<Targets, 'count' | 'values'> & { readonly weights: Float64Array },
): RidgeSums {
  const { count, values, weights } = targets;
  const rowCount = weights.length;
  const spread = new Float64Array(rowCount * count);
  for (let at = 0; at < spread.length; at += 1)
    spread[at] = weights[Math.floor(at / count)] as number;
  const means = targetMeans({ count, values, weights: spread });
  const centre = targetMeans({ count: size, values: rows, weights: repeat(weights, size) });
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size * count);
  const row = new Float64Array(size);
  for (let at = 0; at < rowCount; at += 1) {
    const weight = weights[at] as number;
    if (weight === 0) continue;
    for (let place = 0; place < size; place += 1)
      row[place] = (rows[at * size + place] as number) - (centre[place] as number);
    for (let left = 0; left < size; left += 1) {
      const value = weight * (row[left] as number);
      if (value === 0) continue;
      const base = left * size;
      for (let right = 0; right <= left; right += 1)
        gram[base + right] = (gram[base + right] as number) + value * (row[right] as number);
      for (let target = 0; target < count; target += 1)
        moments[left * count + target] =
          (moments[left * count + target] as number) +
          value * ((values[at * count + target] as number) - (means[target] as number));
    }
  }
  return { size, means, centre, gram, moments };
}

function repeat(weights: Float64Array, size: number): Float64Array {
  const result = new Float64Array(weights.length * size);
  for (let at = 0; at < result.length; at += 1)
    result[at] = weights[Math.floor(at / size)] as number;
  return result;
}

/** Ridge regression from sums; the offset is not penalised. */
export function solveRidge(sums: RidgeSums, penalty: number): DenseLinear {
  const { size, centre, means } = sums;
  const count = means.length;
  const factor = cholesky(sums.gram, size, penalty);
  const weights = sums.moments.slice();
  for (let target = 0; target < count; target += 1)
    substitute(factor, size, weights, count, target);
  const offsets = means.map((value, target) => {
    let offset = value;
    for (let place = 0; place < size; place += 1)
      offset -= (centre[place] as number) * (weights[place * count + target] as number);
    return offset;
  });
  return { size, count, weights, offsets };
}

/** Lower factor of gram + penalty × identity (Cholesky). */
export function cholesky(gram: Float64Array, size: number, penalty: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = gram[row * size + column] as number;
      if (row === column) sum += penalty;
      for (let at = 0; at < column; at += 1)
        sum -= (factor[row * size + at] as number) * (factor[column * size + at] as number);
      factor[row * size + column] =
        row === column
          ? Math.sqrt(Math.max(sum, 1e-12))
          : sum / (factor[column * size + column] as number);
    }
  }
  return factor;
}

/** Solves factor × factorᵀ × x = column `target` of `values`, in place. */
export function substitute(
  factor: Float64Array,
  size: number,
  values: Float64Array,
  count: number,
  target: number,
): void {
  for (let row = 0; row < size; row += 1) {
    let sum = values[row * count + target] as number;
    for (let at = 0; at < row; at += 1)
      sum -= (factor[row * size + at] as number) * (values[at * count + target] as number);
    values[row * count + target] = sum / (factor[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = values[row * count + target] as number;
    for (let at = row + 1; at < size; at += 1)
      sum -= (factor[at * size + row] as number) * (values[at * count + target] as number);
    values[row * count + target] = sum / (factor[row * size + row] as number);
  }
}

/** One row's values into `result`, which has `count` places. */
export function applyDense(linear: DenseLinear, row: Float64Array, result: Float64Array): void {
  result.set(linear.offsets);
  addDense(linear.weights, 0, row, result);
}

/**
 * Adds row × weights to `result`; the weights stand at `from`, row length × result length. Four targets
 * at a time stay in registers: with 12 targets and 384 places 2 to 3 times as fast as adding to `result`
 * (a gate's decision asks it a dozen times).
 */
export function addDense(
  weights: Float64Array,
  from: number,
  row: Float64Array,
  result: Float64Array,
): void {
  const count = result.length;
  let target = 0;
  for (; target + 4 <= count; target += 4) addFour(weights, from, row, target, result);
  for (; target < count; target += 1) addOne(weights, from, row, target, result);
}

function addFour(
  weights: Float64Array,
  from: number,
  row: Float64Array,
  target: number,
  result: Float64Array,
): void {
  const count = result.length;
  let first = result[target] as number;
  let second = result[target + 1] as number;
  let third = result[target + 2] as number;
  let fourth = result[target + 3] as number;
  for (let place = 0, at = from + target; place < row.length; place += 1, at += count) {
    const value = row[place] as number;
    first += value * (weights[at] as number);
    second += value * (weights[at + 1] as number);
    third += value * (weights[at + 2] as number);
    fourth += value * (weights[at + 3] as number);
  }
  result[target] = first;
  result[target + 1] = second;
  result[target + 2] = third;
  result[target + 3] = fourth;
}

function addOne(
  weights: Float64Array,
  from: number,
  row: Float64Array,
  target: number,
  result: Float64Array,
): void {
  const count = result.length;
  let sum = result[target] as number;
  for (let place = 0, at = from + target; place < row.length; place += 1, at += count)
    sum += (row[place] as number) * (weights[at] as number);
  result[target] = sum;
}
