import { describe, expect, it } from 'vitest';
import { signFlipTest } from '../../src/base/paired-test.ts';
import { seededRandom } from '../../src/base/random.ts';
import { rankCorrelation, ranksOf } from '../../src/base/rank-correlation.ts';

describe('rankCorrelation', () => {
  it('shares the ranks of what is alike', () => {
    expect([...ranksOf([10, 20, 10, 5])]).toEqual([2.5, 4, 2.5, 1]);
  });

  it('is 1 for the same order, −1 for the opposite one, 0 where all are alike', () => {
    const values = Array.from({ length: 30 }, (_, at) => at);
    const of = (right: readonly number[]) => rankCorrelation(values, right, { seed: 1 }).value;
    expect(of(values.map((one) => one ** 3))).toBeCloseTo(1, 12);
    expect(of(values.map((one) => -one))).toBeCloseTo(-1, 12);
    expect(of(values.map(() => 3))).toBe(0);
  });

  it('is the published value of a known set, within its interval', () => {
    // IQ and hours of television of ten people: ρ = −29/165 (Wikipedia, “Spearman’s rank correlation coefficient”).
    const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
    const { value, low, high } = rankCorrelation(iq, hours, { seed: 1 });
    expect(value).toBeCloseTo(-29 / 165, 12);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });
});

describe('signFlipTest', () => {
  it('is the share of signs that give as much', () => {
    // Of 2⁵ signs one gives as much.
    expect(signFlipTest([1, 2, 3, 4, 5], { seed: 1 })).toBeCloseTo(1 / 32, 2);
    expect(signFlipTest([-1, -2, -3], { seed: 1 })).toBe(1);
    expect(signFlipTest([], { seed: 1 })).toBe(1);
    expect(signFlipTest([0, 0], { seed: 1 })).toBe(1);
  });

  it('calls at most one in twenty of equal pairs better, also of few', () => {
    const random = seededRandom(3);
    const runs = 400;
    let passed = 0;
    for (let run = 0; run < runs; run += 1) {
      const gains = Array.from({ length: 20 }, () => random() ** 3 - random() ** 3);
      if (signFlipTest(gains, { seed: run, rounds: 300 }) <= 0.05) passed += 1;
    }
    // 20 expected; 33 are three standard deviations more.
    expect(passed).toBeLessThanOrEqual(33);
  });
});
