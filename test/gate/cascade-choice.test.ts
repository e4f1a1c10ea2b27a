import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CheckPower } from '../../src/core/answer-checker.ts';
import { REFERENCE_ONLY } from '../../src/gate/calibration-set.ts';
import { makeCertificate } from '../../src/gate/certificate.ts';
import { REST } from '../../src/gate/certify.ts';
import type { GateInput } from '../../src/gate/route.ts';
import { ask, chosen, general, spoke } from './farm.ts';

const checks: CheckPower = {
  tasks: {},
  rest: 2.5,
  shared: 0.4,
  agreeing: { right: 0.8, wrong: 0.2 },
};
const small = spoke('small', {
  modelId: 'qwen2.5-coder-0.5b-instruct-q4_k_m',
  secondsPerPromptToken: 0.001,
  secondsPerToken: 0.004,
});
const tiny = spoke('tiny', {
  modelId: 'smollm2-135m-instruct-q4_1',
  secondsPerPromptToken: 0.0005,
  secondsPerToken: 0.002,
});
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const CERTIFICATE = makeCertificate(
  {
    promise: { alpha: 0.05, delta: 0.1 },
    slices: [
      {
        slice: REST,
        rows: 100,
        tally: { whole: 80, lost: 0 },
        delta: 0.1,
        bound: 0,
        threshold: REFERENCE_ONLY,
        keptCheap: 0,
        perThousand: 1,
        missing: 200,
      },
    ],
    reference: 'general',
    models: ['small', 'general'],
    gate: hash('gate'),
    data: hash('data'),
    madeAt: 0,
    expiresAt: 1e13,
    code: '0.1.0',
  },
  hash,
);
const REQUEST = ask('Sort these lines alphabetically.\n\npear\napple');

function decide(change: Partial<GateInput> = {}, request = REQUEST) {
  return chosen(request, { spokes: [small, general], promise: 0.7, checks, ...change });
}

describe('a planned cascade', () => {
  it('is chosen where the checks make it worth it, with the plan in words', () => {
    const decision = decide();
    expect(decision).toMatchObject({ spoke: 'small', cascade: ['general'] });
    expect(decision.plan).toMatchObject({ first: 'small', next: 'general' });
    expect(decision.reasons[0]).toMatch(
      /^ask `small` first; if P\(right\) < 0\.\d\d after its checks, then `general`: expected \d+\.\d s instead of \d+\.\d s$/,
    );
  });

  it('may ask another small model that is loaded for its opinion', () => {
    expect(decide({ spokes: [tiny, small, general] }).plan?.second).toBeDefined();
    const cold = { ...tiny, resident: false, loadSeconds: 0.01 };
    expect(decide({ spokes: [cold, small, general] }).plan?.second).toBeUndefined();
  });

  it('is none for an answer that is shown as it comes', () => {
    const { checks: _, ...open } = { spokes: [small, general], promise: 0.7, checks };
    expect(chosen(REQUEST, open).plan).toBeUndefined();
  });

  const tool = { name: 'look', description: 'looks', parameters: {} };
  it.each<[string, Partial<GateInput>, ReturnType<typeof ask>?]>([
    [
      'tools',
      { spokes: [small, general].map((one) => ({ ...one, tools: true })) },
      { ...REQUEST, tools: [tool] },
    ],
    ['several choices', {}, { ...REQUEST, choiceCount: 2 }],
    ['a wish for the best', { promise: 1 }],
    ['checks that tell nothing', { checks: { ...checks, rest: 0 } }],
    ['a session that stays where it is', { pinned: { spoke: 'general', why: 'session' } }],
    ['a gate whose promise is not in force', { safeSpoke: 'general' }],
  ])('is none for %s', (_, change, request) => {
    expect(decide(change, request).plan).toBeUndefined();
  });

  it('never stands in for a certified choice: that was measured on spokes that are asked at once', () => {
    const decision = decide({ certificate: CERTIFICATE });
    expect(decision.certified).toBeDefined();
    expect(decision).toMatchObject({ spoke: 'general' });
    expect(decision.plan).toBeUndefined();
  });
});
