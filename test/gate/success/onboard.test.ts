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

  it('knows of a look-alike of a fitted model more than its few rows say', () => {
    const twin = gradedTexts(45, 6).map(({ text, scores: [first = 0, , fair = 0] }) => ({
      reading: readText(text),
      score: first,
      others: [first, fair],
    }));
    const joined = onboardModel(fitted, 'twin', twin);
    const [newcomer] = joined.newcomers ?? [];
    expect(newcomer?.likeness[0]).toBeGreaterThan(0.1);
    const lead = (text: string) => {
      const { values } = estimateSuccess(joined, readText(text));
      return (values[2] ?? 0) - (values[1] ?? 0);
    };
    expect(lead('add numbers and calculate the total of 45 7 12')).toBeGreaterThan(0.1);
    expect(lead('write a gentle poem about the moon and the sea')).toBeLessThan(-0.1);
  });

  it('leaves every choice as it was where the new model is good at nothing', () => {
    const rows = poetRows(gradedTexts(24, 7), true).map((row) => ({ ...row, score: 0 }));
    const joined = onboardModel(fitted, 'hopeless', rows);
    expect(joined.best).toBe(fitted.best);
    for (const { text } of gradedTexts(120, 8)) {
      const reading = readText(text);
      const before = bestModel(fitted, estimateSuccess(fitted, reading));
      expect(bestModel(joined, estimateSuccess(joined, reading))).toBe(before);
    }
  });

  it('takes the newer rows of a model that joined before, and the others as they were', () => {
    const rows = poetRows(gradedTexts(90, 4), false);
    const best = onboardModel(
      fitted,
      'genius',
      rows.map((row) => ({ ...row, score: 1 })),
    );
    const both = onboardModel(best, 'poet', rows);
    const again = onboardModel(
      both,
      'genius',
      rows.slice(0, 40).map((row) => ({ ...row, score: 0 })),
    );
    expect(again.models).toEqual(['counter', 'fair', 'poet', 'genius']);
    expect(again.newcomers?.map((one) => one.rows)).toEqual([90, 40]);
    expect(both.best).toBe(2);
    expect(again.best).toBe(fitted.best);
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
