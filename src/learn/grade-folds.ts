import type { SoftmaxModel } from '../base/softmax.ts';
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
/** With more rows one fold tells the penalty as well as all do, … */
const PENALTY_ROWS = 1500;
/** … and what is measured. */
const MEASURED_ROWS = 3000;

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
  const left = chosen.length <= PENALTY_ROWS ? taught : taught.slice(0, 1);
  const rows: number[] = [];
  const guesses = PENALTIES.map((): number[] => []);
  for (const fold of taught.length < 2 ? [] : left) {
    const unseen = rowsIn(folds, [fold]);
    rows.push(...unseen);
    const fitted = head.fit(
      rowsIn(
        folds,
        taught.filter((one) => one !== fold),
      ),
    );
    PENALTIES.forEach((penalty, at) => {
      const model = fitted(penalty);
      guesses[at]?.push(...unseen.map((row) => head.valueOf(model, row)));
    });
  }
  const errors = guesses.map((ones) =>
    ones.reduce((sum, one, at) => sum + (one - (values[rows[at] as number] as number)) ** 2, 0),
  );
  const best = errors.indexOf(Math.min(...errors));
  const model = head.fit(chosen)(PENALTIES[best] ?? 1);
  return { model, inner: { rows, values: guesses[best] ?? [] } };
}

/** All that was measured, fold after fold. */
export function unseenOf({ folds }: FoldedHead): UnseenValues {
  return {
    rows: folds.flatMap((one) => one.unseen.rows),
    values: folds.flatMap((one) => one.unseen.values),
  };
}

/**
 * Two heads together: the share of the second one with the least squared error on rows that neither was
 * fitted to, or the given one; in each measured fold it is found in the others.
 */
export function mixHeads(
  first: FoldedHead,
  second: FoldedHead,
  values: Float64Array,
  given?: number,
): { readonly weight: number; readonly unseen: UnseenValues } {
  const mixed = first.folds.map((own, at) => {
    const other = second.folds[at] ?? own;
    const weight = given ?? weightOf(own.inner, other.inner, values);
    return own.unseen.values.map(
      (one, place) => (1 - weight) * one + weight * (other.unseen.values[place] as number),
    );
  });
  return {
    weight: given ?? weightOf(first.whole.inner, second.whole.inner, values),
    unseen: { rows: unseenOf(first).rows, values: mixed.flat() },
  };
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
