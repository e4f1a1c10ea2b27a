import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { CanaryTrial } from '../../src/core/canary.ts';
import {
  learnLive,
  learnOwn,
  startTrial,
  trialWords,
  verdictOf,
} from '../../src/learn/canary-test.ts';

const START = { against: 1, since: 0 };
const DAY_MS = 86_400_000;

/** Plays graded answers, 19 of the live version for each of the candidate, until a verdict. */
function played(
  trial: CanaryTrial,
  { own, live, seed, most }: { own: number; live: number; seed: number; most: number },
) {
  const random = seededRandom(seed);
  for (let pair = 1; pair <= most; pair += 1) {
    for (let at = 0; at < 19; at += 1) trial = learnLive(trial, random() < live ? 1 : 0);
    trial = learnOwn(trial, random() < own ? 1 : 0);
    const verdict = verdictOf(trial, 0);
    if (verdict !== undefined) return { verdict, pairs: pair };
  }
  return undefined;
}

describe('the test of a trial', () => {
  it('calls an equal candidate better in one of twenty series at most, looked at after each', () => {
    let better = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const trial = startTrial({ ...START, mode: 'proof' });
      const found = played(trial, { own: 0.85, live: 0.85, seed, most: 300 });
      if (found?.verdict.to === 'live') better += 1;
    }
    // 20 are to be expected at most; 33 with one chance in a thousand.
    expect(better).toBeLessThan(33);
  });

  it('finds what is clearly better, and what is clearly worse', () => {
    const trial = startTrial({ ...START, mode: 'proof' });
    const better = played(trial, { own: 0.95, live: 0.75, seed: 3, most: 400 });
    expect(better?.verdict).toMatchObject({ to: 'live' });
    const worse = played(trial, { own: 0.6, live: 0.9, seed: 3, most: 400 });
    expect(worse?.verdict).toMatchObject({ to: 'candidate' });
    expect(worse?.verdict.words).toContain('worse');
  });

  it('compares grades of the same time: a harder day speaks against neither', () => {
    let trial = startTrial({ ...START, mode: 'proof' });
    for (let day = 0; day < 40; day += 1) {
      const grade = day % 2;
      for (let at = 0; at < 5; at += 1) trial = learnLive(trial, grade);
      trial = learnOwn(trial, grade);
    }
    expect(trial).toMatchObject({ pairs: 40, difference: 0 });
    expect(verdictOf(trial, 0)).toBeUndefined();
  });

  it('counts no grade that there is nothing beside', () => {
    const trial = startTrial({ ...START, mode: 'guard' });
    expect(learnOwn(trial, 1)).toEqual(trial);
  });

  it('lets what passed on rows go live after enough answers or days, and nothing else', () => {
    const guard = startTrial({ ...START, mode: 'guard' });
    expect(verdictOf(guard, 6 * DAY_MS)).toBeUndefined();
    expect(verdictOf(guard, 7 * DAY_MS)).toMatchObject({ to: 'live' });
    const found = played(guard, { own: 0.9, live: 0.9, seed: 5, most: 200 });
    expect(found?.verdict).toMatchObject({ to: 'live' });
    expect(found?.pairs).toBeGreaterThanOrEqual(100);
    let behind = guard;
    for (let at = 0; at < 100; at += 1)
      behind = learnOwn(learnLive(behind, 1), at % 20 === 0 ? 0 : 1);
    expect(verdictOf(behind, 0)).toBeUndefined();
    expect(verdictOf(behind, 7 * DAY_MS)).toMatchObject({ to: 'candidate' });
    const proof = startTrial({ ...START, mode: 'proof' });
    expect(verdictOf(proof, 29 * DAY_MS)).toBeUndefined();
    expect(verdictOf(proof, 30 * DAY_MS)).toMatchObject({ to: 'candidate' });
  });

  it('says how it stands', () => {
    const trial = learnOwn(learnLive(startTrial({ ...START, mode: 'proof' }), 1), 0);
    expect(trialWords(trial)).toMatch(/^on trial with 5 % .* 1 graded answers, -100\.0 points/);
  });
});
