import { expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ShadowOutcome } from '../../src/core/shadow.ts';
import { ShadowTally } from '../../src/gate/shadow-tally.ts';

const NOON = Date.parse('2026-11-26T12:00:00Z');

function told(
  change: Partial<ShadowOutcome>,
  outcome: Receipt['outcome'] = 'answered',
  at = NOON,
): Pick<Receipt, 'at' | 'outcome' | 'shadow'> {
  const shadow: ShadowOutcome = {
    of: 'req_a',
    served: 'quick',
    spoke: 'general',
    task: 'arithmetic',
    reference: 'general',
    grades: [],
    words: '',
    seconds: 2,
    ...change,
  };
  return { at, outcome, shadow };
}

const same = { as: 'number' as const, agreement: 1, grades: [{ spoke: 'quick', score: 1 }] };
const other = { as: 'number' as const, agreement: 0, grades: [{ spoke: 'quick', score: 0 }] };

it('adds up both directions of a pair, and what was not compared', () => {
  const tally = new ShadowTally();
  tally.add(told(same));
  tally.add(told({ ...other, served: 'general', spoke: 'quick' }));
  tally.add(told({}));
  expect(tally.agreements()).toMatchObject([
    {
      spoke: 'quick',
      beside: 'general',
      task: 'arithmetic',
      answers: 3,
      compared: 2,
      agreement: 0.5,
    },
  ]);
  expect([tally.answers, tally.graded, tally.failed]).toEqual([3, 2, 0]);
  expect(tally.answersOf('quick', 'arithmetic')).toBe(3);
  expect(tally.answersOf('quick', 'code')).toBe(0);
});

it('counts the seconds of each day, also of those that failed or gave way', () => {
  const tally = new ShadowTally();
  tally.add(told(same));
  tally.add(told({}, 'failed'));
  tally.add(told({}, 'cancelled'));
  tally.add(told(same, 'answered', NOON - 86_400_000));
  tally.add({ at: NOON, outcome: 'answered' });
  expect(tally.secondsOn('2026-11-26')).toBe(6);
  expect(tally.secondsOn('2026-11-25')).toBe(2);
  expect([tally.answers, tally.failed]).toEqual([2, 1]);
});

it('knows a kind of request that is answered in free text, by the reference’s answers alone', () => {
  const tally = new ShadowTally();
  for (let at = 0; at < 19; at += 1) tally.add(told({ task: 'write' }));
  expect(tally.isFreeText('write')).toBe(false);
  tally.add(told({ task: 'write' }));
  expect(tally.isFreeText('write')).toBe(true);
  // What the other one made of it says nothing of the reference's form.
  for (let at = 0; at < 30; at += 1)
    tally.add(told({ task: 'reason', served: 'general', spoke: 'quick' }));
  expect(tally.isFreeText('reason')).toBe(false);
  for (let at = 0; at < 2; at += 1) tally.add(told({ ...same, task: 'write' }));
  expect(tally.isFreeText('write')).toBe(false);
});
