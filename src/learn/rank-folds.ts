import { countTerms, type PassageTerms, QueryWords } from '../base/rank-features.ts';
import { PRODUCT_SCALE, product } from '../base/rank-model.ts';
import { nearFolds } from './near-folds.ts';
import type { RankRow } from './rank-rows.ts';
import type { RankList } from './train-ranker.ts';

/** Vectors of a row's query and of its passages, in their order. */
export interface RowVectors {
  readonly query: Float32Array;
  readonly passages: readonly Float32Array[];
}

/** A row as heads see it. */
export interface FeaturedRow extends RankList {
  readonly row: RankRow;
  readonly vectors?: RowVectors;
}

/** Lists that teach, and others that do not know them. */
export interface RankFold {
  readonly seen: readonly FeaturedRow[];
  readonly unseen: readonly FeaturedRow[];
}

const FOLDS = 4;

/** Terms of the rows' passages, each passage once. */
export function termsOfRows(rows: readonly RankRow[]): PassageTerms {
  return countTerms(new Set(rows.flatMap((row) => row.passages.map((one) => one.text))));
}

/** A query is in one fold alone, with those that nearly repeat it; terms are counted in what is seen. */
export function rankFolds(rows: readonly RankRow[], seed: number): RankFold[] {
  const folds = nearFolds(
    rows.map((row) => ({ text: row.query })),
    FOLDS,
    seed,
  );
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const seen = rows.filter((_, at) => folds[at] !== fold);
    const unseen = rows.filter((_, at) => folds[at] === fold);
    if (seen.length === 0 || unseen.length === 0) return [];
    const terms = termsOfRows(seen);
    return [{ seen: featured(seen, terms), unseen: featured(unseen, terms) }];
  });
}

/** Of each passage the values of its words; the product of vectors is 0 yet. */
export function featured(rows: readonly RankRow[], terms: PassageTerms): FeaturedRow[] {
  return rows.map((row) => {
    const words = new QueryWords(terms, row.query);
    return {
      row,
      features: row.passages.map((one) => Float64Array.of(...words.features(one.text), 0)),
      grades: row.passages.map((one) => one.grade),
    };
  });
}

/** The same with vectors. */
export function withVectors(
  rows: readonly FeaturedRow[],
  vectorsOf: (row: RankRow) => RowVectors,
): FeaturedRow[] {
  return rows.map((one) => {
    const vectors = vectorsOf(one.row);
    const features = one.features.map((values, at) => {
      const vector = vectors.passages[at];
      const turned = vector === undefined ? 0 : PRODUCT_SCALE * product(vectors.query, vector);
      return Float64Array.of(...values.subarray(0, -1), turned);
    });
    return { ...one, features, vectors };
  });
}
