import { describe, expect, it } from 'vitest';
import { WORD_FEATURES } from '../../src/verify/support-features.ts';
import {
  keepReadings,
  keptReadingsSchema,
  MOST_READINGS,
  usualReading,
} from '../../src/verify/usual-readings.ts';

const readings = (count: number, by: number, from = 0) =>
  Array.from({ length: count }, (_, at) =>
    usualReading(
      { values: WORD_FEATURES.map((_, place) => (from + at) / (place + 7)), shape: [1] },
      by,
    ),
  );
const ofGroup = (some: ReturnType<typeof readings>, by: number) =>
  some.filter((one) => one.by === by);

describe('keepReadings', () => {
  it('stays bounded, and nobody who floods takes the place of what others asked', () => {
    const others = [...readings(40, 1), ...readings(40, 2, 100)];
    const kept = keepReadings(others, readings(5000, 3, 1000));
    expect(kept).toEqual(expect.arrayContaining(others));
    expect(ofGroup([...kept], 3)).toHaveLength(50);
    const all = Array.from({ length: 16 }, (_, by) => readings(300, by, by * 1000)).flat();
    const most = keepReadings([], all);
    expect(most.length).toBeLessThanOrEqual(MOST_READINGS);
    expect(new Set(most.map((one) => ofGroup([...most], one.by).length)).size).toBe(1);
    expect(keptReadingsSchema.parse({ basis: 'x', readings: most }).readings).toEqual(most);
  });

  it('keeps the same ones in whatever order and batches they come', () => {
    const all = readings(400, 0);
    const inOrder = (some: ReturnType<typeof readings>) =>
      some.map((one) => one.values[0]).toSorted((a = 0, b = 0) => a - b);
    const atOnce = keepReadings([], all);
    let byAndBy = keepReadings([], []);
    for (let at = 390; at >= 0; at -= 10) byAndBy = keepReadings(byAndBy, all.slice(at, at + 10));
    expect(inOrder([...byAndBy])).toEqual(inOrder([...atOnce]));
  });

  it('counts a sentence once, however often it comes and whoever asks', () => {
    const once = readings(1, 4);
    const often = keepReadings(once, [...readings(1, 4), ...readings(1, 5)]);
    expect(often).toEqual(once);
  });
});
