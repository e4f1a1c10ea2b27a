import type { OrderMeasures } from '../base/ranking-measures.ts';
import type { RungReport } from '../core/specialist.ts';
import {
  CHANGE_LISTS,
  CHANGE_PENALTIES,
  changedScores,
  fitChange,
  type ScoredList,
} from './rank-change.ts';
import type { FeaturedRow, RankFold } from './rank-folds.ts';
import { gainOf, measureScores } from './rank-measured.ts';
import type { RankRow } from './rank-rows.ts';
import { rightShare } from './right-share.ts';
import { fitHead, type HeadKind, listPull, scoresOf } from './train-ranker.ts';

/**
 * From the cheapest to the dearest per request: words; the embedder's meaning; both; and both with what
 * the rows teach of meanings that the embedder holds apart.
 */
export type RankRung = HeadKind | 'taught';

/** What a rung made of the lists that it had not seen. */
export interface UnseenList {
  readonly row: RankRow;
  readonly scores: readonly number[];
  readonly measures: OrderMeasures;
}

export interface TriedRung {
  readonly rung: RankRung;
  readonly unseen: readonly UnseenList[];
  /** Of the rung `taught`. */
  readonly penalty?: number;
  readonly report: RungReport;
}

/** What a rung costs and weighs, without the heads' lists. */
export interface RungCost {
  readonly bytes: number;
  readonly msPerRequest: number;
}

/** One of the first three rungs on lists that it had not seen. */
export function tryHead(kind: HeadKind, folds: readonly RankFold[], cost: RungCost): TriedRung {
  const unseen = folds.flatMap((fold) => {
    const weights = fitHead(fold.seen, kind);
    return fold.unseen.map((one) => judged(one, scoresOf(weights, one)));
  });
  return { rung: kind, unseen, report: reportOf(kind, unseen, cost) };
}

/**
 * The last rung. How much is taught is chosen for each fold by what the others' lists say of it, so that
 * no list chooses for itself.
 */
export function tryTaught(folds: readonly RankFold[], cost: RungCost): TriedRung {
  const tried = folds.map((fold) => {
    const weights = fitHead(fold.seen, 'words+embedding');
    const seen = listsOf(spread(fold.seen), weights);
    const unseen = listsOf(fold.unseen, weights);
    return CHANGE_PENALTIES.map((penalty) => {
      const change = fitChange(seen, penalty);
      const scores = unseen.map((list) => changedScores(list, change));
      const loss = scores.reduce((sum, one, at) => sum + lossOf(one, unseen[at]), 0);
      return { penalty, scores, loss };
    });
  });
  const best = (without: number) => {
    const losses = CHANGE_PENALTIES.map((_, at) =>
      tried.reduce((sum, fold, other) => sum + (other === without ? 0 : (fold[at]?.loss ?? 0)), 0),
    );
    return losses.indexOf(Math.min(...losses));
  };
  const unseen = folds.flatMap((fold, at) =>
    fold.unseen.map((one, place) => judged(one, tried[at]?.[best(at)]?.scores[place] ?? [])),
  );
  const penalty = CHANGE_PENALTIES[best(-1)] ?? CHANGE_PENALTIES[0];
  return {
    rung: 'taught',
    unseen,
    ...(penalty !== undefined && { penalty }),
    report: reportOf('taught', unseen, cost),
  };
}

/** What there is time to teach from: of very many rows some, evenly over the file. */
export function spread(rows: readonly FeaturedRow[]): readonly FeaturedRow[] {
  if (rows.length <= CHANGE_LISTS) return rows;
  const step = rows.length / CHANGE_LISTS;
  return rows.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** Rows with vectors as lists whose scores the head's weights give. */
export function listsOf(rows: readonly FeaturedRow[], weights: readonly number[]): ScoredList[] {
  return rows.flatMap((one) =>
    one.vectors === undefined
      ? []
      : [{ ...one.vectors, scores: scoresOf(weights, one), grades: one.grades }],
  );
}

/**
 * The cheapest that reaches the target; else the best, where a dearer one, or one that learnt more, must
 * have the better nDCG by more than chance (paired bootstrap over queries). To read the words beside the
 * vectors costs next to nothing: there the better mean is enough.
 */
export function chooseRung(
  tried: readonly [TriedRung, ...TriedRung[]],
  target: number | undefined,
  seed: number,
): TriedRung {
  const enough =
    target === undefined ? undefined : tried.find((one) => one.report.accuracy >= target);
  if (enough !== undefined) return enough;
  return tried.reduce((best, one) => {
    const gain = gainOf(measuresOf(one), measuresOf(best), seed);
    const isAsCheap = best.rung === 'embedding' && one.rung === 'words+embedding';
    return (isAsCheap ? gain.value : gain.low) > 0 ? one : best;
  });
}

export function measuresOf({ unseen }: Pick<TriedRung, 'unseen'>): readonly OrderMeasures[] {
  return unseen.map((one) => one.measures);
}

function judged({ row, grades }: FeaturedRow, scores: readonly number[]): UnseenList {
  return { row, scores, measures: measureScores(scores, grades) };
}

function lossOf(scores: readonly number[], list: ScoredList | undefined): number {
  return list === undefined ? 0 : listPull(scores, list.grades).loss;
}

function reportOf(rung: RankRung, unseen: readonly UnseenList[], cost: RungCost): RungReport {
  const first = unseen.filter((one) => one.measures.isFirst).length;
  return { rung, ...rightShare(first, unseen.length), ...cost };
}
