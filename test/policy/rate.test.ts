import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/policy/rate.ts';

describe('rate limiter', () => {
  it('gives a minute’s requests at once, then one by one', () => {
    let time = 0;
    const limiter = createRateLimiter({ now: () => time });
    const take = () => limiter.take({ key: 'a', rateLimit: 6 });
    for (let index = 0; index < 6; index += 1) expect(take()).toMatchObject({ allowed: true });
    expect(take()).toMatchObject({ allowed: false, retryAfter: 10 });
    time = 9000;
    expect(take()).toMatchObject({ allowed: false, retryAfter: 1 });
    time = 10_000;
    expect(take()).toMatchObject({ allowed: true });
    expect(take()).toMatchObject({ allowed: false, retryAfter: 10 });
    expect(limiter.take({ key: 'b', rateLimit: 6 }).allowed).toBe(true);
  });

  it('never limits a key without a rate, and gives nothing for a rate that is none', () => {
    const limiter = createRateLimiter({ now: () => 0 });
    for (let index = 0; index < 1000; index += 1)
      expect(limiter.take({ key: 'a' }).allowed).toBe(true);
    for (const rateLimit of [0, -1, Number.NaN])
      expect(limiter.take({ key: 'b', rateLimit }).allowed).toBe(false);
  });

  it('lets through at most the burst and what came back, whatever the clock does', () => {
    const steps = fc.array(fc.integer({ min: -20_000, max: 20_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 100 }), (waits, rateLimit) => {
        let time = 1e6;
        let highest = time;
        const limiter = createRateLimiter({ now: () => time });
        let allowed = limiter.take({ key: 'a', rateLimit }).allowed ? 1 : 0;
        for (const wait of waits) {
          time += wait;
          highest = Math.max(highest, time);
          const answer = limiter.take({ key: 'a', rateLimit });
          if (answer.allowed) allowed += 1;
          else expect(answer.retryAfter).toBeGreaterThanOrEqual(1);
        }
        const cameBack = ((highest - 1e6) * rateLimit) / 60_000;
        expect(allowed).toBeLessThanOrEqual(rateLimit + cameBack + 1e-6);
      }),
    );
  });

  it('allows again after the time that it named', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (rateLimit) => {
        let time = 0;
        const limiter = createRateLimiter({ now: () => time });
        let answer = limiter.take({ key: 'a', rateLimit });
        for (let index = 0; answer.allowed && index < 2000; index += 1)
          answer = limiter.take({ key: 'a', rateLimit });
        if (answer.allowed) throw new Error('the limit was never reached');
        time += answer.retryAfter * 1000;
        expect(limiter.take({ key: 'a', rateLimit }).allowed).toBe(true);
      }),
    );
  });

  it('remembers a bounded number of keys, the youngest', () => {
    const limiter = createRateLimiter({ now: () => 0, bucketsMax: 3 });
    const take = (key: string) => limiter.take({ key, rateLimit: 1 }).allowed;
    for (const key of ['a', 'b', 'c']) expect(take(key)).toBe(true);
    expect(take('a')).toBe(false);
    expect(take('d')).toBe(true);
    expect(take('a')).toBe(false);
    expect(take('b')).toBe(true);
  });
});
