import { seededRandom } from './random.ts';
import type { SparseMatrix } from './sparse-matrix.ts';
import { eigenvectors, innerProduct } from './symmetric.ts';

/** The leading right singular vectors of a sparse matrix. */
export interface LatentBasis {
  readonly columnCount: number;
  /** Singular vectors; fewer than asked for where the matrix has a lower rank. */
  readonly size: number;
  /** columnCount × size; the vectors are orthonormal. */
  readonly vectors: Float32Array;
  /** Singular values, descending. */
  readonly strengths: Float64Array;
}

export interface LatentOptions {
  /** Singular vectors that are wanted. */
  readonly size: number;
  readonly seed: number;
  /** Times that the sample is multiplied by the matrix and its transpose. */
  readonly rounds: number;
}

/** Vectors that are carried along, so that the last wanted ones are exact too. */
const EXTRA = 16;
/** Entries of the matrix between two pauses: about 5 ms of processor time with 144 vectors. */
const ENTRIES_PER_STEP = 20_000;
/** A direction with less than this share of the greatest length is rounding error. */
const LEAST_SHARE = 1e-6;

/**
 * Truncated singular value decomposition by randomised subspace iteration (Halko, Martinsson and
 * Tropp, "Finding structure with randomness", SIAM Review 2011, algorithms 4.4 and 5.1), on the
 * side of the columns: two arrays of columnCount × (size + 16) and nothing per row. A generator, so
 * that its caller can do other work between two steps of a few milliseconds.
 */
export function* fitLatentBasis(
  matrix: SparseMatrix,
  options: LatentOptions,
): Generator<void, LatentBasis> {
  const { columnCount } = matrix;
  const width = Math.min(columnCount, matrix.rowCount, options.size + EXTRA);
  const random = seededRandom(options.seed);
  let vectors = new Float32Array(columnCount * width);
  for (let at = 0; at < vectors.length; at += 1) vectors[at] = random() + random() + random() - 1.5;
  for (let round = 0; round < options.rounds; round += 1) {
    const multiplied = new Float32Array(columnCount * width);
    yield* multiply(matrix, vectors, multiplied, width);
    yield* orthonormalise(multiplied, width);
    vectors = multiplied;
  }
  const multiplied = new Float32Array(columnCount * width);
  yield* multiply(matrix, vectors, multiplied, width);
  const inner = new Float64Array(width * width);
  for (const from of blocks(columnCount, width)) {
    addProducts(vectors, multiplied, inner, width, from, stepOf(width));
    yield;
  }
  return rotated(vectors, columnCount, width, inner, options.size);
}

/** result += matrixᵀ · matrix · vectors. */
function* multiply(
  { rowCount, starts, columns, values }: SparseMatrix,
  vectors: Float32Array,
  result: Float32Array,
  width: number,
): Generator<void, void> {
  const row = new Float32Array(width);
  let done = 0;
  for (let at = 0; at < rowCount; at += 1) {
    const begin = starts[at] as number;
    const end = starts[at + 1] as number;
    row.fill(0);
    for (let entry = begin; entry < end; entry += 1) {
      const value = values[entry] as number;
      const from = (columns[entry] as number) * width;
      for (let index = 0; index < width; index += 1)
        row[index] = (row[index] as number) + value * (vectors[from + index] as number);
    }
    for (let entry = begin; entry < end; entry += 1) {
      const value = values[entry] as number;
      const from = (columns[entry] as number) * width;
      for (let index = 0; index < width; index += 1)
        result[from + index] = (result[from + index] as number) + value * (row[index] as number);
    }
    done += end - begin;
    if (done < ENTRIES_PER_STEP) continue;
    done = 0;
    yield;
  }
}

/** Makes the columns of `vectors` orthonormal by the Cholesky factor of their inner products. */
function* orthonormalise(vectors: Float32Array, width: number): Generator<void, void> {
  const rowCount = vectors.length / width;
  const inner = new Float64Array(width * width);
  for (const from of blocks(rowCount, width)) {
    addProducts(vectors, vectors, inner, width, from, stepOf(width));
    yield;
  }
  const factor = cholesky(inner, width);
  for (const from of blocks(rowCount, width)) {
    const to = Math.min(rowCount, from + stepOf(width));
    for (let row = from; row < to; row += 1) solveRow(vectors, row * width, factor, width);
    yield;
  }
}

function stepOf(width: number): number {
  return Math.max(1, Math.ceil((ENTRIES_PER_STEP * 4) / width));
}

function* blocks(rowCount: number, width: number): Generator<number, void> {
  for (let from = 0; from < rowCount; from += stepOf(width)) yield from;
}

/** inner += leftᵀ · right over some rows; width × width. */
function addProducts(
  left: Float32Array,
  right: Float32Array,
  inner: Float64Array,
  width: number,
  firstRow: number,
  rowCount: number,
): void {
  const end = Math.min(left.length, (firstRow + rowCount) * width);
  for (let from = firstRow * width; from < end; from += width) {
    for (let row = 0; row < width; row += 1) {
      const value = left[from + row] as number;
      if (value === 0) continue;
      const place = row * width;
      for (let column = 0; column < width; column += 1)
        inner[place + column] =
          (inner[place + column] as number) + value * (right[from + column] as number);
    }
  }
}

/** Lower factor; a direction that depends on earlier ones gets a zero in the diagonal. */
function cholesky(inner: Float64Array, width: number): Float64Array {
  const factor = new Float64Array(width * width);
  let greatest = 0;
  for (let row = 0; row < width; row += 1)
    greatest = Math.max(greatest, inner[row * width + row] as number);
  for (let column = 0; column < width; column += 1) {
    const rest = inner[column * width + column] as number;
    const pivot = rest - innerProduct(factor, column * width, column * width, column);
    if (!(pivot > LEAST_SHARE * greatest)) continue;
    const length = Math.sqrt(pivot);
    factor[column * width + column] = length;
    for (let row = column + 1; row < width; row += 1) {
      const product = innerProduct(factor, row * width, column * width, column);
      factor[row * width + column] = ((inner[row * width + column] as number) - product) / length;
    }
  }
  return factor;
}

/** One row of vectors · factor⁻ᵀ. */
function solveRow(vectors: Float32Array, from: number, factor: Float64Array, width: number): void {
  for (let column = 0; column < width; column += 1) {
    const diagonal = factor[column * width + column] as number;
    let sum = vectors[from + column] as number;
    if (diagonal !== 0)
      for (let index = 0; index < column; index += 1)
        sum -= (vectors[from + index] as number) * (factor[column * width + index] as number);
    vectors[from + column] = diagonal === 0 ? 0 : sum / diagonal;
  }
}

/** Turns the basis to the singular vectors (Rayleigh–Ritz) and keeps the strongest. */
function rotated(
  vectors: Float32Array,
  columnCount: number,
  width: number,
  inner: Float64Array,
  most: number,
): LatentBasis {
  const found = eigenvectors(inner, width);
  const greatest = found.values[0] ?? 0;
  const strong = found.values.filter((value) => value > LEAST_SHARE * greatest).length;
  const size = Math.min(most, strong);
  const result = new Float32Array(columnCount * size);
  for (let row = 0; row < columnCount; row += 1)
    for (let index = 0; index < width; index += 1) {
      const value = vectors[row * width + index] as number;
      if (value === 0) continue;
      for (let column = 0; column < size; column += 1)
        result[row * size + column] =
          (result[row * size + column] as number) +
          value * (found.vectors[index * width + column] as number);
    }
  const strengths = Float64Array.from(found.values.subarray(0, size), Math.sqrt);
  return { columnCount, size, vectors: result, strengths };
}
