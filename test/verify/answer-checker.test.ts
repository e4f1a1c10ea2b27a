import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { answerCheckerSchema, SIGNS, type Signs } from '../../src/core/answer-checker.ts';
import {
  checkedProbability,
  checkedReasons,
  SHIPPED_CHECKER,
  UNFITTED,
} from '../../src/verify/answer-checker.ts';
import { signsOf } from '../../src/verify/answer-signs.ts';
import {
  dPrime,
  fitChecker,
  type GradedSigns,
  gradedArea,
  scoreHeldOut,
} from '../../src/verify/fit-checker.ts';

const NOTHING: Signs = signsOf({ text: '', question: '', checks: [], prior: 0.5, task: '' });

/** Answers whose log-odds are prior + 2 × demandsMet − 3 × demandsBroken. */
function drawn(count: number, seed: number): GradedSigns[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const prior = 2 * random() - 1;
    const broken = Number(random() < 0.5);
    const odds = prior + 2 * (1 - broken) - 3 * broken;
    const score = Number(random() < 1 / (1 + Math.exp(-odds)));
    const signs = { ...NOTHING, prior, demandsBroken: broken, demandsMet: 1 - broken };
    return { signs, task: 'rewrite', score, group: `g${at}` };
  });
}

describe('an answer checker', () => {
  it('learns how much each sign says, and is calibrated on answers that it has not seen', () => {
    const rows = drawn(4000, 1);
    const checker = fitChecker(rows, { source: 'drawn' });
    const apart = drawn(4000, 2);
    for (const [low, high] of [
      [0, 0.2],
      [0.2, 0.5],
      [0.5, 0.8],
      [0.8, 1],
    ] as const) {
      const bin = apart.filter((row) => {
        const p = checkedProbability(checker, row.signs);
        return p >= low && p < high;
      });
      if (bin.length < 100) continue;
      const told = bin.reduce((sum, row) => sum + checkedProbability(checker, row.signs), 0);
      const right = bin.reduce((sum, row) => sum + row.score, 0);
      expect(Math.abs(told - right) / bin.length).toBeLessThan(0.05);
    }
    // The moves of the log-odds are ±2.5 around their middle, so d′ is far from 0.
    expect(checker.power.tasks['rewrite']).toBeGreaterThan(1);
    expect(answerCheckerSchema.parse(JSON.parse(JSON.stringify(checker)))).toEqual(checker);
  });

  it('finds no power where the signs say nothing', () => {
    const random = seededRandom(3);
    const rows = drawn(2000, 4).map((row) => ({ ...row, score: Number(random() < 0.5) }));
    expect(fitChecker(rows, { source: 'noise' }).power.tasks['rewrite']).toBeLessThan(0.2);
  });

  it('never scores an answer by a model that saw another answer to the same request', () => {
    const rows = drawn(200, 5).flatMap((row) => [row, row]);
    const once = scoreHeldOut(rows, {});
    const flipped = rows.map((row) =>
      row.group === 'g0' ? { ...row, score: 1 - row.score } : row,
    );
    expect(scoreHeldOut(flipped, {})[0]).toBe(once[0]);
  });

  it('refuses too few answers and grades that are all alike', () => {
    expect(() => fitChecker(drawn(10, 1), { source: '' })).toThrow(/needs 40 graded answers/);
    const alike = drawn(100, 1).map((row) => ({ ...row, score: 1 }));
    expect(() => fitChecker(alike, { source: '' })).toThrow(/same grade/);
  });

  it('believes the prior where nothing is known, and says what moved it', () => {
    const signs = signsOf({ text: 'x', question: '', checks: [], prior: 0.7, task: '' });
    expect(checkedProbability(UNFITTED, signs)).toBeCloseTo(0.7, 6);
    const checker = { ...UNFITTED, weights: { prior: 1, demandsBroken: -3, hedging: -0.01 } };
    expect(checkedReasons(checker, { ...signs, demandsBroken: 1, hedging: 1 })).toEqual([
      'it is not as ordered',
    ]);
  });

  it('that ships is fitted, and every failed check speaks against an answer', () => {
    expect(SHIPPED_CHECKER.rows).toBeGreaterThan(1000);
    const { weights } = SHIPPED_CHECKER;
    for (const sign of [
      'refusal',
      'truncation',
      'sumsWrong',
      'demandsBroken',
      'factsLost',
      'valuesMissing',
    ] as const)
      expect(weights[sign]).toBeLessThan(0);
    expect(weights.prior).toBeGreaterThan(0);
    expect(Object.keys(weights).every((sign) => (SIGNS as readonly string[]).includes(sign))).toBe(
      true,
    );
  });
});

describe('signsOf', () => {
  it('stays within bounds whatever it is given', () => {
    const signs = signsOf({
      text: 'maybe '.repeat(1e5),
      question: '',
      checks: [],
      prior: Number.NaN,
      task: 'extract',
      meanLogprob: Number.NEGATIVE_INFINITY,
      leastLogprob: -99,
    });
    for (const sign of SIGNS) expect(Math.abs(signs[sign])).toBeLessThan(20);
    expect(signs.leastCopying).toBe(-6);
    expect(signs.logprobKnown).toBe(0);
  });
});

describe('gradedArea', () => {
  it('is the area under the curve, a partly right answer counting as both', () => {
    expect(gradedArea([1, 0, 1, 0], [0.9, 0.1, 0.8, 0.85])).toBe(0.75);
    expect(gradedArea([1, 0], [0.5, 0.5])).toBe(0.5);
    expect(gradedArea([0.5, 0.5], [0.2, 0.9])).toBe(0.5);
    expect(gradedArea([1, 1], [0.2, 0.9])).toBeNaN();
    expect(dPrime(0.5)).toBeCloseTo(0, 2);
    expect(dPrime(0.7602)).toBeCloseTo(1, 2);
  });
});
