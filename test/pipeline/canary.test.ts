import { describe, expect, it } from 'vitest';
import type { RouteDecision } from '../../src/core/decision.ts';
import { withCanary } from '../../src/stages/canary.ts';

const decision = {
  spoke: 'pets',
  chosen: { spoke: 'pets', probability: 0.9 },
  reasons: ['it was named'],
} as unknown as RouteDecision;
const canaryOf = (spoke: string) =>
  spoke === 'pets' ? { spoke: 'pets@2', share: 0.05 } : undefined;

function routed(id: string, session?: string, spokes = ['pets', 'pets@2'], routedTo = decision) {
  const request = {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'my dog barks' }] }],
  };
  const caller = { key: 'loopback' };
  const call = { id, caller, request, ...(session === undefined ? {} : { session }) };
  const life = { call, spokes: spokes.map((id) => ({ config: { id } })) };
  return withCanary({ canaryOf }, life as unknown as Parameters<typeof withCanary>[1], routedTo);
}

describe('withCanary', () => {
  const ids = Array.from({ length: 4000 }, (_, at) => `req_${at}`);

  it('sends its share of the requests, of the same words too, and says so', () => {
    const sent = ids.map((one) => routed(one)).filter((one) => one.spoke === 'pets@2');
    expect(sent.length / ids.length).toBeGreaterThan(0.04);
    expect(sent.length / ids.length).toBeLessThan(0.06);
    expect(sent[0]?.chosen.spoke).toBe('pets@2');
    expect(sent[0]?.reasons[0]).toContain('pets@2 is on trial and answers 5 % of the requests');
  });

  it('is checked as the live version is before it answers', () => {
    const plan = { first: 'pets', next: 'large', second: 'small', threshold: 0.8 };
    const planned = { ...decision, plan } as unknown as RouteDecision;
    const sent = ids.map((one) => routed(one, undefined, ['pets', 'pets@2'], planned));
    const tried = sent.find((one) => one.spoke === 'pets@2');
    expect(tried?.plan).toEqual({ ...plan, first: 'pets@2' });
    expect(sent.find((one) => one.spoke === 'pets')?.plan).toEqual(plan);
  });

  it('keeps a session on its version', () => {
    expect(new Set(ids.map((one) => routed(one, 'session-7').spoke)).size).toBe(1);
  });

  it('goes nowhere that the caller may not go', () => {
    expect(ids.every((one) => routed(one, undefined, ['pets']) === decision)).toBe(true);
  });
});
