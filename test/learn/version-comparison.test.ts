import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { compareVersions, detectableGap } from '../../src/learn/version-comparison.ts';

/** Rows on which two models err independently of each other. */
function pairsOf(random: () => number, rows: number, accuracy: number, incumbent: number) {
  return Array.from({ length: rows }, () => ({
    isRight: random() < accuracy,
    incumbentIsRight: random() < incumbent,
  }));
}

describe('compareVersions', () => {
  it('calls equal and worse ones better in at most 5 % of all cases', () => {
    const random = seededRandom(3);
    const rounds = 1000;
    let passed = 0;
    for (let round = 0; round < rounds; round += 1)
      if (compareVersions(1, pairsOf(random, 1000, 0.9, 0.9)).isBetter) passed += 1;
    // The exact test is on the safe side; 5 % and three standard errors.
    expect(passed / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
  });

  it('says what only one of the two has right', () => {
    const pair = (isRight: boolean, incumbentIsRight: boolean) => ({ isRight, incumbentIsRight });
    const pairs = [...Array(6).fill(pair(true, false)), pair(true, true), pair(false, false)];
    expect(compareVersions(3, pairs)).toEqual({
      version: 3,
      rows: 8,
      accuracy: 7 / 8,
      incumbentAccuracy: 1 / 8,
      onlyNew: 6,
      onlyIncumbent: 0,
      probability: expect.closeTo(2 / 64, 12),
      isBetter: true,
    });
    expect(compareVersions(3, [])).toMatchObject({ rows: 0, isBetter: false, probability: 1 });
  });
});

describe('detectableGap', () => {
  it('is seen with about 80 % probability', () => {
    const rows = 800;
    const gap = detectableGap(0.85, rows) ?? 0;
    const random = seededRandom(11);
    let seen = 0;
    for (let round = 0; round < 400; round += 1) {
      const found = compareVersions(1, pairsOf(random, rows, 0.85 + gap / 2, 0.85 - gap / 2));
      if (found.probability <= 0.05) seen += 1;
    }
    expect(seen / 400).toBeGreaterThan(0.72);
    expect(seen / 400).toBeLessThan(0.88);
  });

  it('is none from 1,000 rows on, and whole without rows', () => {
    expect(detectableGap(0.9, 1000)).toBeNull();
    expect(detectableGap(0, 0)).toBe(1);
    expect(detectableGap(1, 50)).toBeGreaterThan(0);
  });
});
