import { describe, expect, it } from 'vitest';
import {
  type AnswerabilitySigns,
  answerProbability,
  checkAnswerability,
  MISSABLE,
} from '../../src/verify/answerability.ts';

const LOW: AnswerabilitySigns = {
  reading: 0.3,
  nearness: 0.6,
  confidence: -1.5,
  support: 0.5,
  share: 0.3,
};
const HIGH: Required<AnswerabilitySigns> = {
  reading: 0.9,
  nearness: 0.8,
  confidence: -0.05,
  support: 0.95,
  share: 1,
};

/** The signs without some of those that may be missing. */
function without(signs: AnswerabilitySigns, choice: number): AnswerabilitySigns {
  const gone = MISSABLE.filter((_, place) => (choice & (1 << place)) !== 0);
  return Object.fromEntries(
    Object.entries(signs).filter(([sign]) => !gone.some((one) => one === sign)),
  ) as unknown as AnswerabilitySigns;
}
const CHOICES = Array.from({ length: 2 ** MISSABLE.length }, (_, choice) => choice);

describe('P(the documents answer the question)', () => {
  it.each(CHOICES)('rises with each sign that is known (choice %i)', (choice) => {
    const low = without(LOW, choice);
    for (const sign of Object.keys(low) as (keyof AnswerabilitySigns)[])
      expect(answerProbability({ ...low, [sign]: HIGH[sign] }), sign).toBeGreaterThanOrEqual(
        answerProbability(low),
      );
    expect(answerProbability(without(HIGH, choice))).toBeGreaterThan(0.8);
    expect(answerProbability(low)).toBeLessThan(0.5);
  });

  it('stays a probability at the ends', () => {
    for (const reading of [0, 1])
      for (const support of [0, 1]) {
        const value = answerProbability({ ...HIGH, reading, support, confidence: -99 });
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
  });

  it('holds back below the threshold and says what was seen', () => {
    const check = checkAnswerability({ ...LOW, reading: 0.1 }, 0.5);
    expect(check).toMatchObject({ check: 'answerable', passed: false });
    expect(check.detail).toMatch(
      /reader says 0\.10, support 0\.50, 30 % of .* terms, cosine 0\.60/,
    );
    expect(checkAnswerability({ ...LOW, reading: 0.1 }, 0).passed).toBe(true);
  });
});
