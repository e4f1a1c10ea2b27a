import type { SparseMatrix, WeighedText } from '../../base/sparse-matrix.ts';
import { type ColumnWeights, quantiseColumns } from './column-weights.ts';

/** With more tasks the centres would take the place of words. */
const TASKS_MOST = 24;

/** The mean text of each task, at length 1; undefined for more than 24 tasks. */
export function fitTaskCentres(
  matrix: SparseMatrix,
  tasks: Int32Array,
  taskCount: number,
): ColumnWeights | undefined {
  if (taskCount > TASKS_MOST) return undefined;
  const weights = new Float64Array(matrix.columnCount * taskCount);
  tasks.forEach((task, row) => {
    if (task < 0) return;
    for (let at = matrix.starts[row] as number; at < (matrix.starts[row + 1] as number); at += 1) {
      const slot = (matrix.columns[at] as number) * taskCount + task;
      weights[slot] = (weights[slot] as number) + (matrix.values[at] as number);
    }
  });
  const lengths = new Float64Array(taskCount);
  weights.forEach((value, slot) => {
    lengths[slot % taskCount] = (lengths[slot % taskCount] as number) + value * value;
  });
  weights.forEach((value, slot) => {
    weights[slot] = value / (Math.sqrt(lengths[slot % taskCount] as number) || 1);
  });
  return quantiseColumns({ weights, offsets: new Float64Array(taskCount), count: taskCount });
}

/** Cosine of a text and a task's centre, 0 … 1; 0 where there are no centres. */
export function likenessTo(
  centres: ColumnWeights | undefined,
  text: WeighedText,
  task: number,
): number {
  if (centres === undefined) return 0;
  const { weights, scales, offsets } = centres;
  let sum = 0;
  for (let at = 0; at < text.size; at += 1) {
    const column = text.columns[at] as number;
    sum +=
      (text.values[at] as number) *
      (scales[column] as number) *
      (weights[column * offsets.length + task] as number);
  }
  return sum;
}
