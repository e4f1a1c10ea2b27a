import { seededRandom } from '../../src/base/random.ts';
import { areaUnderCurve, quantile } from '../../src/base/statistics.ts';

/** One scored row: higher scores should be the true ones. */
export interface ScoredRow {
  readonly score: number;
  readonly label: boolean;
}

export function areaOf(rows: readonly ScoredRow[]): number {
  const scores = (label: boolean) =>
    rows.filter((row) => row.label === label).map((row) => row.score);
  return areaUnderCurve(scores(true), scores(false));
}

/** Mean of the shares right among the true and among the false rows. */
export function balancedAccuracy(rows: readonly ScoredRow[], threshold: number): number {
  const share = (label: boolean) => {
    const part = rows.filter((row) => row.label === label);
    return part.filter((row) => row.score >= threshold === label).length / part.length;
  };
  return (share(true) + share(false)) / 2;
}

/** The threshold with the best balanced accuracy, from 100 quantiles of the scores. */
export function bestThreshold(rows: readonly ScoredRow[]): number {
  const scores = rows.map((row) => row.score);
  let best = { threshold: 0.5, accuracy: 0 };
  for (let step = 1; step < 100; step += 1) {
    const threshold = quantile(scores, step / 100);
    const accuracy = balancedAccuracy(rows, threshold);
    if (accuracy > best.accuracy) best = { threshold, accuracy };
  }
  return best.threshold;
}

/** A measure with its 95 % percentile bootstrap interval. */
export function withInterval(
  rows: readonly ScoredRow[],
  measure: (rows: readonly ScoredRow[]) => number,
  seed: number,
  rounds = 200,
): { readonly value: number; readonly low: number; readonly high: number } {
  const random = seededRandom(seed);
  const values: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const drawn = rows.flatMap(() => rows[Math.floor(random() * rows.length)] ?? []);
    const value = measure(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  const round3 = (value: number) => Math.round(value * 1000) / 1000;
  return {
    value: round3(measure(rows)),
    low: round3(quantile(values, 0.025)),
    high: round3(quantile(values, 0.975)),
  };
}
