import { type LossTally, rowsNeeded, singleStart, walkSequence } from '../base/risk-control.ts';
import { binomialTail, binomialUpperBound } from '../base/statistics.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  chooseAt,
  everyRow,
  type LossProfile,
  lossProfile,
  REFERENCE_ONLY,
  type Sample,
  savingAt,
  tallyAt,
} from './calibration-set.ts';

/** Lose at most `alpha` of what the reference gets right, with confidence 1 − `delta`. */
export interface LossPromise {
  readonly alpha: number;
  readonly delta: number;
}

/** What was shown for one part of the traffic. */
export interface CertifiedSlice {
  /** `*` = everything that has no slice of its own. */
  readonly slice: string;
  /** Graded requests, with or without something to lose. */
  readonly rows: number;
  readonly tally: LossTally;
  /** The part of the promise's risk that this slice may use. */
  readonly delta: number;
  /** Upper bound of the loss at `delta`; 0 where everything goes to the reference. */
  readonly bound: number;
  /** Expected loss up to which a cheaper model is asked; `REFERENCE_ONLY` = never. */
  readonly threshold: number;
  readonly keptCheap: number;
  readonly perThousand: number;
  /** Graded requests that are missing before anything can be shown; 0 = enough. */
  readonly missing: number;
}

export const REST = '*';

/**
 * Learn-then-Test over thresholds from the safest on: the largest one that keeps the promise while
 * all before it keep it too. Valid for rows drawn independently from the traffic, when neither the
 * gate nor `thresholds` saw their labels. Too few rows or a gate that loses too much at once give
 * `REFERENCE_ONLY`. Throws RangeError for shares outside 0 … 1.
 */
export function certifyLoss(
  set: CalibrationSet,
  promise: LossPromise,
  thresholds: ArrayLike<number>,
  slice = REST,
): CertifiedSlice {
  checkRising(thresholds);
  const rows = set.rows.filter((row) => !Number.isNaN(row.scores[set.reference] as number));
  const { step, tally } = certifyStep(
    lossProfile({ ...set, rows }, thresholds),
    everyRow(rows.length),
    promise,
  );
  const threshold =
    step < 0 ? REFERENCE_ONLY : leastThreshold(rows, set.reference, thresholds, step);
  return {
    slice,
    rows: rows.length,
    tally,
    delta: promise.delta,
    bound: step < 0 ? 0 : binomialUpperBound(tally.lost, tally.whole, promise.delta),
    threshold,
    ...savingAt(rows, set.reference, threshold),
    missing: missingRows(rows.length, tally.whole, rowsNeeded(promise.alpha, promise.delta)),
  };
}

/**
 * The most careful threshold up to the certified one that chooses alike on all rows: it was certified
 * on the way, and requests unlike those that were graded are not let through by a bound that nothing
 * came near.
 */
function leastThreshold(
  rows: readonly CalibrationRow[],
  reference: number,
  thresholds: ArrayLike<number>,
  certified: number,
): number {
  const highest = thresholds[certified] as number;
  let least = REFERENCE_ONLY;
  for (const row of rows) {
    const chosen = chooseAt(row, reference, highest);
    if (chosen !== reference) least = Math.max(least, row.expectedLoss[chosen] as number);
  }
  for (let step = 0; step <= certified; step += 1)
    if ((thresholds[step] as number) >= least) return thresholds[step] as number;
  return highest;
}

/** The boldest step of a profile that a sample shows to keep the promise; −1 = none. */
export function certifyStep(
  profile: LossProfile,
  sample: Sample,
  { alpha, delta }: LossPromise,
): { readonly step: number; readonly tally: LossTally } {
  checkShare('alpha', alpha);
  checkShare('delta', delta);
  const levels = walkSequence(singleStart(profile.thresholds.length, delta), (step) =>
    pValueOf(tallyAt(profile, sample, step), alpha),
  );
  const step = levels.findLastIndex((level) => level > 0);
  return { step, tally: tallyAt(profile, sample, step) };
}

/** Rows to grade until `needed` of them have something to lose, at the share seen so far. */
function missingRows(rows: number, useful: number, needed: number): number {
  if (useful >= needed) return 0;
  // One more of each kind (Laplace), so that no rows at all give a number too.
  return Math.ceil((needed - useful) / ((useful + 1) / (rows + 1)));
}

export interface SlicedCertificate {
  readonly slices: readonly CertifiedSlice[];
  /** One promise over everything from the same rows, to show what slices cost. */
  readonly together: CertifiedSlice;
  /** Share kept cheap by all slices together. */
  readonly keptCheap: number;
}

/**
 * A promise for each slice at once: the risk is divided equally among the slices that have rows
 * enough to show anything; all others together are one, `*`. Slices are chosen by their size, never
 * by their labels.
 */
export function certifySlices(
  set: CalibrationSet,
  promise: LossPromise,
  thresholds: ArrayLike<number>,
): SlicedCertificate {
  const bySlice = Map.groupBy(set.rows, (row) => row.slice ?? REST);
  const groups = gatherSlices(bySlice, promise);
  const part = { alpha: promise.alpha, delta: promise.delta / Math.max(1, groups.length) };
  const slices = groups.map(({ slice, rows }) =>
    certifyLoss({ ...set, rows }, part, thresholds, slice),
  );
  const rowCount = slices.reduce((sum, one) => sum + one.rows, 0);
  const kept = slices.reduce((sum, one) => sum + one.keptCheap * one.rows, 0);
  return {
    slices,
    together: certifyLoss(set, promise, thresholds),
    keptCheap: kept / Math.max(1, rowCount),
  };
}

interface Group {
  readonly slice: string;
  readonly rows: readonly CalibrationRow[];
}

/** The largest slices as long as each could show the promise at its part of the risk; the rest in one. */
function gatherSlices(
  bySlice: ReadonlyMap<string, readonly CalibrationRow[]>,
  { alpha, delta }: LossPromise,
): Group[] {
  const named = [...bySlice]
    .filter(([slice]) => slice !== REST)
    .map(([slice, rows]) => ({ slice, rows }))
    .sort(
      (left, right) => right.rows.length - left.rows.length || (left.slice < right.slice ? -1 : 1),
    );
  let count = named.length;
  // One part of the risk is kept for the rest, whether there is one or not.
  while (
    count > 0 &&
    (named[count - 1] as Group).rows.length < rowsNeeded(alpha, delta / (count + 1))
  )
    count -= 1;
  const rest = [...(bySlice.get(REST) ?? []), ...named.slice(count).flatMap((one) => one.rows)];
  const groups = named.slice(0, count);
  return rest.length === 0 ? groups : [...groups, { slice: REST, rows: rest }];
}

function pValueOf({ lost, whole }: LossTally, bound: number): number {
  return binomialTail(lost, whole, bound);
}

function checkShare(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} is between 0 and 1, not ${value}`);
}

function checkRising(thresholds: ArrayLike<number>): void {
  for (let step = 1; step < thresholds.length; step += 1)
    if (!((thresholds[step] as number) > (thresholds[step - 1] as number)))
      throw new RangeError('thresholds rise from the safest to the boldest');
}
