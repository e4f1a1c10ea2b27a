import type { GradedRows } from './rows.ts';
import type { TaskLabels } from './tasks.ts';

/** A row that was held out, as the estimator would have judged it. */
export interface JudgedRow {
  readonly row: number;
  /** Estimate per model. */
  readonly values: Float64Array;
  /** Larger of novelty and strangeness. */
  readonly doubt: number;
}

/** When another model than the best single one may be chosen. */
export interface Guard {
  /** Advantage that the other one must have; Infinity = never. */
  readonly margin: number;
  /** Doubt above which the best single model is kept. */
  readonly doubtMost: number;
}

export const NEVER: Guard = { margin: Number.POSITIVE_INFINITY, doubtMost: 0 };

const MARGINS = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.18];
/** At most twice the share of new kinds that is expected anyway. */
const DOUBTS = [0.02, 0.05, 0.1, 0.15, 0.2];
/** Standard errors that a gain must stand above 0: one-sided 95 %. */
const ERRORS = 1.64;
/** Share of the rows of left-out tasks that may leave the best single model without proof of a gain. */
const UNPROVED_MOST = 0.03;

/**
 * The guard with the most gained over the best single model on rows like those of the past, if a
 * paired test shows that anything is gained at all; among those that keep nearly all rows of tasks
 * that were left out at the best single model, or gain on them by a lower bound over whole tasks.
 * Otherwise the best single model is never left.
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
    const pastGains = gainsOf(rows, best, past, margin);
    const freshGains = gainsOf(rows, best, fresh, margin);
    for (const doubtMost of DOUBTS) {
      const guard = { margin, doubtMost };
      const { gain, error } = summary(pastGains, doubtMost);
      if (gain <= chosen.gain || gain <= ERRORS * error) continue;
      if (!isSafe(freshGains, doubtMost, labels)) continue;
      chosen = { guard, gain };
    }
  }
  return chosen.guard;
}

interface Gain {
  readonly row: number;
  readonly gain: number;
  readonly doubt: number;
  /** Another model than the best single one is chosen. */
  readonly leaves: boolean;
}

/**
 * Whole tasks are what may be new, so they are what the error of the gain is taken over. Clusters that
 * were found may cut one kind in two: there it is enough that nothing is lost on the whole.
 */
function isSafe(gains: readonly Gain[], doubtMost: number, labels: TaskLabels): boolean {
  const perTask = new Map<number, number>();
  let left = 0;
  for (const { row, gain, doubt, leaves } of gains) {
    const task = labels.ofRow[row] as number;
    const counts = leaves && doubt <= doubtMost;
    perTask.set(task, (perTask.get(task) ?? 0) + (counts ? gain : 0));
    if (counts) left += 1;
  }
  if (left <= UNPROVED_MOST * gains.length) return true;
  const sums = [...perTask.values()];
  const mean = sums.reduce((sum, value) => sum + value, 0) / sums.length;
  if (labels.found) return mean >= 0;
  const squares = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean > ERRORS * Math.sqrt(squares / (sums.length - 1) / sums.length);
}

function summary(gains: readonly Gain[], doubtMost: number) {
  const count = Math.max(1, gains.length);
  let sum = 0;
  let squares = 0;
  for (const { gain, doubt } of gains) {
    if (doubt > doubtMost) continue;
    sum += gain;
    squares += gain * gain;
  }
  const gain = sum / count;
  return { gain, error: Math.sqrt(Math.max(0, squares / count - gain * gain) / count) };
}

/**
 * What the choice gets more than the best single model. Where only the choice was graded, it is
 * compared with what the best single model was expected to get.
 */
function gainsOf(
  { models, scores }: GradedRows,
  best: number,
  judged: readonly JudgedRow[],
  margin: number,
): Gain[] {
  return judged.flatMap(({ row, values, doubt }): Gain[] => {
    const choice = leadingModel(values, best, margin);
    if (choice === best) return [{ row, gain: 0, doubt, leaves: false }];
    const chosen = scores[row * models.length + choice] as number;
    const single = scores[row * models.length + best] as number;
    const gain = chosen - (Number.isNaN(single) ? (values[best] as number) : single);
    return Number.isNaN(gain) ? [] : [{ row, gain, doubt, leaves: true }];
  });
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
