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
