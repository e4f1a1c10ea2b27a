import { describe, expect, it } from 'vitest';
import { minimise } from '../../src/base/minimise.ts';

describe('the minimum of a smooth function', () => {
  it('is found where the axes are stretched very unlike each other', () => {
    const centre = [3, -2, 0.5];
    const stretch = [1, 100, 10_000];
    const found = minimise(
      new Float64Array(3),
      (point, gradient) => {
        let value = 0;
        point.forEach((one, at) => {
          const distance = one - (centre[at] ?? 0);
          value += 0.5 * (stretch[at] ?? 0) * distance ** 2;
          gradient[at] = (stretch[at] ?? 0) * distance;
        });
        return value + 1;
      },
      200,
    );
    centre.forEach((one, at) => {
      expect(found[at]).toBeCloseTo(one, 3);
    });
  });

  it('leaves the start as it is and stays where nothing is to gain', () => {
    const start = Float64Array.of(1, 2);
    const flat = minimise(start, (_, gradient) => gradient.fill(0)[0] ?? 0, 10);
    expect([...flat]).toEqual([1, 2]);
    expect(flat).not.toBe(start);
  });
});
