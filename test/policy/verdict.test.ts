import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import { parseConfig } from '../../src/core/config.ts';
import { isCleared, LABELS } from '../../src/core/label.ts';
import { judgeRequest } from '../../src/policy/verdict.ts';

const REQUEST: ChatRequest = {
  model: 'auto',
  messages: [{ role: 'user', content: textPart('hello') }],
  sampling: {},
};

function configWith(destinations: readonly { id: string; clearance?: string }[]) {
  return parseConfig({
    destinations: destinations.map((one) => ({ kind: 'openai', url: 'https://a.example', ...one })),
  });
}

describe('the verdict', () => {
  it('allows this machine always and another one as its clearance covers the label', () => {
    const destinations = LABELS.map((clearance) => ({ id: `for-${clearance}`, clearance }));
    const config = configWith(destinations);
    fc.assert(
      fc.property(fc.constantFrom(...LABELS), (declared) => {
        const verdict = judgeRequest({ request: REQUEST, declared, config });
        const [local, ...remote] = verdict.destinations;
        expect(local).toMatchObject({ destination: 'local', allowed: true });
        for (const [index, one] of remote.entries())
          expect(one.allowed).toBe(isCleared(LABELS[index] ?? 'public', verdict.label));
      }),
    );
  });

  it('keeps internal data from a destination without a clearance of its own', () => {
    const verdict = judgeRequest({ request: REQUEST, config: configWith([{ id: 'cloud' }]) });
    expect(verdict.destinations[1]).toEqual({
      destination: 'cloud',
      allowed: false,
      reason: 'cleared for public only, the request is internal',
    });
  });

  it('refuses names that are this machine’s or not unique', () => {
    const config = configWith([
      { id: 'local', clearance: 'secret' },
      { id: 'twin', clearance: 'secret' },
      { id: 'twin', clearance: 'secret' },
    ]);
    const { destinations } = judgeRequest({ request: REQUEST, config });
    expect(destinations.map((one) => one.allowed)).toEqual([true, false, false, false]);
  });

  it('refuses a clearance that is no label', () => {
    const config = configWith([{ id: 'cloud', clearance: 'public' }]);
    const broken = config.destinations.map((one) => ({ ...one, clearance: 'all' as 'public' }));
    const verdict = judgeRequest({
      request: REQUEST,
      declared: 'public',
      config: { ...config, destinations: broken },
    });
    expect(verdict.destinations[1]?.allowed).toBe(false);
  });

  it('counts a request that cannot be read as secret', () => {
    const broken = { ...REQUEST, messages: [{ role: 'user' }] } as unknown as ChatRequest;
    const config = configWith([{ id: 'cloud', clearance: 'personal' }]);
    const verdict = judgeRequest({ request: broken, config });
    expect(verdict.label).toBe('secret');
    expect(verdict.destinations.map((one) => one.allowed)).toEqual([true, false]);
  });
});
