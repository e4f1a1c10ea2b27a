import { orderOf } from '../base/rank-model.ts';
import { measureOrder, type OrderMeasures } from '../base/ranking-measures.ts';
import { bootstrapMean } from '../base/statistics.ts';
import type { BesideReport, OrderReport, RankFigure } from '../core/rank-report.ts';

/** What one way of ordering made of the measured queries, in their order. */
export interface MeasuredOrder {
  readonly name: string;
  readonly measures: readonly OrderMeasures[];
}

/** One list by its scores. */
export function measureScores(scores: readonly number[], grades: readonly number[]): OrderMeasures {
  return measureOrder(orderOf(scores), grades);
}

/** Means with 95 % bootstrap intervals over queries. */
export function orderReport(measures: readonly OrderMeasures[], seed: number): OrderReport {
  const over = (value: (one: OrderMeasures) => number): RankFigure => ({
    ...bootstrapMean(measures.map(value), { seed }),
  });
  return {
    ndcg10: over((one) => one.ndcg10),
    reciprocalRank: over((one) => one.reciprocalRank),
    first: over((one) => Number(one.isFirst)),
  };
}

/** Another order of the same lists, and how much the first one gains over it. */
export function besideReport(
  own: readonly OrderMeasures[],
  { name, measures }: MeasuredOrder,
  seed: number,
): BesideReport {
  return { name, ...orderReport(measures, seed), gain: gainOf(own, measures, seed) };
}

/** nDCG of the first less that of the second, with the interval of the paired bootstrap. */
export function gainOf(
  own: readonly OrderMeasures[],
  other: readonly OrderMeasures[],
  seed: number,
): RankFigure {
  const differences = own.map((one, at) => one.ndcg10 - (other[at]?.ndcg10 ?? 0));
  return { ...bootstrapMean(differences, { seed }) };
}
