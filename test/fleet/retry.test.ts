import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { FAULT_TABLE, type Fault } from '../../src/core/fault.ts';
import { FirstTokens } from '../../src/fleet/first-tokens.ts';
import { planRetry, RetryBudget, type RetryWish } from '../../src/fleet/retry.ts';

const destination = parseConfig({
  destinations: [{ id: 'vendor', kind: 'openai', url: 'http://127.0.0.1:9/v1' }],
}).destinations[0];
if (destination === undefined) throw new Error('no destination');
const { retry } = destination;

function plan(wish: Partial<RetryWish>) {
  return planRetry(
    {
      fault: 'server-error',
      repeats: 0,
      retryAfterMs: undefined,
      leftMs: 60_000,
      hasFallback: false,
      random: 0.5,
      ...wish,
    },
    retry,
  );
}

const faults = Object.keys(FAULT_TABLE) as Fault[];

describe('asking the same model again', () => {
  it('backs off: uniform in 0 … first × 2^repeats, at most the longest', () => {
    expect(plan({ random: 0 })).toEqual({ waitMs: 0, why: 'backoff' });
    expect(plan({ random: 0.5 })).toEqual({ waitMs: 250, why: 'backoff' });
    expect(plan({ random: 0.5, repeats: 1 })).toEqual({ waitMs: 500, why: 'backoff' });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(40), (random, repeats) => {
        const wish = { fault: 'cut', repeats, leftMs: 1e9, hasFallback: true, random } as const;
        const answer = planRetry({ ...wish, retryAfterMs: undefined }, { ...retry, most: 100 });
        const most = Math.min(retry.longestSeconds, retry.firstSeconds * 2 ** repeats) * 1000;
        expect(answer).toMatchObject({ waitMs: random * most });
      }),
    );
  });

  it('waits as long as the server says, never shorter', () => {
    expect(plan({ fault: 'rate-limited', retryAfterMs: 2000, random: 0 })).toEqual({
      waitMs: 2000,
      why: 'retry-after',
    });
    expect(plan({ retryAfterMs: 2000, random: 0.5 })).toEqual({
      waitMs: 2100,
      why: 'retry-after',
    });
  });

  it('waits up to the deadline, or goes elsewhere when that is soon', () => {
    expect(plan({ retryAfterMs: 50_000, random: 0 })).toMatchObject({ waitMs: 50_000 });
    expect(plan({ retryAfterMs: 50_000, hasFallback: true })).toEqual({
      refused: 'it wants to be left alone for 50 s',
    });
    expect(plan({ retryAfterMs: 61_000 })).toHaveProperty('refused');
    expect(plan({ leftMs: 10 })).toHaveProperty('refused');
  });

  it('stops after the most repetitions', () => {
    expect(plan({ repeats: 2 })).toEqual({ refused: 'it was asked 3 times' });
  });

  it('is refused for faults that it cannot cure', () => {
    const cured = faults.filter((fault) => 'waitMs' in plan({ fault }));
    expect(cured.toSorted()).toEqual([
      'cut',
      'malformed',
      'overloaded',
      'rate-limited',
      'server-error',
      'unreachable',
    ]);
  });

  it('never goes elsewhere in silence with what the server says of the request itself', () => {
    const kept = faults.filter((fault) => FAULT_TABLE[fault].elsewhere === false);
    expect(kept.toSorted()).toEqual(['content-filter', 'refused']);
    expect(FAULT_TABLE['context-length'].elsewhere).toBe('larger');
  });
});

describe('the budget of repetitions', () => {
  it('holds whatever callers do: reserve + share × requests', () => {
    const steps = fc.array(fc.boolean(), { maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.nat(10), fc.constantFrom(0, 0.1, 0.2, 0.5), (moves, reserve, share) => {
        const budget = new RetryBudget({ share, reserve });
        let requests = 0;
        let repeats = 0;
        for (const isRequest of moves) {
          if (isRequest) {
            requests += 1;
            budget.earn();
          } else if (budget.spend()) repeats += 1;
          expect(repeats).toBeLessThanOrEqual(reserve + share * requests + 1e-6);
        }
      }),
    );
  });

  it('gives a whole repetition for five requests at a fifth each', () => {
    const budget = new RetryBudget({ share: 0.2, reserve: 1 });
    expect([budget.spend(), budget.spend()]).toEqual([true, false]);
    for (let count = 0; count < 5; count += 1) budget.earn();
    expect([budget.spend(), budget.spend()]).toEqual([true, false]);
  });
});

describe('how soon answers begin', () => {
  it('is unknown before twenty, then the 95th percentile of the last 128', () => {
    const seen = new FirstTokens();
    for (let count = 1; count < 20; count += 1) seen.add(count);
    expect(seen.p95).toBeUndefined();
    seen.add(20);
    expect(seen.p95).toBe(19);
    for (let count = 0; count < 128; count += 1) seen.add(7);
    expect(seen.p95).toBe(7);
  });
});
