import { readAnswer } from '../../base/answer-reading.ts';
import { shuffledIndices } from '../../base/random.ts';
import { readText, type TextReading } from '../../base/text-reading.ts';
import { CadreError } from '../../core/errors.ts';
import type { Dataset, DatasetRow } from './dataset.ts';
import { fitSuccess, ROWS_LEAST } from './fit.ts';
import type { GradedRows } from './rows.ts';
import { bestModel, estimateSuccess } from './success-model.ts';

/** A row as a gate that was fitted without it judged it. */
export interface ScoredRow {
  readonly row: DatasetRow;
  /** P(success) per model, from the text alone. */
  readonly values: Float64Array;
  readonly choice: number;
  /** The same when the gate is told the task. */
  readonly namedValues: Float64Array;
  readonly namedChoice: number;
  /** Best single model of the rows that the gate was fitted on. */
  readonly best: number;
  /** Mean score per model of the training rows of the same task. */
  readonly taskMeans: Float64Array;
  /** After the cheap answer has been read, where there is one. */
  readonly checkedValues?: Float64Array;
  readonly fold: number;
}

export interface ScoringResult {
  readonly scored: readonly ScoredRow[];
  /** Rows left out because another one asks the same. */
  readonly duplicates: number;
  readonly folds: number;
}

export interface ScoringOptions {
  readonly seed: number;
  /** Place of the cheap model whose answers are checked, if any. */
  readonly cheap?: number;
}

/** Rows that the mean over all tasks is worth in the mean of one. */
const TASK_STRENGTH = 10;

/**
 * Every row once, judged by a gate fitted on the other folds; `byTask` holds whole tasks out. Throws
 * `invalid_request` where too few rows are left to fit on.
 */
export function scoreInFolds(
  data: Dataset,
  folds: { readonly count: number; readonly byTask: boolean },
  options: ScoringOptions,
): ScoringResult {
  const rows = withoutRepetition(data.rows);
  const taskCount = new Set(rows.map((row) => row.task)).size;
  if (folds.byTask && rows.length >= ROWS_LEAST && taskCount < 2)
    throw refusal(
      'whole tasks can be held out where each line names its `task`, and two are named',
    );
  const foldOf = folds.byTask
    ? foldsByTask(rows, folds.count, options.seed)
    : foldsAtRandom(rows.length, folds.count, options.seed);
  const scored: ScoredRow[] = [];
  for (let fold = 0; fold < folds.count; fold += 1) {
    const held = rows.filter((_, at) => foldOf[at] === fold);
    const training = rows.filter((_, at) => foldOf[at] !== fold);
    requireRows(training, 'graded, not repeated and of the other folds');
    if (held.length > 0) scored.push(...scoreRows(data.models, training, held, fold, options));
  }
  return { scored, duplicates: data.rows.length - rows.length, folds: folds.count };
}

/**
 * The rows of `test`, judged by a gate fitted on `train` less what `test` asks too. Throws
 * `invalid_request` where too few rows are left to fit on, or none to score.
 */
export function scoreApart(train: Dataset, test: Dataset, options: ScoringOptions): ScoringResult {
  const held = withoutRepetition(test.rows);
  const asked = new Set(held.map(keyOf));
  const training = withoutRepetition(train.rows).filter((row) => !asked.has(keyOf(row)));
  if (held.length === 0) throw refusal('no row to score is graded');
  requireRows(training, 'graded, not repeated and not among the rows to score');
  const duplicates = train.rows.length + test.rows.length - training.length - held.length;
  return { scored: scoreRows(train.models, training, held, 0, options), duplicates, folds: 1 };
}

function requireRows({ length }: readonly DatasetRow[], what: string): void {
  if (length < ROWS_LEAST)
    throw refusal(
      `${length} rows are left to fit on (${what}); ${ROWS_LEAST} are needed at least: give more or other graded requests`,
    );
}

function refusal(message: string): CadreError {
  return new CadreError('invalid_request', message);
}

function keyOf({ prompt }: DatasetRow): string {
  return prompt.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

function withoutRepetition(rows: readonly DatasetRow[]): DatasetRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row);
    if (seen.has(key) || row.scores.every(Number.isNaN)) return false;
    seen.add(key);
    return true;
  });
}

function foldsAtRandom(count: number, foldCount: number, seed: number): Int32Array {
  const folds = new Int32Array(count);
  shuffledIndices(count, seed).forEach((row, at) => {
    folds[row] = at % foldCount;
  });
  return folds;
}

function foldsByTask(rows: readonly DatasetRow[], foldCount: number, seed: number): Int32Array {
  const tasks = [...new Set(rows.map((row) => row.task))].sort();
  const foldOfTask = foldsAtRandom(tasks.length, foldCount, seed);
  return Int32Array.from(rows, (row) => foldOfTask[tasks.indexOf(row.task)] as number);
}

function readingOf(row: DatasetRow): TextReading {
  return readText(row.prompt);
}

export function gradedOf(
  models: readonly string[],
  rows: readonly DatasetRow[],
  readings: readonly TextReading[],
): GradedRows {
  return {
    models,
    readings,
    tasks: rows.map((row) => row.task),
    scores: Float64Array.from(rows.flatMap((row) => row.scores)),
    weights: new Float64Array(rows.length).fill(1),
  };
}

function scoreRows(
  models: readonly string[],
  training: readonly DatasetRow[],
  held: readonly DatasetRow[],
  fold: number,
  { seed, cheap }: ScoringOptions,
): ScoredRow[] {
  const model = fitSuccess(gradedOf(models, training, training.map(readingOf)), { seed });
  const means = taskMeansOf(models.length, training);
  const check = cheap === undefined ? undefined : fitCheck(models, training, cheap, seed);
  return held.map((row) => {
    const reading = readingOf(row);
    const read = estimateSuccess(model, reading);
    const named = estimateSuccess(model, reading, row.task);
    const checkedValues = check?.(row, reading);
    return {
      row,
      values: read.values,
      choice: bestModel(model, read),
      namedValues: named.values,
      namedChoice: bestModel(model, named),
      best: model.best,
      taskMeans: means(row.task),
      ...(checkedValues === undefined ? {} : { checkedValues }),
      fold,
    };
  });
}

/** The estimator once more, on what the cheap model answered; undefined when answers are missing. */
function fitCheck(
  models: readonly string[],
  training: readonly DatasetRow[],
  cheap: number,
  seed: number,
): ((row: DatasetRow, reading: TextReading) => Float64Array | undefined) | undefined {
  const answered = (row: DatasetRow, reading: TextReading) => {
    const answer = row.answers?.[cheap];
    return answer === undefined ? undefined : readAnswer(reading, row.prompt, answer);
  };
  const rows = training.filter((row) => row.answers?.[cheap] !== undefined);
  const readings = rows.flatMap((row) => answered(row, readingOf(row)) ?? []);
  if (readings.length < training.length / 2 || readings.length === 0) return undefined;
  const model = fitSuccess(gradedOf(models, rows, readings), { seed });
  return (row, reading) => {
    const both = answered(row, reading);
    return both === undefined ? undefined : estimateSuccess(model, both).values;
  };
}

function taskMeansOf(models: number, rows: readonly DatasetRow[]): (task: string) => Float64Array {
  const sums = new Map<string, { sum: Float64Array; count: Float64Array }>();
  const cell = (task: string) => {
    const found = sums.get(task) ?? {
      sum: new Float64Array(models),
      count: new Float64Array(models),
    };
    sums.set(task, found);
    return found;
  };
  for (const row of rows) {
    for (const { sum, count } of [cell(`task ${row.task}`), cell('all')])
      row.scores.forEach((score, at) => {
        if (Number.isNaN(score)) return;
        sum[at] = (sum[at] as number) + score;
        count[at] = (count[at] as number) + 1;
      });
  }
  const all = cell('all');
  const overall = all.sum.map((sum, at) => sum / Math.max(1, all.count[at] as number));
  return (task) => {
    const own = sums.get(`task ${task}`);
    return overall.map(
      (mean, at) =>
        ((own?.sum[at] ?? 0) + TASK_STRENGTH * mean) / ((own?.count[at] ?? 0) + TASK_STRENGTH),
    );
  };
}
