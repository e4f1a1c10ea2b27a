import type { GradedRows } from './rows.ts';
import type { TaskLabels } from './tasks.ts';

/** A row that was held out, as the estimator would have judged it. */
export interface JudgedRow {
  readonly row: number;
  /** Place of the task that it is named or seems to be of. */
  readonly task: number;
  /** Estimate per model, as if the task were known. */
  readonly values: Float64Array;
  /** P(it is not of that task), 0 … 1; 0 where the task is named. */
  readonly doubt: number;
}

/** When another model than the best single one may be chosen. */
export interface Guard {
  /** Advantage that the other one must have; Infinity = never. */
  readonly margin: number;
  /** Doubt above which the best single model is kept, per task that the text seems to be of; −1 = always. */
  readonly doubtMost: Float64Array;
}

export const NEVER: Guard = { margin: Number.POSITIVE_INFINITY, doubtMost: new Float64Array() };

const MARGINS = [0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16];
/** At most twice the share of new kinds that is expected anyway. */
const DOUBTS = [0.003, 0.005, 0.01, 0.015, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.15, 0.2];
/** Standard errors that the gain as a whole must stand above 0: one-sided 95 %; and that of one task. */
const ERRORS = 1.64;
const TASK_ERRORS = 1;
/** Share of the rows of left-out tasks that may leave the best single model without proof of a gain. */
const UNPROVED_MOST = 0.05;

/**
 * The guard with the most gained over the best single model on rows like those of the past, if a
 * paired test shows that anything is gained at all. A row may leave the best single model when rows of
 * the task that it seems to be of gain by leaving, and it is no more doubtful than a limit. Few rows of
 * tasks that were left out may pass and leave: where too many do, the tasks that most pass for, measured
 * by what these gain, are kept. With proof that left-out tasks gain too all may leave.
 */
export function fitGuard(
  rows: GradedRows,
  best: number,
  past: readonly JudgedRow[],
  fresh: readonly JudgedRow[],
  labels: TaskLabels,
): Guard {
  let chosen = { guard: NEVER, gain: 0 };
  for (const margin of MARGINS) {
    const gains = gainsOf(rows, best, past, margin);
    const passing = gainsOf(rows, best, fresh, margin);
    for (const doubt of DOUBTS) {
      const within = (one: Gain) => one.doubt <= doubt;
      const tasks = readTasks(gains.filter(within), passing.filter(within), labels.names.length);
      const free = limitsOf(tasks, doubt, Number.POSITIVE_INFINITY);
      const isFree = isProved(passing, free, labels);
      const doubtMost = isFree ? free : limitsOf(tasks, doubt, UNPROVED_MOST * fresh.length);
      const { gain, error } = summary(gains, doubtMost, past.length);
      if (gain <= chosen.gain || gain <= ERRORS * error) continue;
      chosen = { guard: { margin, doubtMost }, gain };
    }
  }
  return chosen.guard;
}

interface TaskGain {
  readonly task: number;
  /** Sum over its own rows that leave, and the sum of the squares. */
  gain: number;
  squares: number;
  /** Rows of left-out tasks that pass for it and leave. */
  passing: number;
}

function readTasks(
  gains: readonly Gain[],
  passing: readonly Gain[],
  taskCount: number,
): readonly TaskGain[] {
  const tasks = Array.from(
    { length: taskCount },
    (_, task): TaskGain => ({ task, gain: 0, squares: 0, passing: 0 }),
  );
  for (const { task, gain } of gains) {
    const one = tasks[task];
    if (one === undefined) continue;
    one.gain += gain;
    one.squares += gain * gain;
  }
  for (const { task } of passing) {
    const one = tasks[task];
    if (one !== undefined) one.passing += 1;
  }
  return tasks;
}

/** The limit of doubt for each task that may be left for another model; −1 for those that may not. */
function limitsOf(
  tasks: readonly TaskGain[],
  doubtMost: number,
  passingMost: number,
): Float64Array {
  const limits = new Float64Array(tasks.length).fill(-1);
  const gaining = tasks
    .filter(({ gain, squares, passing }) =>
      passing > 0 ? gain > TASK_ERRORS * Math.sqrt(squares) : gain > 0,
    )
    .sort((one, other) => one.passing / one.gain - other.passing / other.gain);
  let count = 0;
  for (const { task, passing } of gaining) {
    count += passing;
    if (count > passingMost) break;
    limits[task] = doubtMost;
  }
  return limits;
}

/** What a row that leaves the best single model gains. */
interface Gain {
  readonly row: number;
  readonly task: number;
  readonly gain: number;
  readonly doubt: number;
}

/**
 * Rows that leave the best single model, and what they gain. Where only the choice was graded, it is
 * compared with what the best single model was expected to get.
 */
function gainsOf(
  { models, scores }: GradedRows,
  best: number,
  judged: readonly JudgedRow[],
  margin: number,
): Gain[] {
  return judged.flatMap(({ row, task, values, doubt }): Gain[] => {
    const choice = leadingModel(values, best, margin);
    if (choice === best) return [];
    const chosen = scores[row * models.length + choice] as number;
    const single = scores[row * models.length + best] as number;
    const gain = chosen - (Number.isNaN(single) ? (values[best] as number) : single);
    return Number.isNaN(gain) ? [] : [{ row, task, gain, doubt }];
  });
}

/**
 * Whether tasks that were left out gain. Whole tasks are what may be new, so they are what the error
 * is taken over. Clusters that were found may cut one kind in two: there it is enough that nothing is
 * lost on the whole.
 */
function isProved(
  passing: readonly Gain[],
  doubtMost: Float64Array,
  { ofRow, names, found }: TaskLabels,
): boolean {
  const sums = new Float64Array(names.length);
  for (const { row, task, gain, doubt } of passing) {
    const own = ofRow[row] as number;
    if (own >= 0 && doubt <= (doubtMost[task] ?? -1)) sums[own] = (sums[own] as number) + gain;
  }
  const mean = sums.reduce((sum, value) => sum + value, 0) / sums.length;
  if (found) return mean >= 0;
  const squares = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean > ERRORS * Math.sqrt(squares / (sums.length - 1) / sums.length);
}

/** Mean gain over all rows, those that stay included, and its standard error. */
function summary(gains: readonly Gain[], doubtMost: Float64Array, rowCount: number) {
  const count = Math.max(1, rowCount);
  let sum = 0;
  let squares = 0;
  for (const { task, gain, doubt } of gains) {
    if (doubt > (doubtMost[task] ?? -1)) continue;
    sum += gain;
    squares += gain * gain;
  }
  const gain = sum / count;
  return { gain, error: Math.sqrt(Math.max(0, squares / count - gain * gain) / count) };
}

/** Whether a text that seems to be of a task may leave the best single model. */
export function mayLeave({ doubtMost }: Guard, task: number, doubt: number): boolean {
  return doubt <= (doubtMost[task] ?? -1);
}

/** The model with the highest value, if it leads the best single one by more than the margin. */
export function leadingModel(values: Float64Array, best: number, margin: number): number {
  let leading = best;
  let highest = (values[best] as number) + margin;
  for (let model = 0; model < values.length; model += 1) {
    if (model === best || (values[model] as number) <= highest) continue;
    leading = model;
    highest = values[model] as number;
  }
  return leading;
}
