import { describe, expect, it } from 'vitest';
import { drawBeta } from '../../src/base/beta.ts';
import {
  alarmThreshold,
  averageRunLength,
  CALM,
  fallEvidence,
  watchOutcome,
} from '../../src/base/cusum.ts';
import { seededRandom } from '../../src/base/random.ts';
import { mean } from '../../src/base/statistics.ts';

const FALL = 0.6;

/** Outcomes until the watch reaches the threshold, at a true rate. */
function runLength(random: () => number, rate: number, expected: number, threshold: number) {
  let state = CALM;
  for (let outcome = 1; ; outcome += 1) {
    state = watchOutcome(state, random() < rate ? 1 : 0, expected, FALL);
    if (state.sum >= threshold) return outcome;
  }
}

function meanRunLength(rate: number, expected: number, threshold: number, rounds: number): number {
  const random = seededRandom(3);
  return mean(Array.from({ length: rounds }, () => runLength(random, rate, expected, threshold)));
}

describe('a watch over a success rate', () => {
  it.each([
    [0.7, 0.7, 4],
    [0.6, 0.7, 5],
    [0.35, 0.7, 9],
    [0.9, 0.9, 4],
  ])('has the run length that is computed: rate %d, expected %d', (rate, expected, threshold) => {
    const computed = averageRunLength({ expected, fall: FALL, threshold }, rate, 400);
    const seen = meanRunLength(rate, expected, threshold, 600);
    // 600 runs whose spread is about their mean: three standard errors and the rounding of the sum.
    expect(Math.abs(seen - computed) / computed).toBeLessThan(0.17);
  });

  it('has no more false alarms than its threshold says, on any number of charts', () => {
    const random = seededRandom(8);
    const outcomes = 2000;
    const threshold = alarmThreshold(outcomes, 0.2);
    let alarms = 0;
    const rounds = 200;
    for (let round = 0; round < rounds; round += 1) {
      const charts = Array.from({ length: 5 }, () => CALM);
      for (let outcome = 0; outcome < outcomes; outcome += 1) {
        const chart = Math.floor(random() * charts.length);
        const rate = 0.4 + 0.1 * chart;
        const state = watchOutcome(charts[chart] ?? CALM, random() < rate ? 1 : 0, rate, FALL);
        const isAlarm = state.sum >= threshold;
        if (isAlarm) alarms += 1;
        charts[chart] = isAlarm ? CALM : state;
      }
    }
    expect(alarms / rounds).toBeLessThanOrEqual(0.2);
  });

  it('counts from where the fall began, and forgets when all is well', () => {
    let state = CALM;
    for (const score of [1, 1, 0, 0, 1, 0]) state = watchOutcome(state, score, 0.8, FALL);
    expect(state).toMatchObject({ trials: 4, right: 1 });
    expect(state.expected).toBeCloseTo(3.2, 10);
    for (let outcome = 0; outcome < 10; outcome += 1) state = watchOutcome(state, 1, 0.8, FALL);
    expect(state).toEqual(CALM);
  });

  it('takes graded scores and certain expectations without infinite evidence', () => {
    const half = fallEvidence(0.5, 0.8, FALL);
    expect(half).toBeGreaterThan(fallEvidence(1, 0.8, FALL));
    expect(half).toBeLessThan(fallEvidence(0, 0.8, FALL));
    for (const expected of [0, 1])
      for (const score of [0, 1]) expect(fallEvidence(score, expected, FALL)).toBeTypeOf('number');
    expect(Number.isFinite(fallEvidence(0, 1, FALL))).toBe(true);
  });
});

describe('a draw of the beta distribution', () => {
  it.each([
    [0.5, 0.5],
    [2, 5],
    [80, 20],
  ])('has its mean and variance: %d, %d', (right, wrong) => {
    const random = seededRandom(2);
    const draws = Array.from({ length: 20_000 }, () => drawBeta(right, wrong, random));
    const total = right + wrong;
    const variance = (right * wrong) / (total ** 2 * (total + 1));
    const seen = mean(draws);
    expect(Math.abs(seen - right / total)).toBeLessThan(4 * Math.sqrt(variance / 20_000));
    expect(mean(draws.map((one) => (one - seen) ** 2)) / variance).toBeCloseTo(1, 1);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThanOrEqual(1);
  });
});
