import { describe, expect, it } from 'vitest';
import { fitDense } from '../../src/base/dense-fit.ts';
import { applyDense } from '../../src/base/dense-ridge.ts';
import { fitLogistic, logisticShare } from '../../src/base/logistic.ts';
import { nonNegativeWeights } from '../../src/base/nonnegative.ts';
import { seededRandom } from '../../src/base/random.ts';
import { applySparse, fitSparseRidge } from '../../src/base/sparse-ridge.ts';

const ROWS = 60;
const SIZE = 5;
const random = seededRandom(7);
const rows = Float64Array.from({ length: ROWS * SIZE }, () => random() - 0.5);
const truth = [2, -1, 0, 0.5, 0];
const clean = Float64Array.from({ length: ROWS }, (_, row) =>
  truth.reduce((sum, weight, at) => sum + weight * (rows[row * SIZE + at] as number), 3),
);

function matrixOf() {
  return {
    rowCount: ROWS,
    columnCount: SIZE,
    starts: Int32Array.from({ length: ROWS + 1 }, (_, row) => row * SIZE),
    columns: Int32Array.from({ length: ROWS * SIZE }, (_, at) => at % SIZE),
    values: Float32Array.from(rows),
  };
}

describe('ridge regression', () => {
  it('finds the weights of clean rows', () => {
    const targets = { count: 1, values: clean, weights: new Float64Array(ROWS).fill(1) };
    const [linear] = fitDense(rows, SIZE, targets, [1e-6]);
    truth.forEach((weight, at) => {
      expect(linear?.weights[at]).toBeCloseTo(weight, 3);
    });
    expect(linear?.offsets[0]).toBeCloseTo(3, 3);
  });

  it('gives the same on sparse rows as on dense ones, target by target, with missing values', () => {
    const values = new Float64Array(ROWS * 2);
    const weights = new Float64Array(ROWS * 2).fill(1);
    for (let row = 0; row < ROWS; row += 1) {
      values[row * 2] = clean[row] as number;
      values[row * 2 + 1] = -(clean[row] as number);
      if (row % 3 === 0) {
        weights[row * 2 + 1] = 0;
        values[row * 2 + 1] = 1e9;
      }
    }
    const targets = { count: 2, values, weights };
    const sparse = applySparse(matrixOf(), fitSparseRidge(matrixOf(), targets, 1));
    const [dense] = fitDense(rows, SIZE, targets, [1]);
    if (dense === undefined) throw new Error('no fit');
    const found = new Float64Array(2);
    for (let row = 0; row < ROWS; row += 1) {
      applyDense(dense, rows.subarray(row * SIZE, (row + 1) * SIZE), found);
      expect(sparse[row * 2]).toBeCloseTo(found[0] as number, 1);
      expect(sparse[row * 2 + 1]).toBeCloseTo(found[1] as number, 1);
    }
  });

  it('shrinks everything but the offset under a large penalty', () => {
    const targets = { count: 1, values: clean, weights: new Float64Array(ROWS).fill(1) };
    const [linear] = fitDense(rows, SIZE, targets, [1e9]);
    expect(Math.max(...(linear?.weights ?? [1]).map(Math.abs))).toBeLessThan(1e-6);
    const mean = clean.reduce((sum, value) => sum + value, 0) / ROWS;
    expect(linear?.offsets[0]).toBeCloseTo(mean, 6);
  });
});

describe('nonNegativeWeights', () => {
  it('keeps what helps and gives 0 to what points the other way', () => {
    const weights = nonNegativeWeights(Float64Array.of(1, 0, 0, 1), Float64Array.of(0.7, -0.4), 0);
    expect([...weights]).toEqual([0.7, 0]);
  });
});

describe('fitLogistic', () => {
  it('gives back the shares of two groups', () => {
    const groups = Float64Array.from({ length: 100 }, (_, row) => (row < 50 ? 0 : 1));
    const shares = Array.from({ length: 100 }, (_, row) => (row % 10 < (row < 50 ? 2 : 7) ? 1 : 0));
    const model = fitLogistic(groups, 1, { shares }, 1e-6);
    expect(logisticShare(model, [0])).toBeCloseTo(0.2, 3);
    expect(logisticShare(model, [1])).toBeCloseTo(0.7, 3);
  });

  it('stays finite where one outcome never comes', () => {
    const model = fitLogistic(Float64Array.of(0, 1, 2), 1, { shares: [1, 1, 1] }, 1);
    expect(logisticShare(model, [1])).toBeGreaterThan(0.9);
  });
});
