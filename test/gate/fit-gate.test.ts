import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { readText } from '../../src/base/text-reading.ts';
import { chooseAt } from '../../src/gate/calibration-set.ts';
import { costCurve } from '../../src/gate/curve.ts';
import { drawCurve } from '../../src/gate/curve-picture.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { bothEndsOf } from '../../src/gate/excerpt.ts';
import { readSurface } from '../../src/gate/features.ts';
import { fitGate, type GradedRequest } from '../../src/gate/fit-gate.ts';
import { createFittedEstimator } from '../../src/gate/fitted-estimator.ts';
import { compareGates } from '../../src/gate/rivals.ts';
import { estimateGate } from '../../src/gate/success/gate-model.ts';
import { decodeGateModel, encodeGateModel } from '../../src/gate/success/model-file.ts';
import {
  bestModel,
  estimateSuccess,
  guardedProbabilities,
} from '../../src/gate/success/success-model.ts';
import { ask } from './farm.ts';

const WORDS = ['river', 'stone', 'green', 'seven', 'walk', 'paper', 'north', 'glass'];

/** The cheap model knows colours and nothing of sums; the dear one is right nine times of ten. */
function pastRequests(count: number, seed = 3): GradedRequest[] {
  const random = seededRandom(seed);
  const word = () => WORDS[Math.floor(random() * WORDS.length)];
  return Array.from({ length: count }, (_, at) => {
    const isSum = random() < 0.5;
    const prompt = isSum
      ? `What is ${Math.floor(900 * random())} + ${Math.floor(900 * random())}? ${at}`
      : `Which colour has the ${word()} ${word()} of the ${word()}? ${at}`;
    const right = random() < 0.9 ? 1 : 0;
    return { prompt, scores: [isSum ? 0 : right, right] };
  });
}

const WISH = {
  models: ['small', 'large'],
  prices: [1, 10],
  reference: 1,
  promise: { alpha: 0.05, delta: 0.1 },
  seed: 1,
  sliceOf: () => '*',
};

describe('fitGate', () => {
  const rows = pastRequests(600);
  const gate = fitGate(rows, WISH);

  it('keeps off the reference what the cheap model does as well, and certifies it', () => {
    expect(gate.saved).toBeGreaterThan(0.3);
    expect(gate.lossBound).toBeLessThanOrEqual(0.05);
    expect(gate.quality.gate).toBeGreaterThanOrEqual(0.95 * gate.quality.reference);
    expect(gate.heldOut.rows).toHaveLength(300);
    const fitted = new Set(gate.fittedPrompts);
    expect(gate.heldOutPrompts.filter((prompt) => fitted.has(prompt))).toEqual([]);
  });

  it('is the same gate after its file was written and read', () => {
    const bytes = encodeGateModel(gate.model);
    // Also from a Buffer that shares its memory with others.
    const again = decodeGateModel(Buffer.concat([Buffer.alloc(8), bytes]).subarray(8));
    for (const prompt of ['What is 4 + 5?', 'Which colour has the stone?', '这是什么颜色？', '']) {
      const reading = readText(prompt);
      expect(estimateGate(again, reading)).toEqual(estimateGate(gate.model, reading));
    }
  });

  it.each([0, 9, 40, 2000])('names a file that was changed at byte %i as damaged', (at) => {
    const bytes = encodeGateModel(gate.model);
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    expect(() => decodeGateModel(bytes)).toThrow(/cannot be read/);
    expect(() => decodeGateModel(bytes.subarray(0, at))).toThrow(/cannot be read/);
  });

  it('loses no more than it may where the cheap model is always wrong', () => {
    const hopeless = rows.map((row) => ({ ...row, scores: [0, row.scores[1] ?? 0] }));
    const { saved, quality } = fitGate(hopeless, WISH);
    expect(saved).toBeLessThan(0.06);
    expect(quality.gate).toBeGreaterThanOrEqual(0.95 * quality.reference);
  });

  it('keeps a target of dollars with what may be lost within it', () => {
    const priced = rows.map((row) => ({ ...row, costs: [0.001, 0.01] }));
    const wish = (limit: number) => ({ ...WISH, target: { of: 'dollars' as const, limit } });
    const found = fitGate(priced, wish(7));
    const spent = found.heldOut.rows.reduce((sum, row) => {
      const [slice] = found.slices;
      return sum + (row.costs[chooseAt(row, 1, slice?.threshold ?? 0)] ?? 0);
    }, 0);
    expect((1000 * spent) / found.heldOut.rows.length).toBeLessThanOrEqual(7);
    expect(found.target).toEqual({ of: 'dollars', limit: 7, mostPerRequest: 0.04 });
    // Half the requests are colours, which cost nothing: as much as the money buys is asked of the other.
    expect(found.promise.alpha).toBeGreaterThanOrEqual(found.lossBound);
    expect(found.quality.gate).toBeGreaterThan(0.6);
    expect(() => fitGate(priced, wish(0.5))).toThrow(/at most \$0.5000 per 1,000.*\$1.00/);
  });

  it('keeps a target of latency, and says how many requests are missing', () => {
    const timed = rows.map((row) => ({ ...row, seconds: [0.5, 3] }));
    const target = { of: 'latency' as const, limit: 1000 };
    const found = fitGate(timed, { ...WISH, target });
    expect(found.keptCheap.sliced).toBeGreaterThan(0.95);
    expect(found.target).toEqual(target);
    expect(() => fitGate(timed, { ...WISH, target: { ...target, limit: 100 } })).toThrow(
      /too many of 300 requests take longer/,
    );
    expect(() => fitGate(timed.slice(0, 60), { ...WISH, target })).toThrow(/29 more requests/);
  });

  it('promises nothing of a handful of rows, and refuses fewer', () => {
    expect(fitGate(rows.slice(0, 48), WISH).saved).toBe(0);
    expect(() => fitGate(rows.slice(0, 10), WISH)).toThrow(RangeError);
  });

  it.each([
    ['equal scores', () => [1, 1]],
    ['nothing right', () => [0, 0]],
    ['grades of one model missing', (row: GradedRequest) => [Number.NaN, row.scores[1] ?? 0]],
    ['graded scores', (row: GradedRequest) => [(row.scores[0] ?? 0) / 3, (row.scores[1] ?? 0) / 2]],
  ])('works with %s', (_name, scores) => {
    const { quality, saved } = fitGate(
      rows.slice(0, 120).map((row) => ({ ...row, scores: scores(row) })),
      WISH,
    );
    for (const figure of [...Object.values(quality), saved])
      expect(figure).toBeGreaterThanOrEqual(0);
  });

  it('draws the curve from the reference to the cheapest, and every model alone', () => {
    const curve = costCurve(gate.heldOut);
    expect(curve.points[0]).toEqual({ cost: 1, quality: gate.quality.reference });
    expect(curve.points.at(-1)?.cost).toBeCloseTo(0.1);
    expect(curve.singles.map((one) => one.model)).toEqual(['small', 'large']);
    const picture = drawCurve(curve, 'saved < 3 % & more');
    expect(picture).toContain('saved &lt; 3 % &amp; more');
    expect(picture).not.toMatch(/NaN|Infinity/);
  });
});

describe('two gates beside each other', () => {
  const choices = (score: number, cost: number, count = 200) =>
    Array.from({ length: count }, (_, at) => ({ score: (at % 10) / 10 < score ? 1 : 0, cost }));

  it('takes the better one, and the equal one that costs less, and no other', () => {
    expect(compareGates(choices(0.9, 1), choices(0.6, 1), 1).isPromoted).toBe(true);
    expect(compareGates(choices(0.6, 1), choices(0.6, 2), 1).isPromoted).toBe(true);
    expect(compareGates(choices(0.6, 2), choices(0.6, 2), 1).isPromoted).toBe(false);
    expect(compareGates(choices(0.6, 2), choices(0.9, 4), 1).isPromoted).toBe(false);
    expect(compareGates(choices(0.9, 1, 20), choices(0.1, 1, 20), 1).isPromoted).toBe(false);
  });
});

it('reads a text once for both of its models, and alike', () => {
  const { model } = fitGate(pastRequests(200), WISH);
  for (const prompt of ['What is 7 + 8?', 'Which colour has the north paper?', 'Ünlike 全部']) {
    const reading = readText(prompt);
    const keeping = estimateSuccess(model.keeping, reading).probabilities;
    const estimate = estimateSuccess(model.success, reading);
    const success = estimate.probabilities;
    const { probabilities, losses } = estimateGate(model, reading);
    expect(probabilities).toEqual(guardedProbabilities(model.success, estimate));
    expect(losses[0]).toBeCloseTo(
      ((success[1] ?? 0) * (1 - (success[0] ?? 0)) + 1 - (keeping[0] ?? 0)) / 2,
      12,
    );
    expect(losses[1]).toBe(0);
  }
});

it('takes no model for better than the best single one where the guard would not choose it', () => {
  // Nobody is better anywhere: what heads make of chance must not lead away from the best.
  const random = seededRandom(5);
  const chance = pastRequests(200).map((row) => ({
    ...row,
    scores: [random() < 0.6 ? 1 : 0, random() < 0.65 ? 1 : 0],
  }));
  const { model } = fitGate(chance, WISH);
  const { best } = model.success;
  for (const { prompt } of chance.slice(0, 50)) {
    const estimate = estimateSuccess(model.success, readText(prompt));
    const guarded = guardedProbabilities(model.success, estimate);
    const choice = bestModel(model.success, estimate);
    expect(guarded.indexOf(Math.max(...guarded))).toBe(choice);
    expect(choice).toBe(best);
  }
});

it('reads both ends of a prompt, however long it is, as the gate reads a request', () => {
  const { model } = fitGate(pastRequests(200), WISH);
  const estimator = createFittedEstimator(createStarterEstimator(), model);
  const long = `What is 7 + 8? ${'paper stone '.repeat(400_000)} Which colour has the glass?`;
  const learned = (text: string) => {
    const request = ask(text);
    return estimator.estimate(request, readSurface(request)).learned;
  };
  expect(bothEndsOf(long).length).toBeLessThan(17_000);
  expect(learned(long)).toEqual(learned(bothEndsOf(long)));
  expect(learned(long)?.probabilities).toEqual(
    estimateGate(model, readText(bothEndsOf(long))).probabilities,
  );
});
