import { seededRandom } from '../../base/random.ts';
import { averageGapRecovered, callShare } from '../../base/routing-measures.ts';
import { type Interval, quantile } from '../../base/statistics.ts';
import type { ScoredRow } from './held-out-scores.ts';

/** Two models, by RouteLLM's definitions. */
export interface PairReport {
  readonly weak: string;
  readonly strong: string;
  readonly gate: PairMeasures;
  readonly gateToldTask: PairMeasures;
  readonly taskMean: PairMeasures;
  readonly promptLength: PairMeasures;
  /** After the cheap answer has been read; absent without answers. */
  readonly cheapAnswerChecked?: PairMeasures;
}

export interface PairMeasures {
  readonly apgr: Interval;
  /** Shares of strong calls that recover half and four fifths of the gap. */
  readonly cpt50: number;
  readonly cpt80: number;
}

/** Rows of which both models are graded. */
export function reportPair(
  rows: readonly ScoredRow[],
  { models, seed }: { readonly models: readonly string[]; readonly seed: number },
  reference: number,
): PairReport {
  const [strong, weak] = [reference, 1 - reference];
  const gainOf = (values: Float64Array | undefined) =>
    (values?.[strong] ?? Number.NaN) - (values?.[weak] ?? Number.NaN);
  const measure = (score: (one: ScoredRow, at: number) => number): PairMeasures => {
    const scores = rows.map(score);
    const pick = (chosen: ArrayLike<number>) => ({
      scores: Array.from(chosen, (row) => scores[row] ?? 0),
      weak: Array.from(chosen, (row) => rows[row]?.row.scores[weak] ?? 0),
      strong: Array.from(chosen, (row) => rows[row]?.row.scores[strong] ?? 0),
    });
    const all = pick(rows.map((_, at) => at));
    return {
      apgr: bootstrapRows(
        rows.length,
        (chosen) => averageGapRecovered(pick(chosen)),
        seed,
        rows.length > 5000 ? 100 : 300,
      ),
      cpt50: callShare(all, 0.5),
      cpt80: callShare(all, 0.8),
    };
  };
  // Equal scores would all fall on one side of a threshold; a fixed tiny number parts them.
  const random = seededRandom(seed);
  const jitter = rows.map(() => 1e-9 * random());
  const isChecked = rows.every((one) => one.checkedValues !== undefined);
  return {
    weak: models[weak] ?? '',
    strong: models[strong] ?? '',
    gate: measure((one) => gainOf(one.values)),
    gateToldTask: measure((one) => gainOf(one.namedValues)),
    taskMean: measure((one, at) => gainOf(one.taskMeans) + (jitter[at] ?? 0)),
    promptLength: measure((one) => one.row.prompt.length),
    ...(isChecked ? { cheapAnswerChecked: measure((one) => gainOf(one.checkedValues)) } : {}),
  };
}

/** A measure of all rows, its 95 % interval by drawing whole rows. */
export function bootstrapRows(
  count: number,
  measure: (rows: ArrayLike<number>) => number,
  seed: number,
  rounds: number,
): Interval {
  const random = seededRandom(seed);
  const values: number[] = [];
  const drawn = new Int32Array(count);
  for (let round = 0; round < rounds; round += 1) {
    for (let at = 0; at < count; at += 1) drawn[at] = Math.floor(random() * count);
    const value = measure(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  const all = Int32Array.from({ length: count }, (_, at) => at);
  return { value: measure(all), low: quantile(values, 0.025), high: quantile(values, 0.975) };
}
