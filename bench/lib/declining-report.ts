import { seededRandom } from '../../src/base/random.ts';
import { areaUnderCurve, type Interval, quantile } from '../../src/base/statistics.ts';
import { certifyThreshold } from '../../src/learn/answer-certificate.ts';
import type { Replayed, SignedRow } from './declining-replay.ts';
import { THRESHOLD_RULES, thresholdsBySource } from './declining-threshold.ts';

/** A row as the product decides on it. */
export interface DecidedRow extends SignedRow {
  /** P(the documents answer it), by weights fitted on the other sources. */
  readonly probability: number;
  /** The same without the reading, as for models whose readings were not measured. */
  readonly unread: number;
  /** At threshold 0, at the shipped one, and without P at all. */
  readonly open: Replayed;
  readonly gated: Replayed;
  readonly ungated: Replayed;
}

const ROUNDS = 1000;
const THRESHOLDS = [0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** All figures, with intervals by the bootstrap over questions (both conditions together). */
export function reportDeclining(rows: readonly DecidedRow[], seed: number) {
  const interval = (of: (sample: readonly DecidedRow[]) => number) => bootstrap(rows, of, seed);
  const scoreOf = (score: (row: DecidedRow) => number) =>
    interval((sample) => auroc(sample, score));
  const operating = (take: (row: DecidedRow) => Replayed) => ({
    answered: interval((sample) => shareShown(sample, true, take)),
    right: interval((sample) => shareRight(sample, take)),
    invented: interval((sample) => shareShown(sample, false, take)),
  });
  const negatives = rows.filter((row) => !row.answerable);
  const above = (threshold: number) => (row: DecidedRow) =>
    row.probability >= threshold ? row.open : { ...row.open, shown: '', right: false };
  const openRows = rows.map((row) => ({ ...row, isShown: isShown(row.open) }));
  const chosenBy = (rule: keyof typeof THRESHOLD_RULES) => {
    const thresholds = thresholdsBySource(openRows, THRESHOLD_RULES[rule]);
    return {
      thresholds: Object.fromEntries(thresholds),
      ...operating((row) => above(thresholds.get(row.question.source) ?? 1)(row)),
    };
  };
  return {
    questions: new Set(rows.map((row) => row.question.id)).size,
    answerable: rows.length - negatives.length,
    unanswerable: negatives.length,
    auroc: {
      answerability: scoreOf((row) => row.probability),
      unread: scoreOf((row) => row.unread),
      reading: scoreOf((row) => row.row.reading ?? 0.5),
      support: scoreOf((row) => row.signs.support),
      confidence: scoreOf((row) => row.row.confidence ?? 0),
      share: scoreOf((row) => row.signs.share),
      missing: scoreOf((row) => -row.signs.missing),
      retrievalDense: scoreOf(({ row }) => best(row.passages.map((one) => one.denseScore ?? 0))),
      retrievalLexical: scoreOf(({ row }) => best(row.passages.map((one) => one.lexicalScore))),
    },
    gated: operating((row) => row.gated),
    ungated: operating((row) => row.ungated),
    /** At thresholds that were chosen on the other sources. */
    chosenElsewhere: { share: chosenBy('share'), certificate: chosenBy('certificate') },
    citesGold: share(
      rows.filter((row) => row.answerable && row.gated.right),
      (row) => row.gated.citesGold,
    ),
    curve: THRESHOLDS.map((threshold) => {
      const at = above(threshold);
      return {
        threshold,
        answered: shareShown(rows, true, at),
        right: shareRight(rows, at),
        invented: shareShown(rows, false, at),
      };
    }),
    certified:
      certifyThreshold(
        negatives.map((row) => ({ isShown: isShown(row.open), probability: row.probability })),
        { alpha: 0.05, risk: 0.1 },
      ) ?? 'too few questions',
    bySource: Object.fromEntries(
      [...new Set(rows.map((row) => row.question.source))].map((source) => {
        const own = rows.filter((row) => row.question.source === source);
        return [
          source,
          {
            rows: own.length,
            auroc: auroc(own, (row) => row.probability),
            answered: shareShown(own, true, (row) => row.gated),
            right: shareRight(own, (row) => row.gated),
            invented: shareShown(own, false, (row) => row.gated),
          },
        ];
      }),
    ),
    secondsPerRow: quantile(
      rows.map((row) => row.row.seconds),
      0.5,
    ),
  };
}

function isShown({ shown }: Replayed): boolean {
  return shown.trim() !== '';
}

function shareShown(
  rows: readonly DecidedRow[],
  answerable: boolean,
  take: (row: DecidedRow) => Replayed,
): number {
  return share(
    rows.filter((row) => row.answerable === answerable),
    (row) => isShown(take(row)),
  );
}

function shareRight(rows: readonly DecidedRow[], take: (row: DecidedRow) => Replayed): number {
  return share(
    rows.filter((row) => row.answerable),
    (row) => take(row).right,
  );
}

function share<T>(rows: readonly T[], holds: (row: T) => boolean): number {
  return rows.filter(holds).length / Math.max(1, rows.length);
}

function best(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function auroc(rows: readonly DecidedRow[], score: (row: DecidedRow) => number): number {
  const of = (answerable: boolean) =>
    rows.filter((row) => row.answerable === answerable).map(score);
  return areaUnderCurve(of(true), of(false));
}

/** Percentile bootstrap over questions, 95 %. */
function bootstrap(
  rows: readonly DecidedRow[],
  of: (sample: readonly DecidedRow[]) => number,
  seed: number,
): Interval {
  const groups = [...Map.groupBy(rows, (row) => row.question.id).values()];
  const random = seededRandom(seed);
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const sample = groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? []);
    const value = of(sample);
    if (!Number.isNaN(value)) values.push(value);
  }
  return { value: of(rows), low: quantile(values, 0.025), high: quantile(values, 0.975) };
}
