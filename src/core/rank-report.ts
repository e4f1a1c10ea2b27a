/** A figure with its 95 % interval by bootstrap over queries. */
export type RankFigure = { readonly value: number; readonly low: number; readonly high: number };

/** How well one way of ordering does on queries that taught it nothing. */
export type OrderReport = {
  /** nDCG of the first ten passages, gain = grade. */
  readonly ndcg10: RankFigure;
  /** Mean of 1 ÷ rank of the first relevant passage. */
  readonly reciprocalRank: RankFigure;
  /** Share of queries whose first passage is relevant. */
  readonly first: RankFigure;
};

/** Another way of ordering the same lists. */
export type BesideReport = OrderReport & {
  /** `BM25`, `embedding` … */
  readonly name: string;
  /** nDCG of the specialist less that of the other, paired by query. */
  readonly gain: RankFigure;
};

/** What was measured of a specialist that orders passages. */
export type RankReport = {
  /** Of the training rows. */
  readonly queries: number;
  /** Passages of a measured query, on average. */
  readonly passages: number;
  readonly own: OrderReport;
  readonly beside: readonly BesideReport[];
};
