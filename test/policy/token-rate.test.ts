import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/policy/rate.ts';

const KEY = { key: 'a', tokenLimit: 600 };

describe('tokens per minute', () => {
  it('are set aside before and settled after', () => {
    let time = 0;
    const limiter = createRateLimiter({ now: () => time });
    expect(limiter.reserve(KEY, 'r1', 400)).toMatchObject({
      allowed: true,
      standing: { tokens: { limit: 600, remaining: 200, resetMs: 40_000 } },
    });
    expect(limiter.reserve(KEY, 'r2', 300)).toMatchObject({
      allowed: false,
      lacks: 'tokens',
      retryAfter: 10,
    });
    limiter.settle('r1', 100);
    limiter.settle('r1', 0);
    expect(limiter.standing(KEY)?.tokens?.remaining).toBe(500);
    time = 10_000;
    expect(limiter.standing(KEY)?.tokens).toEqual({ limit: 600, remaining: 600, resetMs: 0 });
  });

  it('let a request through that is larger than a minute’s worth, and then wait for its debt', () => {
    let time = 0;
    const limiter = createRateLimiter({ now: () => time });
    expect(limiter.reserve(KEY, 'big', 5000).allowed).toBe(true);
    limiter.settle('big', 1200);
    expect(limiter.take(KEY)).toMatchObject({ allowed: false, lacks: 'tokens', retryAfter: 61 });
    time = 61_000;
    expect(limiter.take(KEY).allowed).toBe(true);
  });

  it('are shared by requests that do one work, and given back when the last is settled', () => {
    const limiter = createRateLimiter({ now: () => 0 });
    limiter.reserve(KEY, 'first', 400);
    limiter.share('first', 'second');
    limiter.settle('first', 0);
    expect(limiter.standing(KEY)?.tokens?.remaining).toBe(200);
    limiter.settle('second', 350);
    limiter.settle('second', 0);
    expect(limiter.standing(KEY)?.tokens?.remaining).toBe(250);
  });

  it('cost a key without limits nothing, not even a bucket', () => {
    const limiter = createRateLimiter({ now: () => 0 });
    limiter.take({ key: 'free' });
    limiter.reserve({ key: 'free' }, 'r1', 1e9);
    limiter.settle('r1', 1e9);
    expect(limiter.remember()).toEqual({ requests: [], tokens: [] });
    expect(limiter.standing({ key: 'free' })).toBeUndefined();
  });

  it('are remembered over a restart, with the time that passed', () => {
    const before = createRateLimiter({ now: () => 5000 });
    before.reserve(KEY, 'r1', 600);
    before.settle('r1', 600);
    const after = createRateLimiter({ now: () => 70 });
    after.restore(JSON.parse(JSON.stringify(before.remember())), 30_000);
    expect(after.standing(KEY)?.tokens?.remaining).toBe(300);
  });

  it('never let more through than the burst, what came back, and the debt of those that run', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      asked: fc.integer({ min: 1, max: 900 }),
      used: fc.integer({ min: 0, max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let time = 0;
        let used = 0;
        const limiter = createRateLimiter({ now: () => time });
        for (const [index, one] of steps.entries()) {
          time += one.wait;
          if (!limiter.reserve(KEY, `r${index}`, one.asked).allowed) continue;
          // A model cannot use more than was asked for.
          const spent = Math.min(one.used, one.asked);
          limiter.settle(`r${index}`, spent);
          used += spent;
          const overdraft = Math.max(0, spent - KEY.tokenLimit);
          expect(used).toBeLessThanOrEqual(600 + (time * 600) / 60_000 + overdraft + 1e-6);
        }
      }),
    );
  });
});
