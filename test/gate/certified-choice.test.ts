import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RouteDecision } from '../../src/core/decision.ts';
import { REFERENCE_ONLY } from '../../src/gate/calibration-set.ts';
import { makeCertificate } from '../../src/gate/certificate.ts';
import { type CertifiedSlice, REST } from '../../src/gate/certify.ts';
import { decideRoute, type GateInput } from '../../src/gate/route.ts';
import { ask, coder, estimator, frontier, general, input, quick, topics } from './farm.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function slice(name: string, threshold: number, delta: number): CertifiedSlice {
  return {
    slice: name,
    rows: 400,
    tally: { whole: 300, lost: 5 },
    delta,
    bound: 0.04,
    threshold,
    keptCheap: 0.5,
    perThousand: 1,
    missing: 0,
  };
}

function certificateOf(slices: readonly CertifiedSlice[]) {
  return makeCertificate(
    {
      promise: { alpha: 0.05, delta: 0.1 },
      slices,
      reference: 'frontier',
      models: ['quick', 'general', 'frontier'],
      gate: hash('gate'),
      data: hash('data'),
      madeAt: 0,
      expiresAt: 1,
      code: '0.1.0',
    },
    hash,
  );
}

const certificate = certificateOf([slice(REST, 0.15, 0.1)]);

interface Case {
  readonly rates: Readonly<Record<string, number>>;
  readonly text?: string;
  readonly change?: Partial<GateInput>;
}

function decisionOf({ rates, text = 'Thanks!', change = {} }: Case): RouteDecision {
  const known = {
    ...estimator,
    success: (_: unknown, { id }: { id: string }) => rates[id] ?? 0,
  };
  const result = decideRoute(
    input(ask(text), { spokes: [quick, general, frontier], certificate, ...change }),
    known,
  );
  if ('rejected' in result) throw new Error('all rejected');
  return result.decision;
}

describe('a certificate in force', () => {
  it('counts more than the list of tasks that a spoke is kept for', () => {
    const kept = { ...quick, tasks: ['code'] };
    const rates = { quick: 0.85, general: 0.9, frontier: 0.9 };
    const spokes = [kept, general, frontier];
    expect(decisionOf({ rates, change: { spokes } }).spoke).toBe('quick');
    const others = certificateOf([slice(REST, 0.15, 0.1)]);
    const ofOthers = { ...others, models: ['general', 'frontier'] };
    const decision = decisionOf({ rates, change: { spokes, certificate: ofOthers } });
    expect(decision.rejected).toMatchObject([{ id: 'quick', code: 'not-suited' }]);
  });

  it('lets the cheapest spoke answer that loses little enough', () => {
    const decision = decisionOf({ rates: { quick: 0.85, general: 0.9, frontier: 0.9 } });
    expect(decision.spoke).toBe('quick');
    expect(decision.reasons[0]).toBe(
      '`quick` is the cheapest by which the gate loses at most 5 % of what `frontier` gets right (certified, 90 % confidence); here 0.13 is expected to be lost',
    );
    const dearer = decisionOf({ rates: { quick: 0.7, general: 0.9, frontier: 0.9 } });
    expect(dearer.spoke).toBe('general');
    expect(dearer.counterfactual).toBe(
      '`quick` would have been chosen if 0.15 were expected to be lost by it at most, not 0.27',
    );
  });

  it('asks the reference where none does, however far that is from the promise', () => {
    const decision = decisionOf({
      rates: { quick: 0.7, general: 0.75, frontier: 0.9 },
      change: { promise: 0.1 },
    });
    expect(decision.spoke).toBe('frontier');
    expect(decision.reasons[0]).toMatch(/^`frontier`, because no cheaper spoke is sure enough/);
    expect(decision.counterfactual).toMatch(/^`general` would have been chosen if 0\.15/);
  });

  it('has a threshold for each task, and none where nothing was shown', () => {
    const text = 'Write a Python function that sorts a list of tuples.';
    const rates = { quick: 0.85, general: 0.9, frontier: 0.9 };
    const sliced = certificateOf([slice('code', REFERENCE_ONLY, 0.05), slice(REST, 0.15, 0.05)]);
    const decide = (one: string) =>
      decisionOf({ rates, text: one, change: { certificate: sliced } });
    expect(decide(text).spoke).toBe('frontier');
    expect(decide(text).counterfactual).toBeUndefined();
    expect(decide('Thanks!').spoke).toBe('quick');
  });

  it('knows nothing of spokes that it was not made for', () => {
    const decision = decisionOf({
      rates: { quick: 0.2, coder: 0.99, general: 0.2, frontier: 0.9 },
      text: 'Write a Python function that sorts a list of tuples.',
      change: { spokes: [quick, coder, general, frontier] },
    });
    expect(decision.spoke).toBe('frontier');
  });

  it('leaves requests that offer a micro-model exactly its labels to the micro-model', () => {
    const text = 'My card was charged twice.';
    const schema = { enum: ['technical', 'returns', 'billing', 'shipping'] };
    const spokes = [quick, topics, general, frontier];
    const rates = { quick: 0.2, topics: 0.9, general: 0.4, frontier: 0.9 };
    const request = ask(text, {
      responseFormat: { type: 'json-schema', name: 'label', schema },
    });
    const decision = decisionOf({ rates, change: { spokes, request } });
    expect(decision.spoke).toBe('topics');
    expect(decisionOf({ rates, text, change: { spokes } }).spoke).toBe('frontier');
  });

  it('gives way to the promise where the reference may not serve', () => {
    const spokes = [quick, general, { ...frontier, healthy: false }];
    const decision = decisionOf({ rates: { quick: 0.3, general: 0.7 }, change: { spokes } });
    expect(decision.spoke).toBe('general');
    expect(decision.reasons[0]).toMatch(/reaches the promise/);
  });

  it('is stronger than the loyalty of a session', () => {
    const rates = { quick: 0.7, general: 0.75, frontier: 0.9 };
    const pinned = { spoke: 'general', why: 'session', cachedTokens: 60 } as const;
    expect(decisionOf({ rates, change: { pinned } }).spoke).toBe('frontier');
    const sure = { ...rates, general: 0.88 };
    expect(decisionOf({ rates: sure, change: { pinned } })).toMatchObject({
      spoke: 'general',
      stickiness: 'session',
    });
    const onReference = { ...pinned, spoke: 'frontier' };
    expect(decisionOf({ rates: sure, change: { pinned: onReference } }).spoke).toBe('frontier');
  });
});
