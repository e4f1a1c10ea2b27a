/** Eigenvalues of a symmetric matrix, descending, with their vectors as columns (size × size). */
export interface Eigenvectors {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const SWEEPS_MOST = 30;
const PRECISION = 1e-12;

/**
 * All eigenvectors of a symmetric matrix (size × size, row by row) by cyclic Jacobi rotations
 * (Golub and Van Loan, "Matrix Computations", section 8.5). Made for some hundred rows.
 */
export function eigenvectors(matrix: Float64Array, size: number): Eigenvectors {
  const work = matrix.slice();
  const turned = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) turned[at * size + at] = 1;
  for (let sweep = 0; sweep < SWEEPS_MOST && !isDiagonal(work, size); sweep += 1)
    for (let row = 0; row + 1 < size; row += 1)
      for (let column = row + 1; column < size; column += 1)
        rotate(work, turned, size, row, column);
  const order = Array.from({ length: size }, (_one, at) => at).sort(
    (left, right) => (work[right * size + right] ?? 0) - (work[left * size + left] ?? 0),
  );
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => {
    // Rows of `turned` are the vectors, so that a rotation walks along memory.
    for (let row = 0; row < size; row += 1)
      vectors[row * size + to] = turned[from * size + row] as number;
  });
  return { values: Float64Array.from(order, (at) => work[at * size + at] ?? 0), vectors };
}

/** Σ values[left + i] · values[right + i] over `count` places. */
export function innerProduct(
  values: Float64Array,
  left: number,
  right: number,
  count: number,
): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1)
    sum += (values[left + at] as number) * (values[right + at] as number);
  return sum;
}

function isDiagonal(work: Float64Array, size: number): boolean {
  let outside = 0;
  let inside = 0;
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      const square = (work[row * size + column] as number) ** 2;
      if (row === column) inside += square;
      else outside += square;
    }
  return outside <= PRECISION * inside;
}

/** Makes the entry (p, q) zero. */
function rotate(work: Float64Array, turned: Float64Array, size: number, p: number, q: number) {
  const entry = work[p * size + q] as number;
  if (entry === 0) return;
  const difference = (work[q * size + q] as number) - (work[p * size + p] as number);
  const ratio = difference / (2 * entry);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  turnRows(work, size, p, q, cosine, sine);
  for (let row = 0; row < size; row += 1) {
    const left = work[row * size + p] as number;
    const right = work[row * size + q] as number;
    work[row * size + p] = cosine * left - sine * right;
    work[row * size + q] = sine * left + cosine * right;
  }
  turnRows(turned, size, p, q, cosine, sine);
}

function turnRows(
  values: Float64Array,
  size: number,
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void {
  for (let column = 0; column < size; column += 1) {
    const left = values[p * size + column] as number;
    const right = values[q * size + column] as number;
    values[p * size + column] = cosine * left - sine * right;
    values[q * size + column] = sine * left + cosine * right;
  }
}
