import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyVerdict } from '../../src/core/decision.ts';
import type { Permit } from '../../src/core/permit.ts';
import { createPermitOffice } from '../../src/policy/permits.ts';

const VERDICT: PolicyVerdict = {
  label: 'internal',
  labelReasons: [],
  destinations: [
    { destination: 'local', allowed: true, reason: 'nothing leaves' },
    { destination: 'cloud', allowed: true, reason: 'cleared' },
    { destination: 'far', allowed: false, reason: 'cleared for public only' },
  ],
};
const WISH = { destination: 'cloud', requestId: 'req_1', budget: 0.5, ttlMs: 1000 };

function office() {
  let time = 5000;
  const permits = createPermitOffice({ now: () => time });
  const wait = (ms: number) => {
    time += ms;
  };
  return { ...permits, wait };
}

describe('permits', () => {
  it('open the destination that they name until they expire', () => {
    const { issue, refusal, wait } = office();
    const permit = issue({ ...WISH, verdict: VERDICT });
    expect(permit).toMatchObject({ label: 'internal', budget: 0.5, expires: 6000 });
    expect(refusal(permit, 'cloud')).toBeUndefined();
    expect(refusal(permit, 'far')).toContain('for cloud');
    wait(999);
    expect(refusal(permit, 'cloud')).toBeUndefined();
    wait(1);
    expect(refusal(permit, 'cloud')).toContain('expired');
  });

  it.each([
    ['a destination that is refused', { destination: 'far' }],
    ['a destination that the verdict does not name', { destination: 'unknown' }],
    ['this machine', { destination: 'local' }],
    ['no budget', { budget: Number.NaN }],
    ['a negative budget', { budget: -1 }],
    ['no time', { ttlMs: 0 }],
    ['time that is no number', { ttlMs: Number.NaN }],
  ])('are not issued for %s', (_, change) => {
    expect(() => office().issue({ ...WISH, ...change, verdict: VERDICT })).toThrow(
      expect.objectContaining({ code: 'egress_refused' }),
    );
  });

  it('are not issued where the verdict contradicts itself', () => {
    const twice = { destination: 'cloud', allowed: false, reason: 'no' };
    const verdict = { ...VERDICT, destinations: [...VERDICT.destinations, twice] };
    expect(() => office().issue({ ...WISH, verdict })).toThrow(/more than once/);
  });

  it('are issued without a verdict for registries and public data only', () => {
    const { issue, refusal } = office();
    const permit = issue({ ...WISH, destination: 'registry:npm', label: 'public' });
    expect(refusal(permit, 'registry:npm')).toBeUndefined();
    expect(() => issue({ ...WISH, destination: 'cloud', label: 'public' })).toThrow(/verdict/);
    expect(() => issue({ ...WISH, destination: 'registry:npm', label: 'internal' })).toThrow();
  });

  it('are issued for a gateway that the operator has checked, for public data and it alone', () => {
    const { issue, refusal } = office();
    const destination = 'gateway:127.0.0.1:8787';
    const permit = issue({ ...WISH, destination, label: 'public' });
    expect(refusal(permit, destination)).toBeUndefined();
    expect(refusal(permit, 'gateway:127.0.0.1:8788')).toContain('not for');
    expect(() => issue({ ...WISH, destination, label: 'personal' })).toThrow();
  });

  it('are void when anything in them was changed or another office made them', () => {
    const { issue, refusal } = office();
    const permit = issue({ ...WISH, verdict: VERDICT });
    const change = fc.oneof(
      fc.record({ destination: fc.string() }),
      fc.record({ label: fc.constantFrom('public', 'personal', 'secret', 'x') }),
      fc.record({ requestId: fc.string() }),
      fc.record({ budget: fc.double() }),
      fc.record({ expires: fc.double() }),
      fc.constant({}),
    );
    fc.assert(
      fc.property(change, (changed) => {
        const forged = { ...permit, ...changed } as Permit;
        expect(refusal(forged, forged.destination)).toBeDefined();
      }),
    );
    expect(office().refusal(permit, 'cloud')).toContain('not issued');
    expect(refusal(undefined, 'cloud')).toBe('there is no permit');
  });

  it('cannot be changed, copied with its class, or made by hand', () => {
    const { issue, refusal } = office();
    const permit = issue({ ...WISH, verdict: VERDICT });
    expect(() => Object.assign(permit, { destination: 'far' })).toThrow(TypeError);
    const copies: Permit[] = [
      structuredClone(permit),
      Object.assign(Object.create(Object.getPrototypeOf(permit)), permit),
      new Proxy(permit, {}),
    ];
    for (const copy of copies) expect(refusal(copy, 'cloud')).toContain('not issued');
    expect(refusal(permit, 'cloud')).toBeUndefined();
  });
});
