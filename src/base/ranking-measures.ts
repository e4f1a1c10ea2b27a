/** What one order of graded passages is worth. */
export interface OrderMeasures {
  /** nDCG of the first ten, 0 … 1. */
  readonly ndcg10: number;
  /** 1 ÷ rank of the first relevant one; 0 where none is. */
  readonly reciprocalRank: number;
  /** The first is relevant. */
  readonly isFirst: boolean;
}

/**
 * nDCG of the first `depth` with gain = grade and discount log2(rank + 1) (trec_eval's ndcg_cut).
 * `ranked` are grades best first, `all` those that there are, in any order; 0 where none is above 0.
 */
export function ndcgOf(ranked: readonly number[], all: readonly number[], depth: number): number {
  const discounted = (values: readonly number[]) =>
    values.slice(0, depth).reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0);
  const ideal = discounted([...all].sort((left, right) => right - left));
  return ideal === 0 ? 0 : discounted(ranked) / ideal;
}

/** `order` names places in `grades`, best first. */
export function measureOrder(order: readonly number[], grades: readonly number[]): OrderMeasures {
  const ranked = order.map((at) => grades[at] ?? 0);
  const first = ranked.findIndex((grade) => grade > 0);
  return {
    ndcg10: ndcgOf(ranked, grades, 10),
    reciprocalRank: first < 0 ? 0 : 1 / (first + 1),
    isFirst: first === 0,
  };
}
