import { describe, expect, it } from 'vitest';
import { averagedRidge } from '../../src/base/averaged-ridge.ts';
import { seededRandom } from '../../src/base/random.ts';

const SIZE = 3;

/** Rows with values `slope` × the first feature + noise of this spread. */
function sample(count: number, slope: number, spread: number) {
  const random = seededRandom(7);
  const rows = Float64Array.from({ length: count * SIZE }, () => 2 * random() - 1);
  const values = Float64Array.from(
    { length: count },
    (_, row) => slope * (rows[row * SIZE] ?? 0) + spread * (2 * random() - 1),
  );
  return { rows, values };
}

const prior = (variance: number, noise: number) => ({
  variances: new Float64Array(SIZE).fill(variance),
  noise,
});

describe('averagedRidge', () => {
  it('is the ridge of its prior where there is one', () => {
    // One feature: w = Σxy ÷ (Σx² + noise ÷ variance).
    const rows = Float64Array.of(1, 2, 3);
    const values = Float64Array.of(2, 3, 7);
    const only = { variances: Float64Array.of(0.5), noise: 2 };
    expect(averagedRidge(rows, values, 1, [only])[0]).toBeCloseTo(29 / (14 + 4), 12);
  });

  it('believes the prior that the rows bear out', () => {
    const priors = [prior(1e-6, 0.1), prior(1, 0.1), prior(1, 10)];
    const { rows, values } = sample(200, 0.8, 0.4);
    const [slope = 0, ...others] = averagedRidge(rows, values, SIZE, priors);
    expect(slope).toBeGreaterThan(0.7);
    expect(slope).toBeLessThan(0.9);
    for (const weight of others) expect(Math.abs(weight)).toBeLessThan(0.1);
    const noise = sample(200, 0, 0.4);
    for (const weight of averagedRidge(noise.rows, noise.values, SIZE, priors))
      expect(Math.abs(weight)).toBeLessThan(0.02);
  });

  it('stays near 0 where a handful of rows says little', () => {
    const { rows, values } = sample(4, 0.8, 2);
    const few = averagedRidge(rows, values, SIZE, [prior(0.01, 1.3)]);
    for (const weight of few) expect(Math.abs(weight)).toBeLessThan(0.05);
  });
});
