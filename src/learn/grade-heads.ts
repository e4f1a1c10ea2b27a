import { solveRidge, sumRows } from '../base/dense-ridge.ts';
import { denseValue, linearModel, linearValue } from '../base/grade-model.ts';
import type { SparseVector } from '../base/hashing.ts';
import type { SoftmaxModel } from '../base/softmax.ts';
import type { SparseMatrix } from '../base/sparse-matrix.ts';
import { fitSparseRidge } from '../base/sparse-ridge.ts';

/** What one kind of head reads of all rows, and how it is fitted to some of them. */
export interface GradeHead {
  /** With the least squared error + penalty × the weights' squares, for any penalty. */
  readonly fit: (chosen: readonly number[]) => (penalty: number) => SoftmaxModel;
  readonly valueOf: (model: SoftmaxModel, row: number) => number;
}

const COLUMNS_MOST = 200_000;
/** From so many rows on a feature of a single row says nothing. */
const SINGLE_ROWS = 50;

/** On hashed n-grams; rare ones may weigh more, by ln(1 + rows / rows that have it). */
export function ngramHead(vectors: readonly SparseVector[], values: Float64Array): GradeHead {
  return {
    valueOf: (model, row) => linearValue(model, vectors[row] ?? { indices: NONE, values: EMPTY }),
    fit: (chosen) => {
      const { columns, rarity, matrix } = matrixOf(chosen.flatMap((row) => vectors[row] ?? []));
      const targets = {
        count: 1,
        values: Float64Array.from(chosen, (row) => values[row] as number),
        weights: new Float64Array(chosen.length).fill(1),
      };
      return (penalty) => {
        const { weights, offsets } = fitSparseRidge(matrix, targets, penalty);
        const own = weights.map((weight, at) => weight * (rarity[at] as number));
        return linearModel(columns, own, offsets[0] ?? 0);
      };
    },
  };
}

/** On the vectors of the texts. */
export function embeddingHead(vectors: readonly Float32Array[], values: Float64Array): GradeHead {
  const size = vectors[0]?.length ?? 0;
  const columns = Int32Array.from({ length: size }, (_, at) => at);
  return {
    valueOf: (model, row) => denseValue(model, vectors[row] ?? new Float32Array(size)),
    fit: (chosen) => {
      const rows = new Float64Array(chosen.length * size);
      chosen.forEach((row, at) => {
        rows.set(vectors[row] ?? [], at * size);
      });
      const sums = sumRows(rows, size, {
        count: 1,
        values: Float64Array.from(chosen, (row) => values[row] as number),
        weights: new Float64Array(chosen.length).fill(1),
      });
      return (penalty) => {
        const { weights, offsets } = solveRidge(sums, penalty);
        return linearModel(columns, weights, offsets[0] ?? 0);
      };
    },
  };
}

const NONE = new Int32Array();
const EMPTY = new Float32Array();

function matrixOf(rows: readonly SparseVector[]): {
  readonly columns: Int32Array;
  readonly rarity: Float64Array;
  readonly matrix: SparseMatrix;
} {
  const counts = new Map<number, number>();
  for (const row of rows)
    for (const index of row.indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  const least = rows.length < SINGLE_ROWS ? 1 : 2;
  const kept = [...counts]
    .filter(([, count]) => count >= least)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, COLUMNS_MOST);
  const columns = Int32Array.from(kept, ([index]) => index).sort();
  const places = new Map<number, number>();
  columns.forEach((index, at) => {
    places.set(index, at);
  });
  const rarity = Float64Array.from(columns, (index) =>
    Math.log(1 + rows.length / (counts.get(index) ?? 1)),
  );
  const starts = new Int32Array(rows.length + 1);
  const found: number[] = [];
  const values: number[] = [];
  rows.forEach((row, at) => {
    row.indices.forEach((index, slot) => {
      const place = places.get(index);
      if (place === undefined) return;
      found.push(place);
      values.push((row.values[slot] as number) * (rarity[place] as number));
    });
    starts[at + 1] = found.length;
  });
  return {
    columns,
    rarity,
    matrix: {
      rowCount: rows.length,
      columnCount: columns.length,
      starts,
      columns: Int32Array.from(found),
      values: Float32Array.from(values),
    },
  };
}
