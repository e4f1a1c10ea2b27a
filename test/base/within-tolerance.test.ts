import { expect, it } from 'vitest';
import { isWithin } from '../../src/base/within-tolerance.ts';

it('takes numbers that are the tolerance apart for near, however the computer writes them', () => {
  expect(4.15 - 4.1).toBeGreaterThan(0.05);
  expect(isWithin(4.15, 4.1, 0.05)).toBe(true);
  expect(isWithin(4.1, 4.15, 0.05)).toBe(true);
  expect(isWithin(4.1501, 4.1, 0.05)).toBe(false);
  expect(isWithin(2e-10, 0, 1e-10)).toBe(false);
  expect(isWithin(Number.NaN, 4, 0.05)).toBe(false);
});
