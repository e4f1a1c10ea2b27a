import { type Logistic, logisticShare } from '../../base/logistic.ts';
import type { HeadScores } from './heads.ts';
import { fitNewKind } from './new-kind.ts';
import { placeOfLargest } from './tasks.ts';

/** How doubtful it is that a text is of the task that it seems to be of. */
export interface Doubt {
  readonly logistic: Logistic;
  /** Quantiles of each sign among the task's own texts: tasks × signs × `QUANTILES`, rising. */
  readonly spreads: Float32Array;
  /** Own texts that these were taken from, per task. */
  readonly counts: Float64Array;
}

const SIGNS = 5;
const QUANTILES = 33;
/** Of each sign: itself, its rank among the task's own texts, and how rare it is at both ends. */
const VALUES = SIGNS * 4;
/** Below this a task's ranks are those of all tasks together. */
const OWN_LEAST = 20;

/**
 * A text of a task that nobody graded looks like one that was, but is rarely in the midst of that
 * one's own texts. So every sign is also read by its rank among the texts of the task that it seems to
 * be of: `known` are texts that were held out at random, with their own tasks; `fresh` texts of tasks
 * that were left out. Undefined without any of these.
 */
export function fitDoubt(
  known: readonly { readonly scores: HeadScores; readonly task: number }[],
  fresh: readonly HeadScores[],
): Doubt | undefined {
  const [first] = known;
  if (fresh.length === 0 || first === undefined) return undefined;
  const { spreads, counts } = ownSpreads(known, first.scores.posterior.length);
  const all = [...known.map((one) => one.scores), ...fresh];
  const rows = new Float64Array(all.length * VALUES);
  all.forEach((scores, at) => {
    readSigns({ spreads, counts }, scores, rows.subarray(at * VALUES, (at + 1) * VALUES));
  });
  const logistic = fitNewKind(rows, VALUES, { known: known.length, fresh: fresh.length });
  return { logistic, spreads, counts };
}

/** P(the text is not of the task that it seems to be of), where one in ten is of a new kind. */
export function doubtOf(doubt: Doubt, scores: HeadScores): number {
  const values = new Float64Array(VALUES);
  readSigns(doubt, scores, values);
  return logisticShare(doubt.logistic, values);
}

function signsOf({ known, fit, posterior, distance, likeness }: HeadScores): number[] {
  const top = posterior[placeOfLargest(posterior)] ?? 0;
  return [known, fit / 10, top, Math.log1p(distance), likeness];
}

function ownSpreads(
  known: readonly { readonly scores: HeadScores; readonly task: number }[],
  taskCount: number,
): Pick<Doubt, 'spreads' | 'counts'> {
  const all: number[][] = [];
  const own = Array.from({ length: taskCount }, (): number[][] => []);
  for (const { scores, task } of known) {
    const signs = signsOf(scores);
    all.push(signs);
    if (placeOfLargest(scores.posterior) === task) own[task]?.push(signs);
  }
  const spreads = new Float32Array(taskCount * SIGNS * QUANTILES);
  const counts = new Float64Array(taskCount);
  own.forEach((ofTask, task) => {
    const rows = ofTask.length < OWN_LEAST ? all : ofTask;
    counts[task] = rows.length;
    for (let sign = 0; sign < SIGNS; sign += 1) {
      const sorted = Float64Array.from(rows, (signs) => signs[sign] as number).sort();
      for (let at = 0; at < QUANTILES; at += 1)
        spreads[(task * SIGNS + sign) * QUANTILES + at] = sorted[
          Math.round((at * (sorted.length - 1)) / (QUANTILES - 1))
        ] as number;
    }
  });
  return { spreads, counts };
}

function readSigns(
  { spreads, counts }: Pick<Doubt, 'spreads' | 'counts'>,
  scores: HeadScores,
  result: Float64Array,
): void {
  const task = placeOfLargest(scores.posterior);
  const count = counts[task] as number;
  signsOf(scores).forEach((value, sign) => {
    const rank = rankOf(spreads, (task * SIGNS + sign) * QUANTILES, value);
    result[sign] = value;
    result.set(
      [rank, Math.log1p(rank * count) / 5, Math.log1p((1 - rank) * count) / 5],
      SIGNS + 3 * sign,
    );
  });
}

/** Share of the quantiles below a value, equal ones counted half, 0 … 1. */
function rankOf(spreads: Float32Array, from: number, value: number): number {
  const single = Math.fround(value);
  let below = 0;
  let equal = 0;
  for (let at = from; at < from + QUANTILES; at += 1) {
    const bound = spreads[at] as number;
    if (bound < single) below += 1;
    else if (bound === single) equal += 1;
  }
  return (below + equal / 2) / QUANTILES;
}
