import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, shuffledIndices } from '../../src/base/random.ts';
import {
  areaUnderCurve,
  binomialTail,
  binomialUpperBound,
  bootstrapMean,
  exactMcNemar,
  mean,
  quantile,
  wilsonInterval,
} from '../../src/base/statistics.ts';

describe('random numbers', () => {
  it('repeat with the seed, differ with another, and are uniform', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const random = seededRandom(3);
    const values = Array.from({ length: 20_000 }, random);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 1);
    expect(quantile(values, 0.25)).toBeCloseTo(0.25, 1);
  });

  it('shuffle to a permutation', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer(), (count, seed) => {
        const order = shuffledIndices(count, seed);
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
    );
    expect([...shuffledIndices(50, 1)]).not.toEqual([...Array(50).keys()]);
  });
});

describe('intervals and bounds', () => {
  it('has the quantiles of a sorted list, whatever the order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([4, 1, 3, 2], 1)).toBe(4);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('has the Wilson interval of 8 out of 10', () => {
    const interval = wilsonInterval(8, 10);
    expect(interval.low).toBeCloseTo(0.4902, 3);
    expect(interval.high).toBeCloseTo(0.9433, 3);
    expect(wilsonInterval(0, 0)).toMatchObject({ low: 0, high: 1 });
  });

  it('has the exact bounds of Clopper and Pearson', () => {
    // No failure in n trials: the upper bound is 1 − risk^(1/n).
    expect(binomialUpperBound(0, 30, 0.1)).toBeCloseTo(1 - 0.1 ** (1 / 30), 6);
    expect(binomialUpperBound(8, 10, 0.025)).toBeCloseTo(0.9748, 3);
    expect(binomialUpperBound(5, 5, 0.1)).toBe(1);
    expect(binomialUpperBound(0, 0, 0.1)).toBe(1);
  });

  it('has a tail that is the sum of its terms', () => {
    expect(binomialTail(1, 3, 0.5)).toBeCloseTo(0.5, 10);
    expect(binomialTail(2, 4, 0.25)).toBeCloseTo(0.94921875, 10);
    expect(binomialTail(4, 4, 0.9)).toBe(1);
    expect(binomialTail(-1, 4, 0.9)).toBe(0);
    expect(binomialTail(500, 100_000, 0.005)).toBeGreaterThan(0.45);
  });

  it('bounds hold as often as they promise', () => {
    const random = seededRandom(5);
    let violated = 0;
    for (let round = 0; round < 1000; round += 1) {
      let failures = 0;
      for (let trial = 0; trial < 40; trial += 1) if (random() < 0.2) failures += 1;
      if (binomialUpperBound(failures, 40, 0.1) < 0.2) violated += 1;
    }
    expect(violated / 1000).toBeLessThan(0.12);
  });

  it('has a bootstrap interval that repeats and holds the mean', () => {
    const values = Array.from({ length: 200 }, seededRandom(1));
    const interval = bootstrapMean(values, { seed: 2, rounds: 500 });
    expect(interval).toEqual(bootstrapMean(values, { seed: 2, rounds: 500 }));
    expect(interval.low).toBeLessThan(interval.value);
    expect(interval.high).toBeGreaterThan(interval.value);
    expect(interval.high - interval.low).toBeCloseTo((2 * 1.96 * 0.2887) / Math.sqrt(200), 1);
  });
});

describe('comparisons', () => {
  it('has an area of 1, 0.5 and a half for ties', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
    expect(areaUnderCurve([1, 1], [1, 1, 1])).toBe(0.5);
    expect(areaUnderCurve([1, 3], [2, 3])).toBe(0.375);
    expect(areaUnderCurve([], [1])).toBeNaN();
  });

  it('has the exact test of McNemar', () => {
    expect(exactMcNemar(0, 0)).toBe(1);
    expect(exactMcNemar(5, 5)).toBe(1);
    expect(exactMcNemar(0, 5)).toBeCloseTo(0.0625, 10);
    expect(exactMcNemar(9, 1)).toBeCloseTo(exactMcNemar(1, 9), 10);
  });
});
