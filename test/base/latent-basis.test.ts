import { describe, expect, it } from 'vitest';
import { fitLatentBasis, type LatentBasis } from '../../src/base/latent-basis.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { SparseMatrix } from '../../src/base/sparse-matrix.ts';
import { eigenvectors } from '../../src/base/symmetric.ts';

function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    row.forEach((value, column) => {
      if (value === 0) return;
      columns.push(column);
      values.push(value);
    });
    starts.push(columns.length);
  }
  return {
    rowCount: rows.length,
    columnCount: rows[0]?.length ?? 0,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
}

function basisOf(rows: readonly (readonly number[])[], size: number): LatentBasis {
  const steps = fitLatentBasis(sparse(rows), { size, seed: 3, rounds: 4 });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Rows that are mixtures of `rank` patterns with falling strength. */
function lowRank(rowCount: number, columnCount: number, rank: number): number[][] {
  const random = seededRandom(11);
  const patterns = Array.from({ length: rank }, () =>
    Array.from({ length: columnCount }, () => random() - 0.5),
  );
  return Array.from({ length: rowCount }, () => {
    const shares = patterns.map((_one, at) => (random() - 0.5) / (at + 1));
    return Array.from({ length: columnCount }, (_one, column) =>
      patterns.reduce((sum, row, at) => sum + (shares[at] ?? 0) * (row[column] ?? 0), 0),
    );
  });
}

const dot = (left: readonly number[], right: readonly number[]) =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
const column = ({ vectors, size, columnCount }: LatentBasis, at: number) =>
  Array.from({ length: columnCount }, (_one, row) => vectors[row * size + at] ?? 0);

describe('fitLatentBasis', () => {
  it('gives orthonormal vectors that hold a matrix of low rank entirely', () => {
    const rows = lowRank(80, 50, 5);
    const basis = basisOf(rows, 12);
    expect(basis.size).toBe(5);
    for (let left = 0; left < basis.size; left += 1)
      for (let right = 0; right < basis.size; right += 1)
        expect(dot(column(basis, left), column(basis, right))).toBeCloseTo(
          left === right ? 1 : 0,
          4,
        );
    for (const row of rows) {
      const held = Array.from({ length: 5 }, (_one, at) => dot(row, column(basis, at)) ** 2);
      const total = held.reduce((sum, value) => sum + value, 0);
      expect(total / dot(row, row)).toBeCloseTo(1, 3);
    }
  });

  it('finds the strongest directions and their strengths', () => {
    const rows = lowRank(60, 30, 20);
    const basis = basisOf(rows, 4);
    const inner = new Float64Array(30 * 30);
    for (const row of rows)
      row.forEach((left, at) => {
        row.forEach((right, to) => {
          inner[at * 30 + to] = (inner[at * 30 + to] ?? 0) + left * right;
        });
      });
    const exact = eigenvectors(inner, 30);
    for (let at = 0; at < 4; at += 1) {
      expect(basis.strengths[at]).toBeCloseTo(Math.sqrt(exact.values[at] ?? 0), 2);
      const reference = Array.from(
        { length: 30 },
        (_one, row) => exact.vectors[row * 30 + at] ?? 0,
      );
      expect(Math.abs(dot(reference, column(basis, at)))).toBeGreaterThan(0.99);
    }
  });

  it('takes a matrix without entries', () => {
    expect(basisOf([[0, 0, 0]], 4).size).toBe(0);
  });
});

describe('eigenvectors', () => {
  it('solves a matrix that is known', () => {
    const { values, vectors } = eigenvectors(Float64Array.from([2, 1, 0, 1, 2, 0, 0, 0, 5]), 3);
    expect([...values].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([5, 3, 1]);
    expect(Math.abs(vectors[0 * 3 + 1] ?? 0)).toBeCloseTo(Math.SQRT1_2);
    expect(Math.abs(vectors[2 * 3 + 0] ?? 0)).toBeCloseTo(1);
  });
});
