import { QueryWords } from '../base/rank-features.ts';
import { orderOf, product, type RankModel } from '../base/rank-model.ts';
import { measureOrder } from '../base/ranking-measures.ts';
import type { RowVectors } from './rank-folds.ts';
import type { MeasuredOrder } from './rank-measured.ts';
import type { RankRow } from './rank-rows.ts';

/** How the house orders passages without a specialist: places, best first. */
export type HouseOrder = (row: RankRow, vectors: RowVectors | undefined) => readonly number[];

/**
 * What the same queries get without a specialist: BM25 (terms counted in all the rows), the product of
 * the embedder's vectors, and what /v1/rerank makes of both.
 */
export function ordersBeside(
  rows: readonly RankRow[],
  { terms }: Pick<RankModel, 'terms'>,
  house: HouseOrder,
  vectorsOf: ((row: RankRow) => RowVectors) | undefined,
): readonly MeasuredOrder[] {
  const order = (name: string, orderRow: (row: RankRow) => readonly number[]): MeasuredOrder => ({
    name,
    measures: rows.map((row) =>
      measureOrder(
        orderRow(row),
        row.passages.map((one) => one.grade),
      ),
    ),
  });
  const byWords = (row: RankRow) => {
    const words = new QueryWords(terms, row.query);
    return orderOf(row.passages.map((one) => words.features(one.text)[0] ?? 0));
  };
  return [
    order('BM25', byWords),
    ...(vectorsOf === undefined
      ? []
      : [
          order('embedder', (row) => {
            const { query, passages } = vectorsOf(row);
            return orderOf(passages.map((one) => product(query, one)));
          }),
        ]),
    order('/v1/rerank without it', (row) => house(row, vectorsOf?.(row))),
  ];
}
