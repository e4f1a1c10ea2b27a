import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { DepartureWatch } from '../../src/core/specialist-watch.ts';
import {
  departureAlarmOf,
  USUAL_ANSWERS,
  watchDeparture,
} from '../../src/learn/departure-watch.ts';

/** Answers after the usual ones until an alarm; undefined for none in 3,000. */
function alarmAt(seed: number, usual: number, later: number): number | undefined {
  const random = seededRandom(seed);
  let watch: DepartureWatch | undefined;
  for (let at = 0; at < USUAL_ANSWERS + 3000; at += 1) {
    const isGone = random() < (at < USUAL_ANSWERS ? usual : later);
    watch = watchDeparture(watch, { isGone, gate: 0 }, undefined);
    if (departureAlarmOf(watch) !== undefined) return at - USUAL_ANSWERS;
  }
  return undefined;
}
const alarms = (usual: number, later: number) =>
  Array.from({ length: 50 }, (_, seed) => alarmAt(100 + seed, usual, later)).filter(
    (at) => at !== undefined,
  );

describe('watchDeparture', () => {
  it.each([0, 0.02, 0.1, 0.3, 0.9])(
    'keeps calm, looked at after every answer, where %d go on as before',
    (rate) => {
      expect(alarms(rate, rate)).toEqual([]);
    },
  );

  it('tells a rate that rose by 15 points within a thousand answers', () => {
    const found = alarms(0.1, 0.25).toSorted((a, b) => a - b);
    expect(found.length).toBeGreaterThanOrEqual(45);
    expect(found[25]).toBeLessThan(1000);
  });
});
