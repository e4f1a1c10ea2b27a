import type { SparseVector } from './hashing.ts';
import { seededRandom, shuffle } from './random.ts';

/**
 * Multinomial logistic regression on sparse vectors with 8-bit weights: one scale per feature, so
 * that a class costs one byte per feature that training saw.
 */
export interface SoftmaxModel {
  readonly classCount: number;
  /** Feature indices with weights, ascending. */
  readonly columns: Int32Array;
  /** `columns.length` × `classCount`, row after row; the weight is `weights × scales[column]`. */
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
}

export interface SoftmaxOptions {
  readonly classCount: number;
  readonly seed: number;
  readonly epochs: number;
  /** Step of Adagrad; 0.1 … 1 for vectors of length 1. */
  readonly learningRate: number;
  /** Share of the features left out at random in every step, 0 … 0.9. */
  readonly dropout: number;
  /** Most features that are kept, those in most rows first. */
  readonly columnLimit: number;
  /** Where the weights begin; zero when absent. */
  readonly start?: SoftmaxStart;
}

export interface SoftmaxStart {
  /** One weight per class, by the index of the feature. */
  readonly weights: ReadonlyMap<number, Float32Array>;
  readonly bias: Float32Array;
}

/** Gradients below this are not applied: 30 % of the time, nothing lost on 77 and 150 classes. */
const GRADIENT_FLOOR = 1e-3;
/** First value of Adagrad's sums; keeps the first steps small. */
const ADAGRAD_START = 1e-2;

interface TrainingSet {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/**
 * Trains by Adagrad (Duchi et al., JMLR 2011), one row at a time in a seeded order; the same rows,
 * options and seed give the same bytes. `classes[row]` is 0 … classCount − 1.
 */
export function trainSoftmax(
  rows: readonly SparseVector[],
  classes: Int32Array,
  options: SoftmaxOptions,
): SoftmaxModel {
  const columns = selectColumns(rows, options.columnLimit);
  const set = compactRows(rows, columns);
  const { classCount } = options;
  const weights = new Float32Array(columns.length * classCount);
  const bias = options.start?.bias.slice() ?? new Float32Array(classCount);
  for (const [column, index] of columns.entries()) {
    const row = options.start?.weights.get(index);
    if (row !== undefined) weights.set(row, column * classCount);
  }
  const state = {
    weights,
    sums: new Float32Array(weights.length).fill(ADAGRAD_START),
    bias,
    biasSums: new Float32Array(classCount).fill(ADAGRAD_START),
    active: new Int32Array(classCount),
    gradients: new Float64Array(classCount),
  };
  const random = seededRandom(options.seed);
  const order = Int32Array.from({ length: rows.length }, (_, row) => row);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    shuffle(order, random);
    for (const row of order) step(state, set, row, classes[row] as number, options, random);
  }
  return quantise(columns, weights, bias, classCount);
}

interface TrainingState {
  readonly weights: Float32Array;
  /** Adagrad's sums of squared gradients, one per weight. */
  readonly sums: Float32Array;
  readonly bias: Float32Array;
  readonly biasSums: Float32Array;
  /** Labels with a gradient in this step, and the gradients. */
  readonly active: Int32Array;
  readonly gradients: Float64Array;
}

function step(
  state: TrainingState,
  set: TrainingSet,
  row: number,
  wanted: number,
  options: SoftmaxOptions,
  random: () => number,
): void {
  const { classCount, dropout, learningRate } = options;
  const { columns, values, kept } = keptFeatures(set, row, dropout, random);
  const activeCount = findGradients(state, columns, values, kept, wanted);
  const { active, gradients } = state;
  for (let at = 0; at < activeCount; at += 1) {
    const gradient = gradients[at] as number;
    descend(state.bias, state.biasSums, active[at] as number, gradient, learningRate);
  }
  for (let at = 0; at < kept; at += 1) {
    const base = (columns[at] as number) * classCount;
    const value = values[at] as number;
    for (let turn = 0; turn < activeCount; turn += 1) {
      const slot = base + (active[turn] as number);
      descend(state.weights, state.sums, slot, (gradients[turn] as number) * value, learningRate);
    }
  }
}

/** Fills `state.active` and `state.gradients`; returns how many there are. */
function findGradients(
  state: TrainingState,
  columns: Int32Array,
  values: Float32Array,
  kept: number,
  wanted: number,
): number {
  const { weights, active, gradients } = state;
  const classCount = state.bias.length;
  const scores = Float64Array.from(state.bias);
  for (let at = 0; at < kept; at += 1) {
    const base = (columns[at] as number) * classCount;
    const value = values[at] as number;
    for (let label = 0; label < classCount; label += 1) {
      scores[label] = (scores[label] as number) + value * (weights[base + label] as number);
    }
  }
  softmaxInPlace(scores);
  scores[wanted] = (scores[wanted] as number) - 1;
  let activeCount = 0;
  for (let label = 0; label < classCount; label += 1) {
    const gradient = scores[label] as number;
    if (gradient < GRADIENT_FLOOR && gradient > -GRADIENT_FLOOR) continue;
    active[activeCount] = label;
    gradients[activeCount] = gradient;
    activeCount += 1;
  }
  return activeCount;
}

function descend(
  weights: Float32Array,
  sums: Float32Array,
  slot: number,
  gradient: number,
  learningRate: number,
): void {
  const sum = (sums[slot] as number) + gradient * gradient;
  sums[slot] = sum;
  weights[slot] = (weights[slot] as number) - (learningRate * gradient) / Math.sqrt(sum);
}

function keptFeatures(set: TrainingSet, row: number, dropout: number, random: () => number) {
  const start = set.starts[row] as number;
  const end = set.starts[row + 1] as number;
  const columns = set.columns.slice(start, end);
  const values = set.values.slice(start, end);
  if (dropout === 0) return { columns, values, kept: columns.length };
  let kept = 0;
  for (let at = 0; at < columns.length; at += 1) {
    if (random() < dropout) continue;
    columns[kept] = columns[at] as number;
    values[kept] = (values[at] as number) / (1 - dropout);
    kept += 1;
  }
  return { columns, values, kept };
}

/** The features of most rows, at most `limit`, ascending. */
function selectColumns(rows: readonly SparseVector[], limit: number): Int32Array {
  const counts = new Map<number, number>();
  for (const row of rows) {
    for (const index of row.indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const ranked = [...counts].sort((left, right) => right[1] - left[1] || left[0] - right[0]);
  return Int32Array.from(ranked.slice(0, limit), ([index]) => index).sort();
}

function compactRows(rows: readonly SparseVector[], columns: Int32Array): TrainingSet {
  const places = new Map<number, number>();
  columns.forEach((index, column) => {
    places.set(index, column);
  });
  const starts = new Int32Array(rows.length + 1);
  const found: number[] = [];
  const values: number[] = [];
  rows.forEach((row, at) => {
    row.indices.forEach((index, slot) => {
      const column = places.get(index);
      if (column === undefined) return;
      found.push(column);
      values.push(row.values[slot] as number);
    });
    starts[at + 1] = found.length;
  });
  return { starts, columns: Int32Array.from(found), values: Float32Array.from(values) };
}

function quantise(
  columns: Int32Array,
  weights: Float32Array,
  bias: Float32Array,
  classCount: number,
): SoftmaxModel {
  const small = new Int8Array(weights.length);
  const scales = new Float32Array(columns.length);
  for (let column = 0; column < columns.length; column += 1) {
    const row = weights.subarray(column * classCount, (column + 1) * classCount);
    let largest = 0;
    for (const weight of row) largest = Math.max(largest, Math.abs(weight));
    scales[column] = largest / 127;
    if (largest === 0) continue;
    for (let label = 0; label < classCount; label += 1) {
      small[column * classCount + label] = Math.round(((row[label] as number) / largest) * 127);
    }
  }
  return { classCount, columns, weights: small, scales, bias };
}

/** Turns scores into probabilities, in place, without overflow. */
export function softmaxInPlace(scores: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > largest) largest = score;
  let total = 0;
  for (let at = 0; at < scores.length; at += 1) {
    const power = Math.exp((scores[at] as number) - largest);
    scores[at] = power;
    total += power;
  }
  for (let at = 0; at < scores.length; at += 1) scores[at] = (scores[at] as number) / total;
}
