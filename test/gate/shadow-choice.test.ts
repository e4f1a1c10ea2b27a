import { expect, it } from 'vitest';
import type { Candidate } from '../../src/core/decision.ts';
import { pickShadow, type ShadowQuestion } from '../../src/gate/shadow-choice.ts';
import { ask, coder, extract, frontier, general, grounded, hub, quick, topics } from './farm.ts';

const SPOKES = [
  quick,
  { ...coder, secondsPerToken: 0.05 },
  general,
  { ...extract, tasks: ['extract'] },
  grounded,
  hub,
  topics,
  frontier,
];

function candidate(spoke: string, probability: number, cost: number): Candidate {
  return { spoke, probability, cost, latencyMs: 1, resident: true };
}
const CANDIDATES = [
  candidate('hub', 0.99, 9),
  candidate('grounded', 0.95, 3),
  candidate('frontier', 0.9, 5),
  candidate('general', 0.6, 3),
  candidate('coder', 0.5, 3.5),
  candidate('quick', 0.3, 1),
];

function pick(served: string, change: Partial<ShadowQuestion> = {}): string {
  const choice = pickShadow({
    request: ask('Which one?'),
    promptTokens: 60,
    decision: { candidates: CANDIDATES, rejected: [] },
    served,
    asked: [served],
    spokes: SPOKES,
    isReady: () => true,
    settings: { spokes: [] },
    left: { dollars: 1, seconds: 100 },
    answersOf: () => 0,
    ...change,
  });
  return 'reason' in choice ? choice.reason : `${choice.spoke.id} by ${choice.reference}`;
}

it('asks the best candidate where a cheaper one answered, and never one that reads or plans', () => {
  expect(pick('quick')).toBe('frontier by frontier');
  expect(pick('quick', { reference: 'general' })).toBe('general by general');
  expect(pick('grounded')).toBe('documents');
  expect(pick('hub')).toBe('documents');
});

it('asks the least known of the cheaper ones where the reference answered', () => {
  expect(pick('frontier')).toBe('quick by frontier');
  expect(pick('frontier', { answersOf: (id) => (id === 'quick' ? 3 : 0) })).toBe(
    'general by frontier',
  );
  const known: Record<string, number> = { quick: 3, general: 2, coder: 1 };
  expect(pick('frontier', { answersOf: (id) => known[id] ?? 0 })).toBe('coder by frontier');
  expect(pick('general', { reference: 'general' })).toBe('quick by general');
  expect(pick('quick', { reference: 'quick' })).toBe('no-other-spoke');
});

it('asks only the named ones, and nobody twice', () => {
  expect(pick('quick', { settings: { spokes: ['coder'] } })).toBe('coder by frontier');
  expect(pick('quick', { settings: { spokes: ['quick'] } })).toBe('no-other-spoke');
  expect(pick('frontier', { asked: ['quick', 'frontier'] })).toBe('general by frontier');
});

it('has no yardstick where the reference of the gate is no candidate', () => {
  const reference = 'topics';
  expect(pick('quick', { reference })).toBe('no-other-spoke');
  const settings = { spokes: ['coder'] };
  expect(pick('quick', { reference, settings })).toBe('coder by undefined');
});

it('asks for no money that is not there, and takes no seconds that are used up', () => {
  expect(pick('quick', { left: { dollars: 0, seconds: 100 } })).toBe('budget');
  // 512 tokens at $10 per million do not fit.
  expect(pick('quick', { left: { dollars: 0.005, seconds: 100 } })).toBe('budget');
  expect(pick('quick', { left: { dollars: 1, seconds: 0 } })).toBe('frontier by frontier');
  expect(pick('frontier', { left: { dollars: 0, seconds: 100 } })).toBe('quick by frontier');
  expect(pick('frontier', { left: { dollars: 1, seconds: 0 } })).toBe('budget');
});

it('puts nobody in the place of a reference that has no room now', () => {
  const isReady = ({ id }: { id: string }) => id !== 'general';
  expect(pick('quick', { reference: 'general', isReady })).toBe('no-memory');
  const answersOf = (id: string) => (id === 'quick' ? 1 : 0);
  expect(pick('frontier', { isReady, answersOf })).toBe('coder by frontier');
});

it('asks those that only their lists of tasks keep out, and none that may not be asked', () => {
  const candidates = CANDIDATES.filter(({ spoke }) => spoke === 'general' || spoke === 'frontier');
  const kept = (id: string, code: 'not-suited' | 'label') => ({ id, code, reason: 'is kept for' });
  const decision = {
    candidates,
    rejected: [
      kept('quick', 'label'),
      kept('coder', 'not-suited'),
      kept('extract', 'not-suited'),
      kept('hub', 'not-suited'),
      kept('topics', 'not-suited'),
    ],
  };
  const answersOf = (id: string) => (id === 'general' ? 1 : 0);
  expect(pick('frontier', { decision: { ...decision, rejected: [] }, answersOf })).toBe(
    'general by frontier',
  );
  expect(pick('frontier', { decision, answersOf })).toBe('coder by frontier');
  // An adapter is kept out by what it was taught.
  const taught = { ...coder, measured: { rate: 0.9, rows: 100, jobs: [] } };
  const spokes = SPOKES.map((one) => (one.id === 'coder' ? taught : one));
  expect(pick('frontier', { decision, answersOf, spokes })).toBe('general by frontier');
  const request = ask('Which one?', { responseFormat: { type: 'json' } });
  expect(pick('frontier', { decision, answersOf, request })).toBe('extract by frontier');
});
