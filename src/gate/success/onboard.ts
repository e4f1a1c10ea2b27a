import type { TextReading } from '../../base/text-reading.ts';
import { estimateSuccess, type SuccessModel } from './success-model.ts';

/** A request that a new model was graded on. */
export interface NewcomerRow {
  readonly reading: TextReading;
  /** As the gate's own rows name it; absent or '' = read out of the text. */
  readonly task?: string;
  /** The new model's score, 0 … 1. */
  readonly score: number;
  /** Scores of the gate's models in its order, NaN = not graded: how hard the request is. */
  readonly others?: ArrayLike<number>;
}

/** Below this nothing can be said of a model. */
export const NEWCOMER_ROWS_LEAST = 20;
/** Rows that "this request is as hard as it was expected to be" is worth, beside grades of others. */
const LEVEL_PRIOR = 0.5;
const STRENGTH_LEAST = 4;
const STRENGTH_MOST = 300;
/** Standard errors by which a newcomer must lead to be the best single model: one-sided 95 %. */
const ERRORS = 1.64;

/**
 * The gate with one model more, known by its mean and one row of the table of tasks; nothing is
 * fitted again, and what was known of the others stays. Its means per task are pulled to its mean by
 * empirical Bayes, as strongly as those of the others differ (Morris, JASA 1983). Throws RangeError
 * for fewer than 20 rows, scores outside 0 … 1 and a name that is taken.
 */
export function onboardModel(
  model: SuccessModel,
  id: string,
  rows: readonly NewcomerRow[],
): SuccessModel {
  if (rows.length < NEWCOMER_ROWS_LEAST)
    throw new RangeError(`${rows.length} graded rows; a new model needs ${NEWCOMER_ROWS_LEAST}`);
  if (model.models.includes(id)) throw new RangeError(`the gate knows a model "${id}" already`);
  const wrong = rows.find(({ score }) => !(score >= 0 && score <= 1));
  if (wrong !== undefined) throw new RangeError(`a score is 0 … 1, not ${wrong.score}`);
  const seen = rows.map((row) => compare(model, row));
  const mean = meanOf(seen.map((one) => one.deviation));
  const newcomer = { id, mean, table: shrunkRow(model, seen, mean) };
  const lead = seen.map((one) => one.deviation - one.bestDeviation);
  const isBest = meanOf(lead) > ERRORS * errorOf(lead);
  return {
    ...model,
    models: [...model.models, id],
    newcomers: [...(model.newcomers ?? []), newcomer],
    best: isBest ? model.models.length : model.best,
  };
}

interface Compared {
  /** Score less what the gate's models get on such a request. */
  readonly deviation: number;
  readonly bestDeviation: number;
  /** Share of each task. */
  readonly tasks: Float64Array;
}

function compare(model: SuccessModel, row: NewcomerRow): Compared {
  const { values, posterior } = estimateSuccess(model, row.reading, row.task);
  const fitted = values.length - (model.newcomers?.length ?? 0);
  const place = row.task === undefined ? -1 : model.taskNames.indexOf(row.task);
  const tasks = place < 0 ? posterior : posterior.map((_, task) => (task === place ? 1 : 0));
  let [shift, graded] = [0, 0];
  for (let at = 0; at < fitted; at += 1) {
    const score = row.others?.[at] ?? Number.NaN;
    if (Number.isNaN(score)) continue;
    shift += score - (values[at] as number);
    graded += 1;
  }
  const level = meanOf(values.subarray(0, fitted)) + shift / (graded + LEVEL_PRIOR);
  const best = row.others?.[model.best] ?? Number.NaN;
  const expected = (values[model.best] as number) + shift / (graded + LEVEL_PRIOR);
  return {
    deviation: row.score - level,
    bestDeviation: (Number.isNaN(best) ? expected : best) - level,
    tasks,
  };
}

function shrunkRow(model: SuccessModel, seen: readonly Compared[], mean: number): Float64Array {
  const within = errorOf(seen.map((one) => one.deviation)) ** 2 * seen.length;
  const between = spreadOfOthers(model);
  const strength =
    between <= 0
      ? STRENGTH_MOST
      : Math.min(STRENGTH_MOST, Math.max(STRENGTH_LEAST, within / between));
  const sums = new Float64Array(model.heads.tasks.taskCount);
  const totals = new Float64Array(sums.length);
  for (const { deviation, tasks } of seen)
    tasks.forEach((share, task) => {
      sums[task] = (sums[task] as number) + share * (deviation - mean);
      totals[task] = (totals[task] as number) + share;
    });
  return sums.map((sum, task) => sum / ((totals[task] as number) + strength));
}

/** Mean square of what the fitted models' tasks deviate from their means. */
function spreadOfOthers({ heads }: SuccessModel): number {
  const { table, means, targetCount } = heads.tasks;
  let squares = 0;
  let cells = 0;
  table.forEach((value, slot) => {
    const target = slot % targetCount;
    if (target === 0) return;
    squares += (value - (means[target] as number)) ** 2;
    cells += 1;
  });
  return cells === 0 ? 0 : squares / cells;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number;
  return sum / values.length;
}

function errorOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
}
