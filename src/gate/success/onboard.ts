import { averagedRidge, type LinearPrior } from '../../base/averaged-ridge.ts';
import type { TextReading } from '../../base/text-reading.ts';
import { type Newcomer, newcomerValue } from './newcomers.ts';
import { estimateSuccess, type SuccessModel } from './success-model.ts';

/** A request that a new model was graded on. */
export interface NewcomerRow {
  readonly reading: TextReading;
  /** As the gate's own rows name it; absent or '' = read out of the text. */
  readonly task?: string;
  /** The new model's score, 0 … 1. */
  readonly score: number;
  /** What it counts beside the others, > 0; absent = 1. */
  readonly weight?: number;
  /** Scores of the gate's models in its order, NaN = not graded: how hard the request is. */
  readonly others?: ArrayLike<number>;
}

/** Below this nothing can be said of a model. */
export const NEWCOMER_ROWS_LEAST = 20;
/** Rows that "this request is as hard as it was expected to be" is worth, beside grades of others. */
const LEVEL_PRIOR = 0.5;

/**
 * What may be true of a newcomer before its rows speak; all combinations are tried, and each counts
 * as far as the rows bear it out. Variances of probabilities: it is usually within .2 of the others'
 * mean; all likenesses together vary by one of `LIKENESS`, what is its own in a task by one of `OWN`,
 * how far it fails where a look-alike just failed by one of `LUCK`; the rest is noise.
 */
const OFFSET = 0.04;
const LIKENESS = [0.03, 0.1, 0.3, 1, 3];
const OWN = [0.0005, 0.002, 0.006, 0.02, 0.06];
const LUCK = [0.001, 0.01, 0.05, 0.2];
const NOISE = [0.02, 0.08, 0.12, 0.16, 0.2];

/**
 * The gate with one model more, from few graded requests; nothing is fitted again, and what was known
 * of the others stays. Its score is a line in what the gate expects of the fitted models, whose heads
 * know the text (a newcomer is like some of them), plus what is its own in each task; both are pulled
 * to 0 as the rows advise. Grades of the others on the same requests take out how hard each was. A
 * model that joined before under the same name is replaced. Throws RangeError for fewer than 20 rows,
 * scores outside 0 … 1 and the name of a fitted model.
 */
export function onboardModel(
  known: SuccessModel,
  id: string,
  rows: readonly NewcomerRow[],
): SuccessModel {
  if (rows.length < NEWCOMER_ROWS_LEAST)
    throw new RangeError(`${rows.length} graded rows; a new model needs ${NEWCOMER_ROWS_LEAST}`);
  const model = withoutNewcomer(known, id);
  if (model.models.includes(id)) throw new RangeError(`the gate knows a model "${id}" already`);
  const wrong = rows.find(({ score }) => !(score >= 0 && score <= 1));
  if (wrong !== undefined) throw new RangeError(`a score is 0 … 1, not ${wrong.score}`);
  const seen = rows.map((row) => compare(model, row));
  const newcomer = { id, rows: rows.length, ...fitLine(seen) };
  // As often right as wrong where it is one of two: no reason to ask for proof of either.
  const lead = seen.reduce(
    (sum, one) => sum + newcomerValue(newcomer, one.fitted, one.place) - one.best,
    0,
  );
  return {
    ...model,
    models: [...model.models, id],
    newcomers: [...(model.newcomers ?? []), newcomer],
    ...(lead > 0 ? { best: model.models.length } : {}),
    bestFitted: model.bestFitted ?? model.best,
  };
}

/** The gate before a model joined; where that was the best single one, the best fitted one is it again. */
export function withoutNewcomer(model: SuccessModel, id: string): SuccessModel {
  const { newcomers = [], models, best, bestFitted = best } = model;
  const place = newcomers.findIndex((one) => one.id === id);
  if (place < 0) return model;
  const gone = models.length - newcomers.length + place;
  const fallen = best > gone ? best - 1 : best;
  return {
    ...model,
    models: models.toSpliced(gone, 1),
    newcomers: newcomers.toSpliced(place, 1),
    best: best === gone ? bestFitted : fallen,
  };
}

interface Compared {
  readonly fitted: Float64Array;
  readonly place: Parameters<typeof newcomerValue>[2];
  /** Score less what the fitted models get on such a request. */
  readonly deviation: number;
  readonly weight: number;
  /** How much better than expected each fitted model did; 0 where it was not graded. */
  readonly luck: readonly number[];
  /** What the best single model is expected to get. */
  readonly best: number;
}

function compare(model: SuccessModel, row: NewcomerRow): Compared {
  const { values, posterior } = estimateSuccess(model, row.reading, row.task);
  const fitted = values.subarray(0, values.length - (model.newcomers?.length ?? 0));
  const isNamed = model.namesTasks && row.task !== undefined;
  const task = isNamed ? model.taskNames.indexOf(row.task) : -1;
  let graded = 0;
  const luck = Array.from(fitted, (value, at) => {
    const score = row.others?.[at] ?? Number.NaN;
    if (Number.isNaN(score)) return 0;
    graded += 1;
    return score - value;
  });
  const shift = luck.reduce((sum, one) => sum + one, 0) / (graded + LEVEL_PRIOR);
  const level = fitted.reduce((sum, value) => sum + value, 0) / fitted.length + shift;
  return {
    fitted,
    place: { posterior, task, known: 1 },
    deviation: row.score - level,
    weight: row.weight ?? 1,
    luck,
    best: values[model.best] as number,
  };
}

/** A newcomer as the line through its rows: offset, likenesses, tasks, luck of the others. */
function fitLine(seen: readonly Compared[]): Pick<Newcomer, 'mean' | 'likeness' | 'table'> {
  const models = seen[0]?.fitted.length ?? 0;
  const tasks = seen[0]?.place.posterior.length ?? 0;
  const size = 1 + models + tasks + models;
  const rows = new Float64Array(seen.length * size);
  seen.forEach(({ fitted, place, luck, weight }, row) => {
    const level = fitted.reduce((sum, value) => sum + value, 0) / models;
    const own = place.task < 0 ? place.posterior : undefined;
    rows[row * size] = 1;
    rows.set(
      fitted.map((value) => value - level),
      row * size + 1,
    );
    for (let task = 0; task < tasks; task += 1)
      rows[row * size + 1 + models + task] =
        own === undefined ? Number(task === place.task) : (own[task] as number);
    rows.set(luck, row * size + 1 + models + tasks);
    for (let at = row * size; at < (row + 1) * size; at += 1)
      rows[at] = (rows[at] as number) * Math.sqrt(weight);
  });
  const values = Float64Array.from(seen, (one) => one.deviation * Math.sqrt(one.weight));
  const weights = averagedRidge(rows, values, size, priorsOf(models, tasks));
  return {
    mean: weights[0] as number,
    likeness: weights.slice(1, 1 + models),
    table: weights.slice(1 + models, 1 + models + tasks),
  };
}

function priorsOf(models: number, tasks: number): LinearPrior[] {
  const priors: LinearPrior[] = [];
  for (const likeness of LIKENESS)
    for (const own of OWN)
      for (const luck of LUCK)
        for (const noise of NOISE) {
          const variances = new Float64Array(1 + models + tasks + models).fill(luck);
          variances[0] = OFFSET;
          variances.fill(likeness / models, 1, 1 + models);
          variances.fill(own, 1 + models, 1 + models + tasks);
          priors.push({ variances, noise });
        }
  return priors;
}
