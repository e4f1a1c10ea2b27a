import { describe, expect, it } from 'vitest';
import { decideRoute } from '../../src/gate/route.ts';
import {
  ask,
  chosen,
  coder,
  decide,
  estimator,
  frontier,
  general,
  input,
  quick,
  rejectionOf,
  STARTER,
  spoke,
} from './farm.ts';

const CODE = 'Write a Python function that returns the longest word of a sentence.';
const STORY = 'Write a short story about a lighthouse keeper.';
const WITH_FRONTIER = [...STARTER, frontier];

describe('the promise', () => {
  it('moves the choice from cheap to good', () => {
    const cheap = chosen(STORY, { promise: 0.1, spokes: WITH_FRONTIER });
    const middle = chosen(STORY, { promise: 0.4, spokes: WITH_FRONTIER });
    const best = chosen(STORY, { promise: 1, spokes: WITH_FRONTIER });
    expect([cheap.spoke, middle.spoke, best.spoke]).toEqual(['quick', 'general', 'frontier']);
    expect(cheap.reasons[0]).toMatch(/^the cheapest of \d spokes that reach the promise 0.10/);
    expect(best.reasons[0]).toMatch(
      /^no spoke reaches the promise 1.00; `frontier` is most probable/,
    );
  });

  it('sends a greeting to the smallest model and code to the coder', () => {
    expect(chosen('Good morning!').spoke).toBe('quick');
    expect(chosen(CODE).spoke).toBe('coder');
  });

  it('says what else was there', () => {
    const decision = chosen(CODE, { promise: 0.5, spokes: WITH_FRONTIER });
    expect(decision.runnerUp?.spoke).toBe('frontier');
    expect(decision.candidates.map((one) => one.probability)).toEqual(
      decision.candidates.map((one) => one.probability).toSorted((left, right) => right - left),
    );
    expect(decision.tasks[0]?.task).toBe('code');
    expect(decision.features['characters']).toBe(CODE.length);
    expect(decision.candidates.length + decision.rejected.length).toBe(WITH_FRONTIER.length);
  });

  it('loads nothing when an equal model is in memory', () => {
    const cold = spoke('a-cold', { resident: false });
    const decision = chosen(STORY, { spokes: [cold, spoke('b-warm')] });
    expect(decision.spoke).toBe('b-warm');
    expect(decision.runnerUp).toMatchObject({ spoke: 'a-cold', resident: false });
    expect((decision.runnerUp?.latencyMs ?? 0) - decision.chosen.latencyMs).toBeCloseTo(5000);
  });

  it('takes the faster of two that cost the same', () => {
    const slow = spoke('a-slow', { dollarsPerSecond: 0, secondsPerToken: 0.09 });
    const fast = spoke('b-fast', { dollarsPerSecond: 0 });
    expect(chosen(STORY, { spokes: [slow, fast] }).spoke).toBe('b-fast');
  });
});

describe('the counterfactual', () => {
  const bound = /`([\w-]+)` would have been chosen if the promise were (≥|≤) ([\d.]+)/;

  it('holds when it is tried, and not a hundredth before', () => {
    let tried = 0;
    for (const text of [
      STORY,
      CODE,
      'hello',
      'What is 12 * 34?',
      'Correct the spelling: teh cat',
    ]) {
      for (const promise of [0, 0.3, 0.5, 0.6, 0.9, 1]) {
        const before = chosen(text, { promise, spokes: WITH_FRONTIER });
        const [, other, side, value] = bound.exec(before.counterfactual ?? '') ?? [];
        if (other === undefined) continue;
        tried += 1;
        const at = Number(value);
        expect(chosen(text, { promise: at, spokes: WITH_FRONTIER }).spoke).toBe(other);
        const nearer = side === '≥' ? at - 0.01 : at + 0.01;
        const stays = side === '≥' ? nearer >= promise : nearer <= promise;
        if (stays)
          expect(chosen(text, { promise: nearer, spokes: WITH_FRONTIER }).spoke).toBe(before.spoke);
      }
    }
    expect(tried).toBeGreaterThan(10);
  });

  it('names the spoke that only has to be installed', () => {
    const decision = chosen(CODE, { spokes: [quick, { ...coder, installed: false }] });
    expect(decision.spoke).toBe('quick');
    expect(decision.counterfactual).toMatch(
      /`coder` \(0\.\d\d\) would have been chosen if it were ready/,
    );
  });
});

describe('the cascade', () => {
  it('climbs to spokes that are more probable, at most two', () => {
    const decision = chosen(STORY, { promise: 0.1, spokes: WITH_FRONTIER });
    const of = (id: string) =>
      decision.candidates.find((one) => one.spoke === id)?.probability ?? 0;
    expect(decision.cascade).toEqual(['general', 'frontier']);
    expect(of('general')).toBeGreaterThan(decision.chosen.probability);
    expect(of('frontier')).toBeGreaterThan(of('general'));
    expect(chosen(STORY, { promise: 1, spokes: WITH_FRONTIER }).cascade).toEqual([]);
  });

  it('begins with the fallback that the operator wrote, if it may serve', () => {
    const first = { ...quick, fallback: ['frontier', 'nobody', 'quick'] };
    expect(chosen('hello', { spokes: [first, general, frontier] }).cascade[0]).toBe('frontier');
    const sick = { ...frontier, healthy: false };
    expect(chosen('hello', { spokes: [first, general, sick] }).cascade).toEqual(['general']);
  });
});

describe('several jobs', () => {
  const jobs =
    'Summarise the report below, translate the summary into French and draft a mail to the board.';

  it('go to the hub when a plan beats the best single spoke', () => {
    const decision = chosen(jobs, { promise: 0.1 });
    expect(decision.spoke).toBe('hub');
    expect(decision.reasons[0]).toMatch(/^3 jobs in one request: a plan/);
    expect(decision.cascade).toEqual([]);
  });

  it('stay with a single spoke that does better', () => {
    expect(chosen(jobs, { spokes: WITH_FRONTIER }).spoke).toBe('frontier');
  });

  it('need a plan that is clearly better, since it asks several times', () => {
    const decideWith = (plan: number) => {
      const rates: Readonly<Record<string, number>> = { hub: plan, general: 0.5, quick: 0.4 };
      const known = {
        ...estimator,
        success: (_: unknown, one: { id: string }) => rates[one.id] ?? 0,
      };
      const result = decideRoute(input(ask(jobs)), known);
      return 'decision' in result ? result.decision.spoke : undefined;
    };
    expect(decideWith(0.6)).toBe('hub');
    expect(decideWith(0.53)).toBe('general');
    expect(decideWith(0.4)).toBe('general');
  });

  it('are not seen in one job', () => {
    expect(rejectionOf(decide(CODE), 'hub')?.code).toBe('not-suited');
  });
});

describe('task lists', () => {
  it('are set aside when nobody else is left', () => {
    const decision = chosen(STORY, { spokes: [coder] });
    expect(decision.spoke).toBe('coder');
    expect(decision.reasons.join()).toContain('the task lists were set aside');
    expect(chosen(STORY, { spokes: [coder, quick], promise: 1 }).spoke).toBe('quick');
  });
});
