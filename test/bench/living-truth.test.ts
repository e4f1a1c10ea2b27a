import { expect, it } from 'vitest';
import { LivingTruth, noFindings } from '../../bench/lib/living-truth.ts';

const judged = (
  truth: LivingTruth,
  token: number,
  team: string,
  seen: { askedAt: number; to: number },
) => {
  const findings = noFindings();
  truth.judge(`It opens at ${token} pascal.`, team, seen, findings);
  return findings.forbidden;
};

it('a text is judged by the readers before and after a change while the change is under way', () => {
  const truth = new LivingTruth();
  const token = truth.begin(1);
  truth.read(1, 'north', 0)(0);
  expect(judged(truth, token, 'south', { askedAt: 5, to: 9 })).toBe(1);
  const acknowledge = truth.read(1, 'south', 10);
  // The farm may have made the change before its answer is back.
  expect(judged(truth, token, 'south', { askedAt: 11, to: 12 })).toBe(0);
  expect(judged(truth, token, 'north', { askedAt: 11, to: 12 })).toBe(0);
  acknowledge(20);
  // Begun before the acknowledgement: legal; begun after it: not.
  expect(judged(truth, token, 'north', { askedAt: 19, to: 30 })).toBe(0);
  expect(judged(truth, token, 'north', { askedAt: 21, to: 30 })).toBe(1);
  expect(judged(truth, token, 'south', { askedAt: 21, to: 30 })).toBe(0);
});
