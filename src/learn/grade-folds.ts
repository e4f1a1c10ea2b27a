import { type GradeCurve, onCurve } from '../base/grade-model.ts';
import type { SoftmaxModel } from '../base/softmax.ts';
import { fitCurve } from './grade-curve.ts';
import type { GradeHead } from './grade-heads.ts';

/** What heads say of rows that they were not fitted to, as shares of the scale. */
export interface UnseenValues {
  readonly rows: readonly number[];
  readonly values: readonly number[];
}

/** A head of some rows, and what heads of the same penalty say of those among these that were kept from them. */
export interface FittedHead {
  readonly model: SoftmaxModel;
  readonly inner: UnseenValues;
}

/** A head of all rows, and one for each measured fold that was fitted to the other folds. */
export interface FoldedHead {
  readonly whole: FittedHead;
  readonly folds: readonly (FittedHead & { readonly unseen: UnseenValues })[];
}

/** From strong to weak; for unit vectors and values of 0 … 1. */
const PENALTIES = [30, 10, 3, 1, 0.3, 0.1];
const PLAIN_PENALTY = 3;
/** With more rows one fold tells the penalty as well as all do … */
const PENALTY_ROWS = 1500;
/** … and how near the answers are. */
const MEASURED_ROWS = 6000;

/** Fits a head to all rows and to all but each fold; `folds` tells the fold of each row, `count` there are. */
export function foldedHead(
  head: GradeHead,
  folds: Int32Array,
  count: number,
  values: Float64Array,
): FoldedHead {
  const all = Array.from({ length: count }, (_, fold) => fold).filter((fold) =>
    folds.includes(fold),
  );
  const measured = folds.length <= MEASURED_ROWS ? all : all.slice(0, 1);
  return {
    whole: fitHead(head, folds, all, values),
    folds: measured.map((fold) => {
      const fitted = fitHead(
        head,
        folds,
        all.filter((one) => one !== fold),
        values,
      );
      const rows = rowsIn(folds, [fold]);
      const unseen = { rows, values: rows.map((row) => head.valueOf(fitted.model, row)) };
      return { ...fitted, unseen };
    }),
  };
}

/**
 * A head of the rows of the given folds: its penalty is the one with the least squared error on rows
 * of these folds that were left out for it. Nothing of other folds is looked at.
 */
function fitHead(
  head: GradeHead,
  folds: Int32Array,
  taught: readonly number[],
  values: Float64Array,
): FittedHead {
  const chosen = rowsIn(folds, taught);
  if (taught.length < 2)
    return { model: head.fit(chosen)(PLAIN_PENALTY), inner: { rows: [], values: [] } };
  const tried = chosen.length <= PENALTY_ROWS ? taught : taught.slice(0, 1);
  const without = tried.map((fold) => leftOut(head, folds, taught, fold));
  const errors = PENALTIES.map((penalty) =>
    without.reduce((sum, { guess, rows }) => sum + squaresOf(guess(penalty), rows, values), 0),
  );
  const penalty = PENALTIES[errors.indexOf(Math.min(...errors))] ?? PLAIN_PENALTY;
  const all = taught.map((fold, at) => without[at] ?? leftOut(head, folds, taught, fold));
  return {
    model: head.fit(chosen)(penalty),
    inner: {
      rows: all.flatMap((one) => one.rows),
      values: all.flatMap((one) => one.guess(penalty)),
    },
  };
}

/** What heads of the other taught folds say of one. */
function leftOut(head: GradeHead, folds: Int32Array, taught: readonly number[], fold: number) {
  const rows = rowsIn(folds, [fold]);
  const others = taught.filter((one) => one !== fold);
  const fitted = head.fit(rowsIn(folds, others));
  const known = new Map<number, readonly number[]>();
  const guess = (penalty: number): readonly number[] => {
    const before = known.get(penalty);
    if (before !== undefined) return before;
    const model = fitted(penalty);
    const values = rows.map((row) => head.valueOf(model, row));
    known.set(penalty, values);
    return values;
  };
  return { rows, guess };
}

function squaresOf(
  guesses: readonly number[],
  rows: readonly number[],
  values: Float64Array,
): number {
  return guesses.reduce(
    (sum, guess, at) => sum + (guess - (values[rows[at] as number] as number)) ** 2,
    0,
  );
}

/** One head, or two together, as they answer. */
export interface BlendedHeads {
  /** Share of the second one. */
  readonly weight: number;
  readonly curve: GradeCurve | undefined;
  /** What is measured, fold after fold. */
  readonly unseen: UnseenValues;
}

/**
 * One head, or two together: the share of the second with the least squared error on rows that neither was
 * fitted to, or the given one; then the curve that these rows tell. For each measured fold both are found
 * in the others.
 */
export function blendHeads(
  first: FoldedHead,
  second: FoldedHead | undefined,
  values: Float64Array,
  given?: number,
): BlendedHeads {
  const blended = (own: FittedHead, other: FittedHead | undefined) => {
    const weight = other === undefined ? 0 : (given ?? weightOf(own.inner, other.inner, values));
    const mixed = mixedValues(own.inner, other?.inner, weight);
    const curve = fitCurve(
      mixed,
      own.inner.rows.map((row) => values[row] as number),
    );
    return { weight, curve };
  };
  const folds = first.folds.map((own, at) => {
    const other = second?.folds[at];
    const { weight, curve } = blended(own, other);
    return mixedValues(own.unseen, other?.unseen, weight).map((value) => onCurve(value, curve));
  });
  return {
    ...blended(first.whole, second?.whole),
    unseen: { rows: first.folds.flatMap((one) => one.unseen.rows), values: folds.flat() },
  };
}

function mixedValues(
  first: UnseenValues,
  second: UnseenValues | undefined,
  weight: number,
): number[] {
  return first.values.map((value, at) => (1 - weight) * value + weight * (second?.values[at] ?? 0));
}

function weightOf(first: UnseenValues, second: UnseenValues, values: Float64Array): number {
  let [products, squares] = [0, 0];
  first.rows.forEach((row, at) => {
    const own = first.values[at] as number;
    const apart = (second.values[at] as number) - own;
    products += apart * ((values[row] as number) - own);
    squares += apart * apart;
  });
  return squares === 0 ? 0.5 : Math.min(1, Math.max(0, products / squares));
}

function rowsIn(folds: Int32Array, wanted: readonly number[]): number[] {
  const set = new Set(wanted);
  return [...folds.keys()].filter((row) => set.has(folds[row] as number));
}
