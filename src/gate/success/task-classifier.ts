import { trainSoftmax } from '../../base/softmax.ts';
import type { SparseMatrix, WeighedText } from '../../base/sparse-matrix.ts';

/** Multinomial logistic regression on the words of a text and on features of its shape. */
export interface TaskClassifier {
  readonly taskCount: number;
  /** (columns + extraSize) × tasks; the weight is weight × scale of its row. */
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly offsets: Float32Array;
  readonly extraSize: number;
}

export interface TaskClassifierInput {
  readonly matrix: SparseMatrix;
  /** Task of each row, −1 = none. */
  readonly tasks: Int32Array;
  readonly taskCount: number;
  /** rows × extraSize. */
  readonly extra: Float64Array;
  readonly extraSize: number;
  readonly seed: number;
}

const LEARNING_RATE = 0.3;
const DROPOUT = 0.3;
/** Steps wanted, and passes over the rows at least and at most. */
const STEPS = 40_000;
const EPOCHS_LEAST = 4;
const EPOCHS_MOST = 20;

export function trainTaskClassifier(input: TaskClassifierInput): TaskClassifier {
  const { matrix, tasks, taskCount, extraSize } = input;
  const chosen = [...tasks.keys()].filter((row) => (tasks[row] as number) >= 0);
  const size = matrix.columnCount + extraSize;
  const weights = new Int8Array(size * taskCount);
  const scales = new Float32Array(size);
  if (taskCount < 2 || chosen.length === 0)
    return { taskCount, weights, scales, offsets: new Float32Array(taskCount), extraSize };
  const model = trainSoftmax(
    chosen.map((row) => vectorOf(input, row)),
    Int32Array.from(chosen, (row) => tasks[row] as number),
    {
      classCount: taskCount,
      seed: input.seed,
      epochs: Math.min(EPOCHS_MOST, Math.max(EPOCHS_LEAST, Math.ceil(STEPS / chosen.length))),
      learningRate: LEARNING_RATE,
      dropout: DROPOUT,
      columnLimit: size,
    },
  );
  model.columns.forEach((column, at) => {
    scales[column] = model.scales[at] as number;
    weights.set(model.weights.subarray(at * taskCount, (at + 1) * taskCount), column * taskCount);
  });
  return { taskCount, weights, scales, offsets: model.bias, extraSize };
}

function vectorOf({ matrix, extra, extraSize }: TaskClassifierInput, row: number) {
  const start = matrix.starts[row] as number;
  const end = matrix.starts[row + 1] as number;
  const indices = new Int32Array(end - start + extraSize);
  const values = new Float32Array(indices.length);
  indices.set(matrix.columns.subarray(start, end));
  values.set(matrix.values.subarray(start, end));
  for (let at = 0; at < extraSize; at += 1) {
    indices[end - start + at] = matrix.columnCount + at;
    values[end - start + at] = extra[row * extraSize + at] as number;
  }
  return { indices, values };
}

/** Log-odds of the tasks, not normalised. */
export function scoreTasks(
  classifier: TaskClassifier,
  text: WeighedText,
  extra: Float64Array,
): Float64Array {
  const { taskCount, weights, scales, offsets, extraSize } = classifier;
  const scores = Float64Array.from(offsets);
  const add = (row: number, value: number) => {
    const factor = value * (scales[row] as number);
    if (factor === 0) return;
    const base = row * taskCount;
    for (let task = 0; task < taskCount; task += 1)
      scores[task] = (scores[task] as number) + factor * (weights[base + task] as number);
  };
  for (let at = 0; at < text.size; at += 1)
    add(text.columns[at] as number, text.values[at] as number);
  const first = scales.length - extraSize;
  for (let at = 0; at < extraSize; at += 1) add(first + at, extra[at] as number);
  return scores;
}
