import { describe, expect, it } from 'vitest';
import {
  detectableDifference,
  holmAdjusted,
  normalTail,
  pairedAdvantage,
  pairedDifference,
  pairedNonInferiority,
  pairedScore,
} from '../../src/base/paired-test.ts';
import { seededRandom } from '../../src/base/random.ts';
import { bootstrapMean } from '../../src/base/statistics.ts';

describe('pairedAdvantage', () => {
  it('is the binomial tail of the rows on which only one is right', () => {
    expect(pairedAdvantage({ onlyFirst: 5, onlySecond: 0 })).toBeCloseTo(1 / 32, 12);
    expect(pairedAdvantage({ onlyFirst: 4, onlySecond: 1 })).toBeCloseTo(6 / 32, 12);
    expect(pairedAdvantage({ onlyFirst: 0, onlySecond: 0 })).toBe(1);
  });
});

describe('pairedScore', () => {
  it('is that of McNemar without a difference', () => {
    const counts = { rows: 200, onlyFirst: 30, onlySecond: 14 };
    expect(pairedScore(counts, 0)).toBeCloseTo((30 - 14) / Math.sqrt(44), 9);
  });

  it('has its maximum likelihood share where the likelihood is largest', () => {
    const { rows, onlyFirst, onlySecond } = { rows: 100, onlyFirst: 12, onlySecond: 5 };
    const difference = -0.1;
    // From the score back to the share that its variance stands on.
    const score = pairedScore({ rows, onlyFirst, onlySecond }, difference);
    const variance = ((onlyFirst - onlySecond - rows * difference) / score) ** 2;
    const share = (variance / rows - difference * (1 - difference)) / 2;
    const likelihood = (q: number) =>
      onlyFirst * Math.log(q + difference) +
      onlySecond * Math.log(q) +
      (rows - onlyFirst - onlySecond) * Math.log(1 - 2 * q - difference);
    for (const step of [-1e-3, 1e-3])
      expect(likelihood(share)).toBeGreaterThan(likelihood(share + step));
  });

  it('says nothing of no rows', () => {
    expect(pairedScore({ rows: 0, onlyFirst: 0, onlySecond: 0 }, -0.01)).toBe(0);
    expect(pairedNonInferiority({ rows: 0, onlyFirst: 0, onlySecond: 0 }, 0.01)).toBe(1);
  });
});

describe('pairedNonInferiority', () => {
  it('calls at most about 5 % of models not worse that are worse by the margin', () => {
    const random = seededRandom(5);
    const rounds = 2000;
    let passed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const counts = { rows: 1000, onlyFirst: 0, onlySecond: 0 };
      for (let row = 0; row < counts.rows; row += 1) {
        const draw = random();
        if (draw < 0.02) counts.onlyFirst += 1;
        else if (draw < 0.05) counts.onlySecond += 1;
      }
      if (pairedNonInferiority(counts, 0.01) <= 0.05) passed += 1;
    }
    expect(passed / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
    expect(passed / rounds).toBeGreaterThan(0.02);
  });
});

describe('pairedDifference', () => {
  it('is the bootstrap of the rows themselves', () => {
    const counts = { rows: 500, onlyFirst: 40, onlySecond: 25 };
    const values = [...Array(40).fill(1), ...Array(25).fill(-1), ...Array(435).fill(0)];
    const plain = bootstrapMean(values, { seed: 3, rounds: 4000 });
    const found = pairedDifference(counts, { seed: 7, rounds: 4000 });
    expect(found.value).toBeCloseTo(plain.value, 12);
    expect(found.low).toBeCloseTo(plain.low, 2);
    expect(found.high).toBeCloseTo(plain.high, 2);
    expect(pairedDifference(counts, { seed: 7, rounds: 4000 })).toEqual(found);
  });

  it('is all there is to know of rows that say nothing, or all the same', () => {
    expect(pairedDifference({ rows: 0, onlyFirst: 0, onlySecond: 0 }, { seed: 1 })).toEqual({
      value: 0,
      low: -1,
      high: 1,
    });
    expect(pairedDifference({ rows: 9, onlyFirst: 9, onlySecond: 0 }, { seed: 1 })).toEqual({
      value: 1,
      low: 1,
      high: 1,
    });
  });
});

describe('detectableDifference', () => {
  it.each([0.06, 0.12])('at a discordance of %s is seen with about 80 % probability', (share) => {
    const rows = 1500;
    const gap = detectableDifference(rows, share);
    const random = seededRandom(9);
    const rounds = 1500;
    let seen = 0;
    for (let round = 0; round < rounds; round += 1) {
      let [onlyFirst, onlySecond] = [0, 0];
      for (let row = 0; row < rows; row += 1) {
        const draw = random();
        if (draw < (share + gap) / 2) onlyFirst += 1;
        else if (draw < share) onlySecond += 1;
      }
      if (pairedAdvantage({ onlyFirst, onlySecond }) <= 0.05) seen += 1;
    }
    // The exact test wants a little more than the normal formula.
    expect(seen / rounds).toBeGreaterThan(0.74);
    expect(seen / rounds).toBeLessThan(0.84);
  });

  it('is whole where nothing can be seen', () => {
    expect(detectableDifference(0, 0)).toBe(1);
    expect(detectableDifference(4, 1)).toBe(1);
    expect(detectableDifference(1000, 0)).toBeCloseTo(0.007, 9);
  });
});

describe('holmAdjusted', () => {
  it('gives each as much as the tests together allow, in their order', () => {
    expect(holmAdjusted([0.04, 0.01, 0.03])).toEqual([
      expect.closeTo(0.06, 12),
      expect.closeTo(0.03, 12),
      expect.closeTo(0.06, 12),
    ]);
    expect(holmAdjusted([])).toEqual([]);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('normalTail', () => {
  it.each([
    [0, 0.5],
    [1.644854, 0.05],
    [-1.959964, 0.975],
    [3.090232, 0.001],
  ])('of %s is %s', (z, tail) => {
    expect(normalTail(z)).toBeCloseTo(tail, 6);
  });
});
