import { wilsonInterval } from '../base/statistics.ts';
import type { SpecialistReport } from '../core/specialist.ts';
import { detectableGap } from './version-comparison.ts';

/** How many of the rows are right, with the 95 % interval of their share, as reports tell it. */
export function rightShare(right: number, rows: number) {
  const { value, low, high } = wilsonInterval(right, rows);
  return { accuracy: value, accuracyLow: low, accuracyHigh: high };
}

/** The same with what it was measured on: held-out rows where there is no test set. */
export function evaluation(
  right: number,
  rows: number,
  test: readonly unknown[] | undefined,
): Pick<
  SpecialistReport,
  'measuredOn' | 'evaluationRows' | 'accuracy' | 'accuracyLow' | 'accuracyHigh' | 'detectableGap'
> {
  const share = rightShare(right, rows);
  return {
    measuredOn: test === undefined ? 'held-out' : 'test',
    evaluationRows: rows,
    ...share,
    detectableGap: detectableGap(share.accuracy, rows),
  };
}
