import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  bettingPValue,
  rowsNeeded,
  singleStart,
  walkSequence,
} from '../../src/base/risk-control.ts';
import { binomialTail } from '../../src/base/statistics.ts';

describe('a walk over hypotheses', () => {
  it('stops at the first step that fails when all risk is at the start', () => {
    const values = [0.001, 0.05, 0.2, 0.001];
    const levels = walkSequence(singleStart(4, 0.1), (step) => values[step] ?? 1);
    expect([...levels]).toEqual([0.1, 0.1, 0, 0]);
  });

  it('hands the risk on and starts again where a step has some of its own', () => {
    const values = [0.5, 0.02, 0.045, 0.9];
    const levels = walkSequence([0.025, 0.025, 0.025, 0.025], (step) => values[step] ?? 1);
    expect([...levels]).toEqual([0, 0.025, 0.05, 0]);
  });

  it('asks for no value where there is no risk left', () => {
    const asked: number[] = [];
    walkSequence(singleStart(5, 0.1), (step) => {
      asked.push(step);
      return step === 1 ? 1 : 0;
    });
    expect(asked).toEqual([0, 1]);
    expect([...walkSequence(singleStart(0, 0.1), () => 0)]).toEqual([]);
  });

  it('rejects a true hypothesis no more often than the risk, whatever the shares', () => {
    const random = seededRandom(11);
    // Risks of ten nested choices; from the sixth on they are beyond the bound of 0.1.
    const risks = Array.from({ length: 10 }, (_, at) => 0.02 * (at + 1));
    const wrong = { single: 0, equal: 0 };
    const rounds = 2000;
    for (let round = 0; round < rounds; round += 1) {
      const draws = Array.from({ length: 150 }, random);
      const pValueOf = (step: number) =>
        binomialTail(draws.filter((one) => one < (risks[step] ?? 0)).length, 150, 0.1);
      const rejects = (shares: ArrayLike<number>) =>
        walkSequence(shares, pValueOf).some((level, step) => level > 0 && (risks[step] ?? 0) > 0.1);
      if (rejects(singleStart(10, 0.1))) wrong.single += 1;
      if (rejects(new Float64Array(10).fill(0.01))) wrong.equal += 1;
    }
    const allowed = 0.1 + 2 * Math.sqrt(0.09 / rounds);
    expect(wrong.single / rounds).toBeLessThanOrEqual(allowed);
    expect(wrong.equal / rounds).toBeLessThanOrEqual(allowed);
  });
});

describe('rows needed', () => {
  it('are the fewest that show the bound without a single loss', () => {
    for (const bound of [0.02, 0.05, 0.1, 0.3])
      for (const risk of [0.1, 0.05, 0.01]) {
        const needed = rowsNeeded(bound, risk);
        expect(binomialTail(0, needed, bound)).toBeLessThanOrEqual(risk);
        expect(binomialTail(0, needed - 1, bound)).toBeGreaterThan(risk);
      }
    expect(rowsNeeded(0.02, 0.1)).toBe(114);
  });
});

describe('the betting test of a mean', () => {
  const rejected = (draw: (random: () => number) => number, bound: number, count: number) => {
    const random = seededRandom(7);
    let found = 0;
    for (let round = 0; round < 500; round += 1) {
      const values = Array.from({ length: count }, () => draw(random));
      if (bettingPValue(values, bound) <= 0.1) found += 1;
    }
    return found / 500;
  };

  it('rejects the truth no more often than it may', () => {
    const allowed = 0.1 + 2 * Math.sqrt(0.09 / 500);
    expect(rejected((random) => (random() < 0.3 ? 1 : 0), 0.3, 300)).toBeLessThanOrEqual(allowed);
    expect(rejected((random) => random(), 0.5, 300)).toBeLessThanOrEqual(allowed);
    expect(rejected((random) => random() ** 4, 0.2, 300)).toBeLessThanOrEqual(allowed);
  });

  it('is sharp where values vary little', () => {
    // Hoeffding's inequality needs ln 10 / (2 × 0.02²) = 2,878 values to tell 0.11 from 0.13.
    expect(rejected((random) => 0.1 + 0.02 * random(), 0.13, 300)).toBeGreaterThan(0.95);
    expect(bettingPValue([], 0.5)).toBe(1);
    expect(
      bettingPValue(
        Array.from({ length: 500 }, () => 0.6),
        0.5,
      ),
    ).toBe(1);
  });
});
