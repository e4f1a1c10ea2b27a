import { describe, expect, it } from 'vitest';
import { measureOrder, ndcgOf } from '../../src/base/ranking-measures.ts';

describe('measures of an order', () => {
  it('counts the grade by the logarithm of its rank', () => {
    const ideal = 3 + 1 / Math.log2(3);
    expect(ndcgOf([1, 3, 0], [0, 1, 3], 10)).toBeCloseTo((1 + 3 / Math.log2(3)) / ideal, 12);
    expect(ndcgOf([3, 1, 0], [0, 1, 3], 10)).toBe(1);
    expect(ndcgOf([0, 0, 3], [3, 0, 0], 2)).toBe(0);
    expect(ndcgOf([0, 0], [0, 0], 10)).toBe(0);
  });

  it('tells where the first relevant one stands', () => {
    expect(measureOrder([2, 0, 1], [0, 2, 0])).toMatchObject({
      reciprocalRank: 1 / 3,
      isFirst: false,
    });
    expect(measureOrder([1, 0, 2], [0, 2, 0])).toMatchObject({ reciprocalRank: 1, isFirst: true });
    expect(measureOrder([0, 1], [0, 0])).toMatchObject({ reciprocalRank: 0, isFirst: false });
  });
});
