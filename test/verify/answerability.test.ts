import { describe, expect, it } from 'vitest';
import { answerProbability, checkAnswerability } from '../../src/verify/answerability.ts';

describe('P(the documents answer the question)', () => {
  it('rises with each sign, whatever else is known', () => {
    for (const nearest of [undefined, 0.7])
      for (const reading of [undefined, 0.6]) {
        const rest = {
          ...(nearest === undefined ? {} : { nearest }),
          ...(reading === undefined ? {} : { reading }),
        };
        expect(answerProbability({ ...rest, share: 1 })).toBeGreaterThan(
          answerProbability({ ...rest, share: 0.2 }),
        );
      }
    expect(answerProbability({ share: 0.5, reading: 0.9 })).toBeGreaterThan(
      answerProbability({ share: 0.5, reading: 0.2 }),
    );
    expect(answerProbability({ share: 0.5, nearest: 0.9 })).toBeGreaterThan(
      answerProbability({ share: 0.5, nearest: 0.5 }),
    );
  });

  it('falls where the spoke itself declines', () => {
    const signs = { share: 0.8, reading: 0.7 };
    expect(answerProbability(signs, undefined, true)).toBeLessThan(answerProbability(signs));
  });

  it('stays a probability at the ends', () => {
    for (const reading of [0, 1])
      for (const nearest of [-1, 1]) {
        const value = answerProbability({ reading, nearest, share: 1 });
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
  });

  it('holds back below the threshold and says what was seen', () => {
    const check = checkAnswerability({ reading: 0.1, nearest: 0.55, share: 0.25 }, 0.5);
    expect(check).toMatchObject({ check: 'answerable', passed: false });
    expect(check.detail).toMatch(
      /the reader says 0\.10.*25 % of the question's terms.*cosine 0\.55/,
    );
    expect(checkAnswerability({ reading: 0.1, share: 0.25 }, 0).passed).toBe(true);
  });
});
