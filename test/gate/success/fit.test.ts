import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { readText } from '../../../src/base/text-reading.ts';
import { fitSuccess } from '../../../src/gate/success/fit.ts';
import {
  bestModel,
  estimateSuccess,
  type SuccessModel,
} from '../../../src/gate/success/success-model.ts';
import { gradedRows, gradedTexts } from './graded.ts';

const fresh = gradedTexts(300, 99);

function accuracyOf(model: SuccessModel): number {
  let total = 0;
  for (const one of fresh) {
    const estimate = estimateSuccess(model, readText(one.text));
    total += one.scores[bestModel(model, estimate)] ?? 0;
  }
  return total / fresh.length;
}

function singleBest(): number {
  return Math.max(
    ...[0, 1, 2].map(
      (model) => fresh.reduce((sum, one) => sum + (one.scores[model] ?? 0), 0) / 300,
    ),
  );
}

describe('fitSuccess', () => {
  it('chooses better than the best single model, with tasks and without', () => {
    for (const withTasks of [true, false]) {
      const model = fitSuccess(gradedRows(gradedTexts(600, 1), withTasks), { seed: 1 });
      expect(accuracyOf(model)).toBeGreaterThan(singleBest() + 0.1);
    }
  });

  it('learns from rows of which most grades are missing', () => {
    const rows = gradedRows(gradedTexts(1500, 2));
    const random = seededRandom(1);
    const scores = rows.scores.map((score) => (random() < 0.45 ? score : Number.NaN));
    const model = fitSuccess({ ...rows, scores }, { seed: 1 });
    expect(accuracyOf(model)).toBeGreaterThan(singleBest() + 0.1);
  });

  it('never leaves the best single model where the grades are chance', () => {
    const texts = gradedTexts(300, 3).map((one, at) => ({
      ...one,
      scores: [(at * 31) % 7 < 3 ? 1 : 0, (at * 17) % 5 < 2 ? 1 : 0, (at * 13) % 11 < 8 ? 1 : 0],
    }));
    const model = fitSuccess(gradedRows(texts), { seed: 1 });
    const chosen = fresh.map((one) => bestModel(model, estimateSuccess(model, readText(one.text))));
    expect(new Set(chosen)).toEqual(new Set([2]));
  });

  it('gives the same model for the same rows and seed', () => {
    const rows = gradedRows(gradedTexts(90, 4));
    expect(fitSuccess(rows, { seed: 5 })).toEqual(fitSuccess(rows, { seed: 5 }));
  });

  it('knows a text of a new kind from those that it was fitted on', () => {
    const model = fitSuccess(gradedRows(gradedTexts(600, 1)), { seed: 1 });
    const near = estimateSuccess(model, readText('write a gentle poem about the sea'));
    const far = estimateSuccess(
      model,
      readText('SELECT * FROM orders WHERE id = 7;\n{"x": [1,2]}\n// end'),
    );
    expect(Math.max(far.novelty, far.strangeness)).toBeGreaterThan(
      Math.max(near.novelty, near.strangeness),
    );
    expect(bestModel(model, far)).toBe(model.best);
  });

  it('bears grades that are all equal, and refuses rows that are too few', () => {
    const texts = gradedTexts(60, 6).map((one) => ({ ...one, scores: [1, 1, 1] }));
    const model = fitSuccess(gradedRows(texts), { seed: 1 });
    const { probabilities } = estimateSuccess(model, readText('anything'));
    for (const probability of probabilities) expect(probability).toBeGreaterThan(0.95);
    expect(() => fitSuccess(gradedRows(gradedTexts(19, 6)), { seed: 1 })).toThrow(/19 graded rows/);
  });
});
