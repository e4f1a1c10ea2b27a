import { describe, expect, it } from 'vitest';
import { reportGate } from '../../../src/gate/success/gate-report.ts';
import type { ScoredRow, ScoringResult } from '../../../src/gate/success/held-out-scores.ts';
import { sizeOf } from '../../../src/gate/success/report-costs.ts';
import { gradedTexts } from './graded.ts';

const MODELS = ['counter', 'poet', 'fair'];
const RATES: Readonly<Record<string, readonly number[]>> = {
  sums: [0.9, 0.3, 0.6],
  poems: [0.2, 0.9, 0.6],
  facts: [0.5, 0.5, 0.6],
};

/** Rows as a gate that knows the true rates judges them; `isKept` says which grades are known. */
function judged(count: number, isKept: (row: number, model: number) => boolean): ScoringResult {
  const scored = gradedTexts(count, 7).map(({ text, task, scores }, at): ScoredRow => {
    const values = Float64Array.from(RATES[task] ?? []);
    const choice = values.indexOf(Math.max(...values));
    return {
      row: {
        line: at + 1,
        prompt: text,
        task,
        scores: scores.map((score, model) => (isKept(at, model) ? score : Number.NaN)),
      },
      values,
      choice,
      namedValues: values,
      namedChoice: choice,
      best: 2,
      taskMeans: values,
      fold: 0,
    };
  });
  return { scored, duplicates: 0, folds: 1 };
}

describe('reportGate', () => {
  it('tells of rows with missing grades what it tells of whole ones, but for noise', () => {
    const options = { models: MODELS, seed: 1, costs: () => [1, 2, 3] };
    const whole = reportGate(
      judged(3000, () => true),
      options,
    );
    const holed = reportGate(
      judged(3000, (row, model) => model !== Math.floor(row / 3) % 3),
      options,
    );
    expect(whole.isEveryGradeKnown).toBe(true);
    expect(holed.isEveryGradeKnown).toBe(false);
    for (const name of ['gate', 'bestSingle', 'random', 'taskMean'] as const)
      expect(Math.abs(holed.accuracy[name] - whole.accuracy[name])).toBeLessThan(0.03);
    expect(holed.gain.low).toBeGreaterThan(0);
    expect(Math.abs(holed.gain.value - whole.gain.value)).toBeLessThan(0.06);
    for (const point of holed.costs?.curve ?? []) expect(point.quality).not.toBeNaN();
    expect(holed.costs?.area.gate).toBeGreaterThan(holed.costs?.area.hull ?? 1);
  });

  it('leaves a model out of the comparison that nobody graded', () => {
    const options = { models: MODELS, seed: 1, costs: () => [1, 2, 3] };
    const report = reportGate(
      judged(300, (_, model) => model !== 0),
      options,
    );
    expect(report.models[0]?.accuracy).toBeNaN();
    expect(report.accuracy.bestSingle).toBe(
      Math.max(report.models[1]?.accuracy ?? 0, report.models[2]?.accuracy ?? 0),
    );
    expect(report.accuracy.random).not.toBeNaN();
    expect(report.gain.value).not.toBeNaN();
  });

  it('measures two models on the rows where both are graded', () => {
    const result = judged(300, (row, model) => model === 0 || row % 2 === 0);
    const two = result.scored.map((one) => ({
      ...one,
      row: { ...one.row, scores: one.row.scores.slice(0, 2) },
      values: one.values.slice(0, 2),
      choice: (one.values[0] ?? 0) >= (one.values[1] ?? 0) ? 0 : 1,
    }));
    const { pair, costs } = reportGate(
      { ...result, scored: two },
      { models: ['weak', 'strong'], seed: 1, reference: 1 },
    );
    expect(pair?.gate.apgr.value).not.toBeNaN();
    expect(costs?.unit).toBe('calls of the reference');
  });

  it('draws no curve where nobody knows what the models cost, and says what is missing', () => {
    const result = judged(150, () => true);
    const unknown = reportGate(result, { models: MODELS, seed: 1 });
    expect(unknown.costs).toBeUndefined();
    expect(unknown.costsUnknown).toMatch(/rows carry no "costs"/);
    const sized = reportGate(result, { models: ['a-7b', 'b-70b', 'c-8x7b'], seed: 1 });
    expect(sized.costs?.unit).toMatch(/parameters/);
    expect(sized.models.map((one) => Math.round(one.cost ?? 0))).toEqual([7, 70, 56]);
    const some = reportGate(result, {
      models: MODELS,
      seed: 1,
      costs: ({ line }) => (line % 2 === 0 ? [1, 2, 3] : undefined),
    });
    expect(some.costs?.unit).toBe('US dollars');
    expect(some.models.map((one) => one.cost)).toEqual([1, 2, 3]);
  });
});

describe('sizeOf', () => {
  it.each([
    ['llama-3.1-8b-instruct', 8],
    ['mixtral-8x7b', 56],
    ['SmolLM2-135M', 0.135],
    ['qwen2.5-0.5B', 0.5],
    ['gpt-4-1106', undefined],
    ['claude-3b2', undefined],
  ])('reads %s', (name, size) => {
    expect(sizeOf(name)).toBe(size);
  });
});
