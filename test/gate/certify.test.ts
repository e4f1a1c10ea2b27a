import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  chooseAt,
  lossAt,
  REFERENCE_ONLY,
  thresholdSteps,
} from '../../src/gate/calibration-set.ts';
import { certifyLoss, certifySlices } from '../../src/gate/certify.ts';
import { certifyTarget } from '../../src/gate/certify-target.ts';

const MODELS = ['small', 'middle', 'large'];
const COSTS = [1, 3, 30];
const STEPS = Float64Array.from({ length: 101 }, (_, at) => at / 100);

/** A world where the loss of a choice is known: difficulty is uniform, the gate sees it with noise. */
function drawRow(random: () => number, options: { graded?: boolean } = {}): CalibrationRow {
  const difficulty = random();
  const seen = Math.min(1, Math.max(0, difficulty + 0.2 * (random() - 0.5)));
  const grade = (chance: number) => (random() < chance ? 1 : 0);
  const share = options.graded ? random() : 1;
  const large = grade(0.9) * share;
  return {
    scores: [grade(1 - difficulty) * share, grade(1 - 0.5 * difficulty) * share, large],
    expectedLoss: [seen, 0.5 * seen, 0],
    costs: COSTS,
    latencies: [50, 100, 400],
  };
}

function draw(count: number, seed: number, options: { graded?: boolean } = {}): CalibrationSet {
  const random = seededRandom(seed);
  const rows = Array.from({ length: count }, () => drawRow(random, options));
  return { models: MODELS, reference: 2, rows };
}

function trueLoss(threshold: number, world: CalibrationSet): number {
  let lost = 0;
  let whole = 0;
  for (const row of world.rows) {
    lost += lossAt(row, 2, threshold);
    whole += row.scores[2] ?? 0;
  }
  return lost / whole;
}

describe('the choice at a threshold', () => {
  const row = { expectedLoss: [0.3, 0.1, 0], costs: COSTS };

  it('is the cheapest model that is safe enough, else the reference', () => {
    expect(chooseAt(row, 2, 0.05)).toBe(2);
    expect(chooseAt(row, 2, 0.1)).toBe(1);
    expect(chooseAt(row, 2, 0.3)).toBe(0);
    expect(chooseAt(row, 2, REFERENCE_ONLY)).toBe(2);
  });

  it('never trusts an unknown loss nor pays more than the reference', () => {
    expect(chooseAt({ expectedLoss: [Number.NaN, Number.NaN, 0], costs: COSTS }, 2, 1)).toBe(2);
    expect(chooseAt({ expectedLoss: [0, 0, 0], costs: [30, 31, 30] }, 2, 1)).toBe(2);
  });

  it('takes the safer one of two that cost the same', () => {
    expect(chooseAt({ expectedLoss: [0.2, 0.1, 0], costs: [1, 1, 30] }, 2, 0.5)).toBe(1);
  });
});

describe('a certified threshold', () => {
  it.each([
    ['0/1 scores', {}],
    ['graded scores', { graded: true }],
  ])('keeps its promise as often as it says: %s', (_, options) => {
    const world = draw(40_000, 99, options);
    const losses = new Map(Array.from(STEPS, (step) => [step, trueLoss(step, world)]));
    const rounds = 400;
    let broken = 0;
    let kept = 0;
    for (let seed = 1; seed <= rounds; seed += 1) {
      const found = certifyLoss(draw(250, seed, options), { alpha: 0.1, delta: 0.1 }, STEPS);
      if ((losses.get(found.threshold) ?? 0) > 0.1) broken += 1;
      kept += found.keptCheap / rounds;
      expect(found.bound).toBeLessThanOrEqual(0.1);
    }
    expect(broken / rounds).toBeLessThanOrEqual(0.1 + 2 * Math.sqrt(0.09 / rounds));
    // The bound is not bought by keeping nothing.
    expect(kept).toBeGreaterThan(0.2);
  });

  it('is the reference alone with too few rows, and says how many are missing', () => {
    const few = certifyLoss(draw(60, 1), { alpha: 0.02, delta: 0.1 }, STEPS);
    expect(few).toMatchObject({ threshold: REFERENCE_ONLY, keptCheap: 0, bound: 0 });
    expect(few.tally.whole + few.missing * 0.9).toBeGreaterThan(110);
    expect(few.missing).toBeLessThan(100);
    const none = certifyLoss(draw(0, 1), { alpha: 0.02, delta: 0.1 }, STEPS);
    expect(none).toMatchObject({ threshold: REFERENCE_ONLY, missing: 114, perThousand: 0 });
  });

  it('is the reference alone where the gate knows nothing and the small models are bad', () => {
    const { rows, ...rest } = draw(500, 3);
    const bad = rows.map((row) => ({ ...row, scores: [0, 0, 1], expectedLoss: [0, 0, 0] }));
    const found = certifyLoss({ ...rest, rows: bad }, { alpha: 0.1, delta: 0.1 }, STEPS);
    expect(found).toMatchObject({ threshold: REFERENCE_ONLY, missing: 0 });
  });

  it('counts an answer that nobody graded as lost, and leaves out rows without the reference', () => {
    const row = { expectedLoss: [0, 0, 0], costs: COSTS };
    const set = (scores: readonly number[]) => ({
      models: MODELS,
      reference: 2,
      rows: Array.from({ length: 100 }, () => ({ ...row, scores })),
    });
    const promise = { alpha: 0.1, delta: 0.1 };
    const ungraded = certifyLoss(set([Number.NaN, 1, 1]), promise, [0]);
    expect(ungraded.threshold).toBe(REFERENCE_ONLY);
    const unknown = certifyLoss(set([1, 1, Number.NaN]), promise, [0]);
    expect(unknown).toMatchObject({ rows: 0, threshold: REFERENCE_ONLY });
    expect(certifyLoss(set([1, 1, 1]), promise, [0])).toMatchObject({ threshold: 0, keptCheap: 1 });
  });

  it('refuses promises that are none and thresholds out of order', () => {
    const set = draw(10, 1);
    for (const alpha of [0, 1, Number.NaN, -0.1])
      expect(() => certifyLoss(set, { alpha, delta: 0.1 }, STEPS)).toThrow(RangeError);
    expect(() => certifyLoss(set, { alpha: 0.1, delta: 0 }, STEPS)).toThrow(/delta/);
    expect(() => certifyLoss(set, { alpha: 0.1, delta: 0.1 }, [0.2, 0.1])).toThrow(/rise/);
  });

  it('refuses rows that cannot be graded so, by their number', () => {
    const promise = { alpha: 0.1, delta: 0.1 };
    const { rows, ...rest } = draw(10, 1);
    const withRow = (change: Partial<CalibrationRow>) => ({
      ...rest,
      rows: rows.map((row, at) => (at === 6 ? { ...row, ...change } : row)),
    });
    const certify = (set: CalibrationSet) => () => certifyLoss(set, promise, STEPS);
    expect(certify(withRow({ scores: [0, 1.5, 1] }))).toThrow(/row 7: the score of middle/);
    expect(certify(withRow({ scores: [0, 1, -1] }))).toThrow(/row 7: the score of large/);
    expect(certify(withRow({ scores: [1] }))).toThrow(/row 7 has 1 figures/);
    expect(certify({ ...rest, rows, reference: 3 })).toThrow(/no model 3/);
  });

  it('keeps no less cheap with a looser promise', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const set = draw(300, seed);
        const keptAt = (alpha: number) => certifyLoss(set, { alpha, delta: 0.1 }, STEPS).keptCheap;
        expect(keptAt(0.1)).toBeGreaterThanOrEqual(keptAt(0.05));
      }),
      { numRuns: 20 },
    );
  });
});

describe('slices', () => {
  const sliced = (count: number, seed: number) => {
    const random = seededRandom(seed);
    const { rows, ...rest } = draw(count, seed);
    const names = ['code', 'mail', 'rare'];
    const cut = [0.5, 0.985, 1];
    return {
      ...rest,
      rows: rows.map((row) => {
        const place = random();
        return { ...row, slice: names[cut.findIndex((one) => place < one)] ?? 'rare' };
      }),
    };
  };

  it('share the risk, leave the small ones together, and show their price', () => {
    const { slices, together, keptCheap } = certifySlices(
      sliced(1500, 5),
      { alpha: 0.1, delta: 0.1 },
      STEPS,
    );
    expect(slices.map((one) => one.slice)).toEqual(['code', 'mail', '*']);
    expect(slices.reduce((sum, one) => sum + one.delta, 0)).toBeCloseTo(0.1, 12);
    expect(slices[2]).toMatchObject({ threshold: REFERENCE_ONLY });
    expect(slices[2]?.missing).toBeGreaterThan(0);
    expect(keptCheap).toBeGreaterThan(0);
    expect(keptCheap).toBeLessThan(together.keptCheap);
    expect(together.delta).toBe(0.1);
  });

  it('keep all their promises at once as often as they say', () => {
    const world = draw(40_000, 99);
    const losses = new Map(Array.from(STEPS, (step) => [step, trueLoss(step, world)]));
    const rounds = 200;
    let broken = 0;
    for (let seed = 1; seed <= rounds; seed += 1) {
      const { slices } = certifySlices(sliced(500, seed), { alpha: 0.1, delta: 0.1 }, STEPS);
      if (slices.some((one) => (losses.get(one.threshold) ?? 0) > 0.1)) broken += 1;
    }
    expect(broken / rounds).toBeLessThanOrEqual(0.1 + 2 * Math.sqrt(0.09 / rounds));
  });

  it('are one when all are small', () => {
    const { slices } = certifySlices(sliced(30, 1), { alpha: 0.1, delta: 0.1 }, STEPS);
    expect(slices.map((one) => one.slice)).toEqual(['*']);
  });
});

describe('a target', () => {
  const dollars = (perThousand: number) =>
    ({ of: 'dollars', perThousand, mostPerRequest: 30, delta: 0.1 }) as const;

  it('of dollars is kept by the whole traffic as often as promised', () => {
    const world = draw(40_000, 99);
    const costOf = (threshold: number) =>
      world.rows.reduce((sum, row) => sum + (row.costs[chooseAt(row, 2, threshold)] ?? 0), 0) /
      world.rows.length;
    const costs = new Map([...STEPS, REFERENCE_ONLY].map((step) => [step, costOf(step)]));
    let broken = 0;
    let perThousand = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      const found = certifyTarget(draw(300, seed), dollars(8000), STEPS);
      if ((costs.get(found.threshold) ?? 0) > 8) broken += 1;
      perThousand += found.perThousand / 200;
    }
    expect(broken / 200).toBeLessThanOrEqual(0.1 + 2 * Math.sqrt(0.09 / 200));
    expect(perThousand).toBeGreaterThan(5000);
  });

  it('buys quality with more money', () => {
    const set = draw(400, 1);
    const little = certifyTarget(set, dollars(4000), STEPS);
    const much = certifyTarget(set, dollars(12_000), STEPS);
    const all = certifyTarget(set, dollars(29_999), STEPS);
    expect(much.loss).toBeLessThan(little.loss);
    expect(much.threshold).toBeLessThan(little.threshold);
    expect(all.keptCheap).toBeLessThan(0.05);
  });

  it('that not even the cheapest keeps is told, and the cheapest is taken', () => {
    const found = certifyTarget(draw(400, 1), dollars(500), STEPS);
    expect(found).toMatchObject({ kept: false, threshold: Number.POSITIVE_INFINITY });
  });

  it('of latency lets so many be slow as it says', () => {
    const promise = { of: 'latency', p95Ms: 200, delta: 0.1 } as const;
    const found = certifyTarget(draw(500, 1), promise, STEPS);
    expect(found.kept).toBe(true);
    // The reference takes 400 ms: fewer than 5 in 100 may go there.
    expect(found.keptCheap).toBeGreaterThan(0.95);
    expect(certifyTarget(draw(10, 1), promise, STEPS)).toMatchObject({ kept: false, missing: 35 });
  });

  it('refuses figures that cannot be', () => {
    const set = draw(10, 1);
    expect(() => certifyTarget(set, dollars(0), STEPS)).toThrow(RangeError);
    expect(() => certifyTarget(set, { ...dollars(5), mostPerRequest: 2 }, STEPS)).toThrow(
      /costs \$30\.00, more .*--most-dollars 2/,
    );
    const bare = { ...set, rows: set.rows.map(({ latencies: _, ...row }) => row) };
    expect(() => certifyTarget(bare, { of: 'latency', p95Ms: 100, delta: 0.1 }, STEPS)).toThrow(
      /latencies/,
    );
  });
});

describe('threshold steps', () => {
  it('rise, are quantiles of what cheaper models may lose, and need no labels', () => {
    const { rows } = draw(2000, 1);
    const steps = thresholdSteps(rows, 2, 50);
    // Some prompts look safe beyond doubt: the first quantiles are one.
    expect(steps.length).toBeGreaterThan(45);
    expect(steps.length).toBeLessThanOrEqual(50);
    expect([...steps]).toEqual([...steps].sort((a, b) => a - b));
    expect(steps[0]).toBe(
      Math.min(...rows.flatMap((row) => Array.from(row.expectedLoss).slice(0, 2))),
    );
    expect(thresholdSteps([], 2)).toHaveLength(0);
    const flat = [{ expectedLoss: [0.5, 0.5, 0], costs: COSTS }];
    expect([...thresholdSteps(flat, 2)]).toEqual([0.5]);
  });
});
