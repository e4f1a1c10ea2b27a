import { holmAdjusted, pairedAdvantage } from '../base/paired-test.ts';
import type { SliceComparison } from '../core/version-comparison.ts';

/** One row judged by two versions. */
export interface JudgedPair {
  readonly isRight: boolean;
  readonly incumbentIsRight: boolean;
  /** What it belongs to, e.g. `label: refund`, `length: short`; at most one of each kind. */
  readonly slices: readonly string[];
}

/** A slice of fewer rows is an anecdote. */
const LEAST_ROWS = 10;
const RISK = 0.05;

/**
 * Slices in which the new version is worse by more than chance explains: an exact one-sided test of
 * McNemar in each, at most 5 % for all together (Holm), so that hundreds of slices raise no alarm.
 */
export function worseSlices(pairs: readonly JudgedPair[]): {
  readonly tested: number;
  readonly worse: readonly SliceComparison[];
} {
  const counts = new Map<string, { rows: number; onlyNew: number; onlyIncumbent: number }>();
  for (const { isRight, incumbentIsRight, slices } of pairs)
    for (const slice of slices) {
      const count = counts.get(slice) ?? { rows: 0, onlyNew: 0, onlyIncumbent: 0 };
      counts.set(slice, count);
      count.rows += 1;
      if (isRight && !incumbentIsRight) count.onlyNew += 1;
      if (!isRight && incumbentIsRight) count.onlyIncumbent += 1;
    }
  const tested = [...counts].filter(([, { rows }]) => rows >= LEAST_ROWS);
  const adjusted = holmAdjusted(
    tested.map(([, { onlyNew, onlyIncumbent }]) =>
      pairedAdvantage({ onlyFirst: onlyIncumbent, onlySecond: onlyNew }),
    ),
  );
  const worse = tested
    .map(([slice, count], at) => ({ slice, ...count, probability: adjusted[at] ?? 1 }))
    .filter((one) => one.probability <= RISK)
    .toSorted((a, b) => a.probability - b.probability);
  return { tested: tested.length, worse };
}
