import { describe, expect, it } from 'vitest';
import { onCurve } from '../../src/base/grade-model.ts';
import { seededRandom } from '../../src/base/random.ts';
import { fitCurve } from '../../src/learn/grade-curve.ts';

const random = seededRandom(1);
const values = Array.from({ length: 400 }, () => random());

describe('fitCurve', () => {
  it('tells heaped numbers as what they are, never falling', () => {
    // Three heaps, and a value between them that is off by a sixth at most.
    const wanted = values.map((value) => Math.round(value * 2) / 2);
    const curve = fitCurve(values, wanted);
    expect([0.05, 0.5, 0.95].map((value) => onCurve(value, curve))).toEqual([0, 0.5, 1]);
    const told = values.toSorted((a, b) => a - b).map((value) => onCurve(value, curve));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('leaves values alone that are as near as they can be, and few ones', () => {
    const noisy = values.map((value) => value + (random() < 0.5 ? 0.1 : -0.1));
    expect(fitCurve(values, noisy)).toBeUndefined();
    expect(fitCurve(values.slice(0, 79), values.slice(0, 79).map(Math.round))).toBeUndefined();
    expect(onCurve(0.3, undefined)).toBe(0.3);
  });

  it('is flat beyond its ends and straight between its points', () => {
    const curve = { from: [0.2, 0.4], to: [0, 1] };
    expect([0.1, 0.2, 0.3, 0.4, 2].map((value) => onCurve(value, curve))).toEqual([
      0,
      0,
      expect.closeTo(0.5, 12),
      1,
      1,
    ]);
  });
});
