import { fitDense } from '../../base/dense-fit.ts';
import type { SparseMatrix } from '../../base/sparse-matrix.ts';
import { type Targets, targetMeans } from '../../base/sparse-ridge.ts';
import { type TaskClassifier, trainTaskClassifier } from './task-classifier.ts';
import type { TaskLabels } from './tasks.ts';

/** Which task a text is of, and what the targets are in each. */
export interface TaskHead {
  readonly taskCount: number;
  readonly targetCount: number;
  /** Scores of the tasks by words, then by `extraSize` features of the shape. */
  readonly classifier: TaskClassifier;
  /** tasks × targets. */
  readonly table: Float64Array;
  /** tasks × (`innerSize` + 1) × targets: how the targets vary within a task, the offset last. */
  readonly inner: Float64Array;
  readonly innerSize: number;
  /** Targets of a text of no known task. */
  readonly means: Float64Array;
}

const STRENGTH_LEAST = 4;
const STRENGTH_MOST = 300;
/** Rows of a task from which its inner variation is learned. */
const INNER_ROWS = 40;
const INNER_PENALTY = 15;

export interface TaskHeadInput {
  readonly matrix: SparseMatrix;
  readonly targets: Targets;
  /** Task of each row of the matrix, −1 = none. */
  readonly tasks: Int32Array;
  readonly taskCount: number;
  /** rows × innerSize. */
  readonly features: Float64Array;
  readonly innerSize: number;
  /** rows × extraSize: what the tasks are told by beside the words. */
  readonly extra: Float64Array;
  readonly extraSize: number;
  readonly seed: number;
}

export function tasksOfRows(labels: TaskLabels, chosen: Int32Array): Int32Array {
  return Int32Array.from(chosen, (row) => labels.ofRow[row] as number);
}

export function trainTaskHead(input: TaskHeadInput): TaskHead {
  const { targets, taskCount } = input;
  const means = targetMeans(targets);
  const table = shrunkTable(input, means);
  return {
    taskCount,
    targetCount: targets.count,
    classifier: trainTaskClassifier(input),
    table,
    inner: trainInner(input, table),
    innerSize: input.innerSize,
    means,
  };
}

/**
 * Means of the tasks, pulled to the mean over all by empirical Bayes: worth as many rows as make the
 * spread within a task over the spread between tasks (Morris, JASA 1983). One strength for the
 * level, one for all deviations.
 */
function shrunkTable(input: TaskHeadInput, means: Float64Array): Float64Array {
  const { taskCount, targets } = input;
  const { count } = targets;
  const sums = new Float64Array(taskCount * count);
  const totals = new Float64Array(taskCount * count);
  let [levelWithin, deviationWithin] = [0, 0];
  let [levelRows, deviationRows] = [0, 0];
  eachValue(input, (task, target, weight, value) => {
    const slot = task * count + target;
    sums[slot] = (sums[slot] as number) + weight * (value - (means[target] as number));
    totals[slot] = (totals[slot] as number) + weight;
  });
  eachValue(input, (task, target, weight, value) => {
    const slot = task * count + target;
    const own = (sums[slot] as number) / (totals[slot] as number);
    const square = weight * (value - (means[target] as number) - own) ** 2;
    if (target === 0) {
      levelWithin += square;
      levelRows += weight;
    } else {
      deviationWithin += square;
      deviationRows += weight;
    }
  });
  const within = [
    levelWithin / Math.max(1, levelRows),
    deviationWithin / Math.max(1, deviationRows),
  ];
  const strengths = within.map((variance, kind) => strengthOf(kind, variance, sums, totals, count));
  return sums.map((sum, slot) => {
    const target = slot % count;
    const strength = strengths[target === 0 ? 0 : 1] as number;
    return (means[target] as number) + sum / ((totals[slot] as number) + strength);
  });
}

function strengthOf(
  kind: number,
  within: number,
  sums: Float64Array,
  totals: Float64Array,
  count: number,
): number {
  let between = 0;
  let cells = 0;
  for (let slot = 0; slot < sums.length; slot += 1) {
    const total = totals[slot] as number;
    if ((slot % count === 0) !== (kind === 0) || total < 2) continue;
    between += ((sums[slot] as number) / total) ** 2 - within / total;
    cells += 1;
  }
  const variance = cells === 0 ? 0 : between / cells;
  if (variance <= 0) return STRENGTH_MOST;
  return Math.min(STRENGTH_MOST, Math.max(STRENGTH_LEAST, within / variance));
}

function eachValue(
  { tasks, targets }: TaskHeadInput,
  visit: (task: number, target: number, weight: number, value: number) => void,
): void {
  const { count, values, weights } = targets;
  tasks.forEach((task, row) => {
    if (task < 0) return;
    for (let target = 0; target < count; target += 1) {
      const weight = weights[row * count + target] as number;
      if (weight > 0) visit(task, target, weight, values[row * count + target] as number);
    }
  });
}

/** A ridge of each larger task on what its table leaves open. */
function trainInner(input: TaskHeadInput, table: Float64Array): Float64Array {
  const { tasks, taskCount, targets, features, innerSize } = input;
  const { count } = targets;
  const inner = new Float64Array(taskCount * (innerSize + 1) * count);
  for (let task = 0; task < taskCount; task += 1) {
    const rows = [...tasks.keys()].filter((row) => tasks[row] === task);
    if (rows.length < INNER_ROWS) continue;
    const part = new Float64Array(rows.length * innerSize);
    const values = new Float64Array(rows.length * count);
    const weights = new Float64Array(rows.length * count);
    rows.forEach((row, at) => {
      part.set(features.subarray(row * innerSize, (row + 1) * innerSize), at * innerSize);
      for (let target = 0; target < count; target += 1) {
        values[at * count + target] =
          (targets.values[row * count + target] as number) -
          (table[task * count + target] as number);
        weights[at * count + target] = targets.weights[row * count + target] as number;
      }
    });
    const [linear] = fitDense(part, innerSize, { count, values, weights }, [INNER_PENALTY]);
    if (linear === undefined) continue;
    const base = task * (innerSize + 1) * count;
    inner.set(linear.weights, base);
    // The table says where the task lies; this only says how it varies.
    const shift = averageOf(part, innerSize, linear.weights, count);
    inner.set(
      shift.map((value) => -value),
      base + innerSize * count,
    );
  }
  return inner;
}

/** Mean over the rows of features × weights, per target. */
function averageOf(
  rows: Float64Array,
  size: number,
  weights: Float64Array,
  count: number,
): Float64Array {
  const means = new Float64Array(count);
  const rowCount = rows.length / size;
  for (let at = 0; at < rows.length; at += 1) {
    const base = (at % size) * count;
    for (let target = 0; target < count; target += 1)
      means[target] =
        (means[target] as number) +
        ((rows[at] as number) * (weights[base + target] as number)) / rowCount;
  }
  return means;
}
