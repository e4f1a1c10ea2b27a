import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { JudgedPair } from '../../src/learn/promotion-slices.ts';
import {
  type ComparedVersions,
  compareVersions,
  detectableGap,
} from '../../src/learn/version-comparison.ts';

/** Rows on which two models err independently of each other. */
function pairsOf(random: () => number, rows: number, accuracy: number, incumbent: number) {
  return Array.from({ length: rows }, () => ({
    isRight: random() < accuracy,
    incumbentIsRight: random() < incumbent,
    slices: [],
  }));
}

const FIGURES = { bytes: 1000, ms: 1, calibrationError: 0.02, outOfScopeArea: 0.9 };

function compared(pairs: readonly JudgedPair[], more: Partial<ComparedVersions> = {}) {
  return compareVersions({
    version: 3,
    pairs,
    seed: 1,
    own: FIGURES,
    incumbent: FIGURES,
    lostLabels: [],
    ...more,
  });
}

/** `counts`: both right, only the new one, only the incumbent, neither. */
function rowsOf(counts: readonly [number, number, number, number], slices: readonly string[] = []) {
  const pair = (isRight: boolean, incumbentIsRight: boolean, count: number) =>
    Array<JudgedPair>(count).fill({ isRight, incumbentIsRight, slices });
  const [both, onlyNew, onlyIncumbent, neither] = counts;
  return [
    ...pair(true, true, both),
    ...pair(true, false, onlyNew),
    ...pair(false, true, onlyIncumbent),
    ...pair(false, false, neither),
  ];
}

describe('compareVersions', () => {
  it('lets equal ones pass in at most 5 % of all cases', () => {
    const random = seededRandom(3);
    const rounds = 300;
    let passed = 0;
    for (let round = 0; round < rounds; round += 1)
      if (compared(pairsOf(random, 1000, 0.9, 0.9)).passes) passed += 1;
    // The exact test is on the safe side; 5 % and three standard errors.
    expect(passed / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
  }, 60_000);

  it('lets few equal ones pass however often somebody tries on the same rows', () => {
    const random = seededRandom(5);
    const rounds = 100;
    let passed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const incumbent = pairsOf(random, 400, 0.9, 0.9);
      const isPassing = Array.from({ length: 20 }, (_, at) =>
        compared(
          incumbent.map((pair) => ({ ...pair, isRight: random() < 0.9 })),
          { attempt: at + 1, rounds: 1 },
        ),
      ).some((one) => one.passes);
      if (isPassing) passed += 1;
    }
    expect(passed / rounds).toBeLessThan(0.1 + 3 * Math.sqrt((0.1 * 0.9) / rounds));
  }, 60_000);

  it('says what only one of the two has right, with the difference and its interval', () => {
    const found = compared(rowsOf([1, 6, 0, 1]));
    expect(found).toMatchObject({
      version: 3,
      rows: 8,
      accuracy: 7 / 8,
      incumbentAccuracy: 1 / 8,
      onlyNew: 6,
      onlyIncumbent: 0,
      probability: expect.closeTo(2 / 64, 12),
      verdict: 'better',
      passes: true,
    });
    expect(found.differenceLow).toBeGreaterThan(0);
    expect(found.differenceHigh).toBeLessThanOrEqual(1);
    expect(found.reasons[0]).toContain('8 rows are few');
  });

  it('tells too few rows from rows that show no difference', () => {
    const none = compared([]);
    expect(none).toMatchObject({ verdict: 'underpowered', passes: false, probability: 1 });
    expect(none.reasons[0]).toContain('--test');
    const few = compared(rowsOf([860, 22, 20, 97]));
    expect(few).toMatchObject({ rows: 999, verdict: 'underpowered', passes: false });
    expect(few.detectableGap).toBeGreaterThan(0.01);
    expect(few.detectableGap).toBeLessThan(0.02);
    const enough = compared(rowsOf([860, 22, 20, 98]));
    expect(enough).toMatchObject({ rows: 1000, verdict: 'equal', passes: false });
    expect(enough.reasons[0]).toContain('would have been seen');
  });

  it('knows a worse one, with few rows too', () => {
    expect(compared(rowsOf([100, 2, 14, 10]))).toMatchObject({ verdict: 'worse', passes: false });
  });

  it('lets a cheaper one pass that is less than a point worse, and no other', () => {
    const pairs = rowsOf([2700, 30, 30, 240]);
    expect(compared(pairs)).toMatchObject({ verdict: 'equal', passes: false });
    const cheaper = compared(pairs, { own: { ...FIGURES, ms: 0.1, bytes: 900 } });
    expect(cheaper).toMatchObject({ verdict: 'not-worse-and-cheaper', passes: true });
    expect(cheaper.reasons[0]).toContain('0.10 × the time');
    // Times that vary on a busy machine, and less time for far more bytes, are no cheaper.
    for (const own of [
      { ...FIGURES, ms: 0.7 },
      { ...FIGURES, ms: 0.1, bytes: 2000 },
    ])
      expect(compared(pairs, { own }).verdict).toBe('equal');
    const worse = compared(rowsOf([2640, 30, 90, 240]), { own: { ...FIGURES, ms: 0.1 } });
    expect(worse).toMatchObject({ verdict: 'worse', passes: false });
  });

  it('does not pass where a part of the rows became worse', () => {
    const pairs = [
      ...rowsOf([800, 80, 10, 50], ['label: order', 'length: short']),
      ...rowsOf([30, 0, 14, 6], ['label: refund', 'length: short']),
    ];
    const found = compared(pairs);
    expect(found).toMatchObject({ verdict: 'better', passes: false, slices: 3 });
    expect(found.worseSlices.map((one) => one.slice)).toEqual(['label: refund']);
    expect(found.reasons[1]).toContain('label: refund (14 lost, 0 won of 50)');
  });

  it('passes with a warning where a part of the rows lost a little', () => {
    const pairs = [
      ...rowsOf([800, 80, 10, 50], ['label: order']),
      ...rowsOf([400, 0, 12, 10], ['label: refund']),
    ];
    const found = compared(pairs);
    expect(found).toMatchObject({ verdict: 'better', passes: true });
    expect(found.reasons[1]).toBe('it lost a little in label: refund (12 lost, 0 won of 422)');
  });

  it('raises no alarm because there are many parts', () => {
    const random = seededRandom(8);
    let alarms = 0;
    for (let round = 0; round < 200; round += 1) {
      const pairs = pairsOf(random, 1500, 0.85, 0.85).map((pair) => ({
        ...pair,
        slices: [`label: ${Math.floor(random() * 40)}`, `length: ${Math.floor(random() * 3)}`],
      }));
      if (compared(pairs).worseSlices.length > 0) alarms += 1;
    }
    expect(alarms / 200).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 200));
  }, 60_000);

  it('does not pass without a label of the version that serves, and says what else fell', () => {
    const found = compared(rowsOf([900, 60, 10, 30]), {
      lostLabels: ['refund'],
      own: { ...FIGURES, calibrationError: 0.1, outOfScopeArea: 0.8 },
    });
    expect(found).toMatchObject({ verdict: 'better', passes: false });
    expect(found.reasons.slice(1)).toEqual([
      'it does not know 1 labels of the version that serves: refund',
      expect.stringContaining('off by 10.0 points'),
      expect.stringContaining('0.800 under the curve'),
    ]);
  });
});

describe('detectableGap', () => {
  it('is seen with about 80 % probability', () => {
    const rows = 800;
    const gap = detectableGap(0.85, rows) ?? 0;
    const random = seededRandom(11);
    let seen = 0;
    for (let round = 0; round < 200; round += 1) {
      const found = compared(pairsOf(random, rows, 0.85 + gap / 2, 0.85 - gap / 2));
      if (found.verdict === 'better') seen += 1;
    }
    expect(seen / 200).toBeGreaterThan(0.7);
    expect(seen / 200).toBeLessThan(0.9);
  }, 60_000);

  it('is none from 1,000 rows on, and whole without rows', () => {
    expect(detectableGap(0.9, 1000)).toBeNull();
    expect(detectableGap(0, 0)).toBe(1);
    expect(detectableGap(1, 50)).toBeGreaterThan(0);
  });
});
