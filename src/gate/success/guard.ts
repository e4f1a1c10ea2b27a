import type { GradedRows } from './rows.ts';
import type { TaskLabels } from './tasks.ts';

/** A row that was held out, as the estimator would have judged it. */
export interface JudgedRow {
  readonly row: number;
  /** Place of the task that it is named or seems to be of. */
  readonly task: number;
  /** Estimate per model. */
  readonly values: Float64Array;
  /** Larger of novelty and strangeness. */
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
const DOUBTS = [0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2];
/** Standard errors that the gain as a whole must stand above 0: one-sided 95 %; and that of one task. */
const ERRORS = 1.64;
const TASK_ERRORS = 1;
/** Share of the rows of left-out tasks that may leave the best single model without proof of a gain. */
const UNPROVED_MOST = 0.05;

/**
 * The guard with the most gained over the best single model on rows like those of the past, if a
 * paired test shows that anything is gained at all. A row may leave the best single model when its
 * task's own rows gain by leaving and it is no more doubtful than they were; how much doubt each task
 * bears is chosen so that few rows of tasks that were left out pass for it: they are allowed where
 * most is gained for them. With proof that left-out tasks gain too there is no such limit.
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
    const steps = readSteps(gains, passing, labels.names.length);
    const free = bearDoubt(steps, 0);
    const doubtMost = isProved(passing, free, labels) ? free : withinLimit(steps, fresh.length);
    const { gain, error } = summary(gains, doubtMost, past.length);
    if (gain <= chosen.gain || gain <= ERRORS * error) continue;
    chosen = { guard: { margin, doubtMost }, gain };
  }
  return chosen.guard;
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

/** A task at one step of `DOUBTS`. */
interface Step {
  readonly doubt: number;
  /** Sum over its own rows that leave. */
  readonly gain: number;
  readonly isSure: boolean;
  /** Rows of left-out tasks that pass for it and leave. */
  readonly passing: number;
}

function readSteps(gains: readonly Gain[], passing: readonly Gain[], taskCount: number): Step[][] {
  const ownOf = byTask(gains, taskCount);
  const foreignOf = byTask(passing, taskCount);
  return ownOf.map((own, task) => {
    const foreign = foreignOf[task] ?? [];
    return DOUBTS.map((doubt) => {
      const leaving = own.filter((one) => one.doubt <= doubt).map((one) => one.gain);
      const gain = leaving.reduce((sum, value) => sum + value, 0);
      const mean = gain / Math.max(1, leaving.length);
      const squares = leaving.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return {
        doubt,
        gain,
        isSure: leaving.length > 1 && gain > TASK_ERRORS * Math.sqrt(squares),
        passing: foreign.filter((one) => one.doubt <= doubt).length,
      };
    });
  });
}

function byTask(gains: readonly Gain[], taskCount: number): Gain[][] {
  const groups = Array.from({ length: taskCount }, (): Gain[] => []);
  for (const one of gains) groups[one.task]?.push(one);
  return groups;
}

/** The doubt that each task bears when a row that passes for it costs `price`. */
function bearDoubt(steps: readonly (readonly Step[])[], price: number): Float64Array {
  return Float64Array.from(steps, (ofTask) => bestStep(ofTask, price)?.doubt ?? -1);
}

function bestStep(ofTask: readonly Step[], price: number): Step | undefined {
  let best: Step | undefined;
  let most = 0;
  for (const step of ofTask) {
    const worth = step.gain - price * step.passing;
    if ((step.passing > 0 && !step.isSure) || worth <= most) continue;
    best = step;
    most = worth;
  }
  return best;
}

/** The lowest price at which no more rows pass than may (a Lagrange multiplier, by bisection). */
function withinLimit(steps: readonly (readonly Step[])[], rowCount: number): Float64Array {
  const passingAt = (price: number) =>
    steps.reduce((sum, ofTask) => sum + (bestStep(ofTask, price)?.passing ?? 0), 0);
  const limit = UNPROVED_MOST * rowCount;
  if (passingAt(0) <= limit) return bearDoubt(steps, 0);
  // No step gains more than this, so at this price no row passes.
  let high = 1 + Math.max(...steps.flatMap((ofTask) => ofTask.map((step) => step.gain)));
  let low = 0;
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (passingAt(middle) > limit) low = middle;
    else high = middle;
  }
  return bearDoubt(steps, high);
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
