import type { Caller } from '../core/call.ts';

export type RateAnswer =
  | { readonly allowed: true }
  /** `retryAfter` in whole seconds, at least 1. */
  | { readonly allowed: false; readonly retryAfter: number };

export interface RateLimiter {
  /** Takes one request from what the caller has left. */
  take(caller: Pick<Caller, 'key' | 'rateLimit'>): RateAnswer;
}

interface Bucket {
  /** Requests left, with fractions. */
  left: number;
  /** When `left` was right. */
  at: number;
}

const MINUTE_MS = 60_000;
/** Keys whose buckets are remembered; the one unused for longest is forgotten first. */
const BUCKETS_MAX = 10_000;

/**
 * A token bucket per key: a minute's requests at once, then as fast as they come back. `now` in
 * milliseconds; a clock that goes back gives nothing back.
 */
export function createRateLimiter(options: {
  readonly now: () => number;
  readonly bucketsMax?: number;
}): RateLimiter {
  const { now, bucketsMax = BUCKETS_MAX } = options;
  const buckets = new Map<string, Bucket>();
  return {
    take({ key, rateLimit }) {
      if (rateLimit === undefined) return { allowed: true };
      if (!(rateLimit > 0)) return { allowed: false, retryAfter: MINUTE_MS / 1000 };
      const time = now();
      const capacity = Math.max(1, rateLimit);
      const known = buckets.get(key) ?? { left: capacity, at: time };
      const back = (Math.max(0, time - known.at) * rateLimit) / MINUTE_MS;
      const left = Math.min(capacity, known.left + back);
      const allowed = left >= 1;
      // Put in anew, the key is the youngest of the map's order.
      buckets.delete(key);
      buckets.set(key, { left: allowed ? left - 1 : left, at: Math.max(time, known.at) });
      forgetOldest(buckets, bucketsMax);
      if (allowed) return { allowed };
      const wait = ((1 - left) * MINUTE_MS) / rateLimit;
      return { allowed, retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
    },
  };
}

function forgetOldest(buckets: Map<string, Bucket>, most: number): void {
  for (const key of buckets.keys()) {
    if (buckets.size <= most) return;
    buckets.delete(key);
  }
}
