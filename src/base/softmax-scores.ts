import type { SparseVector } from './hashing.ts';
import type { SoftmaxModel } from './softmax.ts';

/** Starts of the rows of weights that a vector meets, and their factors; kept between calls. */
let starts = new Int32Array(1024);
let factors = new Float64Array(1024);

/**
 * Scores (logits) of the classes, and the share of the vector's squared length that falls on
 * features that training saw, 0 … 1.
 */
export function scoreSoftmax(
  model: SoftmaxModel,
  { indices, values }: SparseVector,
): { readonly scores: Float64Array; readonly known: number } {
  const { classCount, columns, scales, weights } = model;
  if (starts.length < indices.length) {
    starts = new Int32Array(2 * indices.length);
    factors = new Float64Array(2 * indices.length);
  }
  let known = 0;
  let count = 0;
  let column = 0;
  for (let at = 0; at < indices.length; at += 1) {
    const index = indices[at] as number;
    // The dimensions of a vector follow each other: no search, 8 of the 20 µs of a head of 28 classes.
    if (columns[column + 1] === index) column += 1;
    else column = seek(columns, index, column);
    if (columns[column] !== index) continue;
    const value = values[at] as number;
    known += value * value;
    starts[count] = column * classCount;
    factors[count] = value * (scales[column] as number);
    count += 1;
  }
  const scores = new Float64Array(model.bias);
  const fours = count - (count % 4);
  for (let at = 0; at < fours; at += 4) addFourRows(scores, weights, at);
  for (let at = fours; at < count; at += 1) addRow(scores, weights, at);
  return { scores, known: Math.min(1, known) };
}

function addRow(scores: Float64Array, weights: Int8Array, at: number): void {
  const start = starts[at] as number;
  const factor = factors[at] as number;
  for (let label = 0; label < scores.length; label += 1)
    scores[label] = (scores[label] as number) + factor * (weights[start + label] as number);
}

/** As `addRow` four times, to the last bit, in half the time: the memory fetches four rows at once. */
function addFourRows(scores: Float64Array, weights: Int8Array, at: number): void {
  const start1 = starts[at] as number;
  const start2 = starts[at + 1] as number;
  const start3 = starts[at + 2] as number;
  const start4 = starts[at + 3] as number;
  const factor1 = factors[at] as number;
  const factor2 = factors[at + 1] as number;
  const factor3 = factors[at + 2] as number;
  const factor4 = factors[at + 3] as number;
  for (let label = 0; label < scores.length; label += 1) {
    scores[label] =
      (scores[label] as number) +
      factor1 * (weights[start1 + label] as number) +
      factor2 * (weights[start2 + label] as number) +
      factor3 * (weights[start3 + label] as number) +
      factor4 * (weights[start4 + label] as number);
  }
}

/**
 * First place at or after `from` whose value is ≥ `index`; `columns.length` if there is none. Hashes are spread
 * evenly, so that the place is guessed, then enclosed by steps that double, then halved.
 */
function seek(columns: Int32Array, index: number, from: number): number {
  const end = columns.length;
  if (from >= end || (columns[from] as number) >= index) return from;
  const first = columns[from] as number;
  const span = (columns[end - 1] as number) - first;
  if (index > first + span) return end;
  let low = from + Math.floor(((end - 1 - from) * (index - first)) / span);
  let high = low;
  let step = 16;
  if ((columns[low] as number) < index) {
    while (high < end && (columns[high] as number) < index) {
      low = high;
      high += step;
      step *= 2;
    }
    if (high > end) high = end;
  } else {
    while (low > from && (columns[low] as number) >= index) {
      high = low;
      low -= step;
      step *= 2;
    }
    if (low < from) low = from;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns[middle] as number) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
