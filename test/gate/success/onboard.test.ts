import { beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../../src/base/text-reading.ts';
import { fitSuccess } from '../../../src/gate/success/fit.ts';
import { type NewcomerRow, onboardModel } from '../../../src/gate/success/onboard.ts';
import {
  bestModel,
  estimateSuccess,
  type SuccessModel,
} from '../../../src/gate/success/success-model.ts';
import { type GradedText, gradedRows, gradedTexts } from './graded.ts';

/** `counter` and `fair` are fitted; `poet` joins. */
function withoutPoet(texts: readonly GradedText[]): SuccessModel {
  const rows = gradedRows(texts);
  return fitSuccess(
    { ...rows, models: ['counter', 'fair'], scores: rows.scores.filter((_, at) => at % 3 !== 1) },
    { seed: 1 },
  );
}

function poetRows(texts: readonly GradedText[], isOthersKnown: boolean): NewcomerRow[] {
  return texts.map(({ text, scores: [first = 0, poet = 0, fair = 0] }) => ({
    reading: readText(text),
    score: poet,
    ...(isOthersKnown ? { others: [first, fair] } : {}),
  }));
}

describe('onboardModel', () => {
  let fitted: SuccessModel;
  beforeAll(() => {
    fitted = withoutPoet(gradedTexts(450, 1));
  });

  it('gives a new model the requests that it is good at, from 150 grades of its own alone', () => {
    for (const isOthersKnown of [false, true]) {
      const joined = onboardModel(fitted, 'poet', poetRows(gradedTexts(150, 2), isOthersKnown));
      expect(joined.models).toEqual(['counter', 'fair', 'poet']);
      const chosen = (text: string) =>
        joined.models[bestModel(joined, estimateSuccess(joined, readText(text)))];
      const fresh = gradedTexts(150, 99);
      const poems = fresh.filter((one) => one.task === 'poems');
      const others = fresh.filter((one) => one.task !== 'poems');
      const share = (texts: readonly GradedText[]) =>
        texts.filter((one) => chosen(one.text) === 'poet').length / texts.length;
      expect(share(poems)).toBeGreaterThan(0.9);
      expect(share(others)).toBeLessThan(0.1);
    }
  });

  it('leaves what is known of the others as it is', () => {
    const joined = onboardModel(fitted, 'poet', poetRows(gradedTexts(60, 3), true));
    const reading = readText('calculate the total of 12 numbers');
    const before = estimateSuccess(fitted, reading).values;
    expect([...estimateSuccess(joined, reading).values.slice(0, 2)]).toEqual([...before]);
    expect(fitted.models).toHaveLength(2);
  });

  it('makes a model that is better at everything the best single one', () => {
    const rows = poetRows(gradedTexts(90, 4), false).map((row) => ({ ...row, score: 1 }));
    expect(onboardModel(fitted, 'genius', rows).best).toBe(2);
  });

  it('refuses too few rows, wrong scores and a name that is taken', () => {
    const rows = poetRows(gradedTexts(30, 5), false);
    expect(() => onboardModel(fitted, 'poet', rows.slice(0, 19))).toThrow(/19 graded rows/);
    expect(() => onboardModel(fitted, 'fair', rows)).toThrow(/knows a model "fair"/);
    const nan = rows.map((row) => ({ ...row, score: Number.NaN }));
    expect(() => onboardModel(fitted, 'poet', nan)).toThrow(/not NaN/);
  });
});
