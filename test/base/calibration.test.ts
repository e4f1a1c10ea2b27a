import { describe, expect, it } from 'vitest';
import { calibrationError, fitTemperature, probabilitiesAt } from '../../src/base/calibration.ts';
import { seededRandom } from '../../src/base/random.ts';

/** Two classes; the right one is drawn with the probability that scores / wanted temperature give. */
function drawn(count: number, temperature: number) {
  const random = seededRandom(11);
  const scores: Float64Array[] = [];
  const classes = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    const score = Float64Array.of((random() - 0.5) * 12, 0);
    scores.push(score);
    classes[row] = random() < (probabilitiesAt(score, temperature)[0] ?? 0) ? 0 : 1;
  }
  return { scores, classes };
}

describe('fitTemperature', () => {
  it.each([0.5, 1, 3])('finds the temperature %d that the rows were drawn with', (wanted) => {
    const { scores, classes } = drawn(4000, wanted);
    const found = fitTemperature(scores, classes);
    expect(found).toBeGreaterThan(wanted * 0.85);
    expect(found).toBeLessThan(wanted * 1.15);
  });

  it('does not promise certainty after a few right rows', () => {
    const scores = Array.from({ length: 8 }, () => Float64Array.of(9, 0));
    const temperature = fitTemperature(scores, new Int32Array(8));
    const [first = 1] = probabilitiesAt(Float64Array.of(9, 0), temperature);
    expect(first).toBeGreaterThan(0.8);
    expect(first).toBeLessThan(0.95);
  });

  it('is 1 without rows', () => {
    expect(fitTemperature([], new Int32Array(0))).toBe(1);
  });
});

describe('calibrationError', () => {
  it('is the distance of confidence from the share right', () => {
    const pairs = Array.from({ length: 10 }, (_, at) => ({ confidence: 0.95, right: at < 7 }));
    expect(calibrationError(pairs)).toBeCloseTo(0.25, 10);
    expect(calibrationError([{ confidence: 1, right: true }])).toBe(0);
    expect(calibrationError([])).toBe(0);
  });
});
