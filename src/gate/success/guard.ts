import type { GradedRows } from './rows.ts';

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
/** Standard errors that the gain must stand above 0: one-sided 95 %. */
const ERRORS = 1.64;

/**
 * The guard with the most gained over the best single model on rows like those of the past, among
 * those that lose nothing on rows of tasks that were left out; if a paired test shows that anything
 * is gained at all. Otherwise the best single model is never left.
 */
export function fitGuard(
  rows: GradedRows,
  best: number,
  past: readonly JudgedRow[],
  fresh: readonly JudgedRow[],
): Guard {
  let chosen = { guard: NEVER, gain: 0 };
  for (const margin of MARGINS) {
    const pastGains = gainsOf(rows, best, past, margin);
    const freshGains = gainsOf(rows, best, fresh, margin);
    for (const doubtMost of DOUBTS) {
      const guard = { margin, doubtMost };
      const { gain, error } = summary(pastGains, doubtMost);
      if (gain <= chosen.gain || gain <= ERRORS * error) continue;
      if (summary(freshGains, doubtMost).gain < 0) continue;
      chosen = { guard, gain };
    }
  }
  return chosen.guard;
}

interface Gain {
  readonly gain: number;
  readonly doubt: number;
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
  return judged.flatMap(({ row, values, doubt }) => {
    const choice = leadingModel(values, best, margin);
    if (choice === best) return [{ gain: 0, doubt }];
    const chosen = scores[row * models.length + choice] as number;
    const single = scores[row * models.length + best] as number;
    const gain = chosen - (Number.isNaN(single) ? (values[best] as number) : single);
    return Number.isNaN(gain) ? [] : [{ gain, doubt }];
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
