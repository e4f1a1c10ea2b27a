import type { SparseMatrix } from './sparse-matrix.ts';

/** Several targets of the same rows, row after row. */
export interface Targets {
  readonly count: number;
  /** rows × count; what has no weight is not read. */
  readonly values: Float64Array;
  /** rows × count, ≥ 0; 0 = the row says nothing about this target. */
  readonly weights: Float64Array;
}

/** Linear functions of a sparse row: offset + Σ value × weight. */
export interface SparseLinear {
  readonly count: number;
  /** columns × count. */
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
}

const ROUNDS_MOST = 40;
/** Residual at which a solution is good enough, as a share of the right side. */
const TOLERANCE = 3e-3;

/** Weighted mean of each target; 0 where nothing is known. */
export function targetMeans(targets: Targets): Float64Array {
  const sums = new Float64Array(targets.count);
  const totals = new Float64Array(targets.count);
  for (let at = 0; at < targets.values.length; at += 1) {
    const weight = targets.weights[at] as number;
    if (weight === 0) continue;
    const target = at % targets.count;
    sums[target] = (sums[target] as number) + weight * (targets.values[at] as number);
    totals[target] = (totals[target] as number) + weight;
  }
  return sums.map((sum, target) => (totals[target] === 0 ? 0 : sum / (totals[target] as number)));
}

/**
 * Ridge regression of every target on sparse rows: least Σ weight × error² + penalty × |w|². Solved
 * by conjugate gradients (Hestenes and Stiefel, 1952), all targets side by side, in memory of a few
 * columns × targets. The offset is not penalised.
 */
export function fitSparseRidge(
  matrix: SparseMatrix,
  targets: Targets,
  penalty: number,
): SparseLinear {
  const { count } = targets;
  const centred = centre(targets);
  const size = matrix.columnCount * count;
  const weights = new Float64Array(size);
  const residual = transposed(matrix, weigh(centred, targets), count);
  const direction = residual.slice();
  let squares = squaresOf(residual, count);
  const wanted = squares.map((value) => value * TOLERANCE ** 2);
  for (let round = 0; round < ROUNDS_MOST; round += 1) {
    if (squares.every((value, target) => value <= (wanted[target] as number))) break;
    const moved = centre({ ...targets, values: times(matrix, direction, count) });
    const image = transposed(matrix, weigh(moved, targets), count);
    for (let at = 0; at < size; at += 1)
      image[at] = (image[at] as number) + penalty * (direction[at] as number);
    const steps = dots(direction, image, count).map((value, target) =>
      value > 0 ? (squares[target] as number) / value : 0,
    );
    for (let at = 0; at < size; at += 1) {
      const step = steps[at % count] as number;
      weights[at] = (weights[at] as number) + step * (direction[at] as number);
      residual[at] = (residual[at] as number) - step * (image[at] as number);
    }
    const next = squaresOf(residual, count);
    for (let at = 0; at < size; at += 1) {
      const target = at % count;
      const ratio =
        (squares[target] as number) > 0
          ? (next[target] as number) / (squares[target] as number)
          : 0;
      direction[at] = (residual[at] as number) + ratio * (direction[at] as number);
    }
    squares = next;
  }
  const fitted = times(matrix, weights, count);
  const rest = targets.values.map((value, at) => value - (fitted[at] as number));
  return { count, weights, offsets: targetMeans({ ...targets, values: rest }) };
}

/** rows × count. */
export function applySparse(matrix: SparseMatrix, linear: SparseLinear): Float64Array {
  const values = times(matrix, linear.weights, linear.count);
  for (let at = 0; at < values.length; at += 1)
    values[at] = (values[at] as number) + (linear.offsets[at % linear.count] as number);
  return values;
}

/** Less the weighted mean of each target: what an offset that is not penalised leaves of it. */
function centre(targets: Targets): Float64Array {
  const { values, weights, count } = targets;
  const means = targetMeans(targets);
  return values.map((value, at) => (weights[at] === 0 ? 0 : value - (means[at % count] as number)));
}

function weigh(values: Float64Array, { weights }: Targets): Float64Array {
  return values.map((value, at) => value * (weights[at] as number));
}

/** matrix × (columns × count). */
function times(matrix: SparseMatrix, right: Float64Array, count: number): Float64Array {
  const { starts, columns, values, rowCount } = matrix;
  const result = new Float64Array(rowCount * count);
  for (let row = 0; row < rowCount; row += 1) {
    const to = row * count;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at += 1) {
      const from = (columns[at] as number) * count;
      const value = values[at] as number;
      for (let target = 0; target < count; target += 1)
        result[to + target] =
          (result[to + target] as number) + value * (right[from + target] as number);
    }
  }
  return result;
}

/** transposed matrix × (rows × count). */
function transposed(matrix: SparseMatrix, right: Float64Array, count: number): Float64Array {
  const { starts, columns, values, rowCount } = matrix;
  const result = new Float64Array(matrix.columnCount * count);
  for (let row = 0; row < rowCount; row += 1) {
    const from = row * count;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at += 1) {
      const to = (columns[at] as number) * count;
      const value = values[at] as number;
      for (let target = 0; target < count; target += 1)
        result[to + target] =
          (result[to + target] as number) + value * (right[from + target] as number);
    }
  }
  return result;
}

function dots(left: Float64Array, right: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let at = 0; at < left.length; at += 1) {
    const target = at % count;
    sums[target] = (sums[target] as number) + (left[at] as number) * (right[at] as number);
  }
  return sums;
}

function squaresOf(values: Float64Array, count: number): Float64Array {
  return dots(values, values, count);
}
