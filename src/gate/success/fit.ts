import type { Logistic } from '../../base/logistic.ts';
import { seededRandom, shuffledIndices } from '../../base/random.ts';
import { buildVocabulary, weighRows } from '../../base/sparse-matrix.ts';
import { quantile } from '../../base/statistics.ts';
import { READING_BITS } from '../../base/text-reading.ts';
import { fitDoubt } from './doubt.ts';
import { fitGuard, type JudgedRow } from './guard.ts';
import { type HeadScores, type Heads, readForHeads, scoreHeads, trainHeads } from './heads.ts';
import { fitMixing, type HeldOutParts, NAMED_PARTS, NEW_PARTS, READ_PARTS } from './mixing.ts';
import { fitNewKind } from './new-kind.ts';
import { type GradedRows, modelMeans, targetsOf } from './rows.ts';
import {
  choiceDoubt,
  type Familiar,
  judgeScores,
  noveltySigns,
  type SuccessModel,
} from './success-model.ts';
import { findTasks, namedTasks, placeOfLargest, type TaskLabels } from './tasks.ts';

export interface FitOptions {
  readonly seed: number;
}

/** Below this too little is left to learn from when a part is held out. */
export const ROWS_LEAST = 20;
const FOLDS = 5;
/** With many rows three folds say as much and cost less. */
const FOLDS_MANY = 3;
/** Up to this many tasks, each fold of new ones leaves out few of them. */
const FEW_TASKS = 20;
const MANY_ROWS = 5000;
/** Tasks below which leaving some out says nothing about new ones. */
const GROUPS_LEAST = 3;
interface Shares {
  readonly from: number;
  readonly full: number;
}
/** Shares of the held-out texts, of known kinds and of new ones, that are as strange. */
const STRANGE_KNOWN: Shares = { from: 0.02, full: 0.005 };
const STRANGE_FRESH: Shares = { from: 0.1, full: 0.02 };

/**
 * Fits the estimator: every head on all rows; how far each is believed on rows that were held out,
 * once at random (requests as before) and once task by task (requests of a new kind). The same rows
 * and seed give the same model. Throws RangeError for fewer than 20 rows.
 */
export function fitSuccess(rows: GradedRows, options: FitOptions): SuccessModel {
  const all = Int32Array.from(rows.readings, (_, row) => row);
  if (all.length < ROWS_LEAST) {
    throw new RangeError(`${all.length} graded rows; a gate is fitted on ${ROWS_LEAST} at least`);
  }
  const labels = namedTasks(rows.tasks, all) ?? clusters(rows, all, options.seed);
  const heads = trainHeads(rows, all, { seed: options.seed, labels });
  const random = holdOut(rows, labels, randomFolds(all.length, options.seed), options);
  const fresh = holdOut(rows, labels, taskFolds(labels, options.seed), options);
  const readMixing = fitMixing(random, READ_PARTS);
  const mixings = {
    named: labels.found ? readMixing : fitMixing(random, NAMED_PARTS),
    read: readMixing,
    fresh: fitMixing(fresh.parts.length === 0 ? random : fresh, NEW_PARTS),
  };
  const novelty = fitNovelty(random.scores, fresh.scores);
  const best = bestSingle(rows, all);
  const fitted = {
    mixings,
    ...(novelty === undefined ? {} : { novelty }),
    familiar: familiarOf(random.scores, fresh.scores),
  };
  const taskOf = (row: number) => labels.ofRow[row] as number;
  const doubt = fitDoubt(
    random.scores.map((scores, at) => ({ scores, task: taskOf(random.rows[at] as number) })),
    fresh.scores,
  );
  const doubting = { ...fitted, ...(doubt === undefined ? {} : { doubt }) };
  const named = judgeHeldOut(fitted, random, { isNamed: true, doubtOf: () => 0 })
    .map((one) => ({ ...one, task: taskOf(one.row) }))
    .filter((one) => one.task >= 0);
  const byText = {
    isNamed: false,
    doubtOf: (scores: HeadScores) => choiceDoubt(doubting, scores),
  };
  const read = judgeHeldOut(fitted, random, byText);
  const guard = fitGuard(rows, best, read, judgeHeldOut(fitted, fresh, byText), labels);
  return {
    ...doubting,
    models: rows.models,
    taskNames: labels.found ? [] : labels.names,
    namesTasks: !labels.found,
    heads,
    best,
    guards: { named: labels.found ? guard : fitGuard(rows, best, named, [], labels), read: guard },
    seed: options.seed,
    rowCount: all.length,
  };
}

function judgeHeldOut(
  fitted: Pick<SuccessModel, 'mixings'>,
  heldOut: HeldOut,
  {
    isNamed,
    doubtOf,
  }: { readonly isNamed: boolean; readonly doubtOf: (scores: HeadScores) => number },
): JudgedRow[] {
  return heldOut.scores.map((scores, at) => {
    const means = heldOut.means[at] ?? new Float64Array(heldOut.count);
    return {
      row: heldOut.rows[at] ?? 0,
      task: placeOfLargest(scores.posterior),
      values: judgeScores(fitted, scores, means, { isNamed, novelty: 0, strangeness: 0 }),
      doubt: doubtOf(scores),
    };
  });
}

function bestSingle(rows: GradedRows, chosen: Int32Array): number {
  const means = modelMeans(rows, chosen);
  return means.indexOf(Math.max(...means));
}

function clusters(rows: GradedRows, all: Int32Array, seed: number): TaskLabels {
  const vocabulary = buildVocabulary(rows.readings, all, {
    space: 1 << READING_BITS,
    limit: 20_000,
  });
  return findTasks(weighRows(rows.readings, all, vocabulary).matrix, all, all.length, seed);
}

function randomFolds(count: number, seed: number): Int32Array {
  const folds = new Int32Array(count);
  const foldCount = count > MANY_ROWS ? FOLDS_MANY : FOLDS;
  shuffledIndices(count, seed).forEach((row, at) => {
    folds[row] = at % foldCount;
  });
  return folds;
}

/** Whole tasks are held out; rows of no task are always trained on (−1). */
function taskFolds(labels: TaskLabels, seed: number): Int32Array {
  const count = labels.names.length;
  if (count < GROUPS_LEAST) return new Int32Array(labels.ofRow.length).fill(-1);
  const isMany = labels.ofRow.length > MANY_ROWS && count > FEW_TASKS;
  const foldCount = Math.min(count, isMany ? FOLDS_MANY : FOLDS);
  const random = seededRandom(seed + 1);
  const order = Array.from({ length: count }, (_, task) => ({ task, key: random() })).sort(
    (a, b) => a.key - b.key,
  );
  const foldOf = new Int32Array(count);
  order.forEach(({ task }, at) => {
    foldOf[task] = at % foldCount;
  });
  return labels.ofRow.map((task) => (task < 0 ? -1 : (foldOf[task] as number)));
}

/** Rows as heads that had not seen them read them. */
export interface HeldOut extends HeldOutParts {
  readonly rows: readonly number[];
  readonly scores: readonly HeadScores[];
  /** Means of the targets where the row was held out; rows × targets. */
  readonly means: readonly Float64Array[];
}

function holdOut(
  rows: GradedRows,
  labels: TaskLabels,
  folds: Int32Array,
  options: FitOptions,
): HeldOut {
  const order: number[] = [];
  const scores: HeadScores[] = [];
  const means: Float64Array[] = [];
  const last = Math.max(...folds);
  for (let fold = 0; fold <= last; fold += 1) {
    const training = [...folds.keys()].filter((row) => folds[row] !== fold);
    if (training.length < ROWS_LEAST / 2) continue;
    const heads: Heads = trainHeads(rows, Int32Array.from(training), { ...options, labels });
    for (const row of folds.keys()) {
      const reading = rows.readings[row];
      if (folds[row] !== fold || reading === undefined) continue;
      order.push(row);
      scores.push(scoreHeads(heads, readForHeads(heads, reading), labels.ofRow[row] as number));
      means.push(heads.means);
    }
  }
  const targets = targetsOf(rows, Int32Array.from(order));
  const { count, weights } = targets;
  const values = targets.values.map(
    (value, at) => value - (means[Math.floor(at / count)]?.[at % count] ?? 0),
  );
  return {
    rows: order,
    scores,
    means,
    parts: scores.map((one) => one.parts),
    values,
    weights,
    count,
  };
}

function fitNovelty(
  known: readonly HeadScores[],
  fresh: readonly HeadScores[],
): Logistic | undefined {
  if (fresh.length === 0) return undefined;
  const rows = Float64Array.from([...known, ...fresh].flatMap(noveltySigns));
  return fitNewKind(rows, 4, { known: known.length, fresh: fresh.length });
}

/**
 * A text is strange where few held-out texts of the known kinds and few of new kinds are as far from
 * all that was seen; wholly so where hardly any is.
 */
function familiarOf(known: readonly HeadScores[], fresh: readonly HeadScores[]): Familiar {
  // Distances rise and shares of known words fall as a text gets stranger.
  const bound = (sign: number, value: (scores: HeadScores) => number, level: keyof Shares) => {
    const farOf = (scores: readonly HeadScores[], { [level]: share }: Shares) =>
      scores.length === 0
        ? Number.NEGATIVE_INFINITY
        : quantile(
            scores.map((one) => sign * value(one)),
            1 - share,
          );
    return sign * Math.max(farOf(known, STRANGE_KNOWN), farOf(fresh, STRANGE_FRESH));
  };
  const bounds = (sign: number, value: (scores: HeadScores) => number) => ({
    from: bound(sign, value, 'from'),
    full: bound(sign, value, 'full'),
  });
  return {
    known: bounds(-1, (scores) => scores.known),
    distance: bounds(1, (scores) => scores.distance),
  };
}
