import type { Caller } from '../core/call.ts';
import type { RateAnswer, RateStanding } from '../core/rate.ts';
import { type Bucket, MinuteBuckets } from './minute-buckets.ts';

export type LimitedCaller = Pick<Caller, 'key' | 'rateLimit' | 'tokenLimit'>;

/** What outlives a restart. */
export interface RateMemory {
  readonly requests: readonly (readonly [string, Bucket])[];
  readonly tokens: readonly (readonly [string, Bucket])[];
}

export interface RateLimiter {
  /** Takes one request. A key whose tokens are in debt is refused too, before its body is read. */
  take(caller: LimitedCaller): RateAnswer;
  /**
   * Sets tokens aside for a request until it is settled. One that wants more than a minute's worth
   * takes a full minute's; what it really uses becomes a debt that is paid off before the next.
   */
  reserve(caller: LimitedCaller, id: string, tokens: number): RateAnswer;
  /** Lets another request use what was set aside for `id` too: it is settled when both are. */
  share(id: string, other: string): void;
  /** Replaces what was set aside by what was used; the first call counts, others change nothing. */
  settle(id: string, used: number): void;
  /** Undefined for a key without limits. */
  standing(caller: LimitedCaller): RateStanding | undefined;
  remember(): RateMemory;
  /** `ago`: milliseconds since the memory was taken, which count as time that has passed. */
  restore(memory: RateMemory, ago: number): void;
}

/** Keys whose buckets are remembered; the one unused for longest is forgotten first. */
const BUCKETS_MAX = 10_000;
const UNLIMITED: RateAnswer = { allowed: true, standing: {} };

interface Hold {
  readonly key: string;
  readonly limit: number;
  readonly amount: number;
  /** Requests that may still use it, and what those before them used. */
  users: number;
  used: number;
}

/** Limits per key and minute, by requests and by tokens. `now` in milliseconds. */
export function createRateLimiter(options: {
  readonly now: () => number;
  readonly bucketsMax?: number;
}): RateLimiter {
  return new BucketLimiter(options.now, options.bucketsMax ?? BUCKETS_MAX);
}

class BucketLimiter implements RateLimiter {
  readonly #now: () => number;
  readonly #requests: MinuteBuckets;
  readonly #tokens: MinuteBuckets;
  /** By request; as many as requests run. */
  readonly #holds = new Map<string, Hold>();

  constructor(now: () => number, most: number) {
    this.#now = now;
    this.#requests = new MinuteBuckets(now, most);
    this.#tokens = new MinuteBuckets(now, most);
  }

  take(caller: LimitedCaller): RateAnswer {
    const { key, rateLimit, tokenLimit } = caller;
    if (rateLimit === undefined && tokenLimit === undefined) return UNLIMITED;
    if (tokenLimit !== undefined && this.#tokens.standing(key, tokenLimit).remaining < 1)
      return this.#refusal(caller, 'tokens', this.#tokens.waitSeconds(key, tokenLimit, 1));
    if (rateLimit !== undefined && !this.#canTakeRequest(key, rateLimit))
      return this.#refusal(caller, 'requests', this.#requests.waitSeconds(key, rateLimit, 1));
    return { allowed: true, standing: this.standing(caller) ?? {} };
  }

  reserve(caller: LimitedCaller, id: string, tokens: number): RateAnswer {
    const { key, tokenLimit } = caller;
    if (tokenLimit === undefined) return { allowed: true, standing: this.standing(caller) ?? {} };
    const amount = this.#tokens.take(key, tokenLimit, tokens);
    if (amount === undefined)
      return this.#refusal(caller, 'tokens', this.#tokens.waitSeconds(key, tokenLimit, tokens));
    this.#holds.set(id, { key, limit: tokenLimit, amount, users: 1, used: 0 });
    return { allowed: true, standing: this.standing(caller) ?? {} };
  }

  share(id: string, other: string): void {
    const hold = this.#holds.get(id);
    if (hold === undefined || this.#holds.has(other)) return;
    hold.users += 1;
    this.#holds.set(other, hold);
  }

  settle(id: string, used: number): void {
    const hold = this.#holds.get(id);
    if (hold === undefined) return;
    this.#holds.delete(id);
    hold.users -= 1;
    hold.used += used;
    if (hold.users === 0) this.#tokens.give(hold.key, hold.limit, hold.amount - hold.used);
  }

  standing({ key, rateLimit, tokenLimit }: LimitedCaller): RateStanding | undefined {
    if (rateLimit === undefined && tokenLimit === undefined) return undefined;
    return {
      ...(rateLimit === undefined ? {} : { requests: this.#requests.standing(key, rateLimit) }),
      ...(tokenLimit === undefined ? {} : { tokens: this.#tokens.standing(key, tokenLimit) }),
    };
  }

  remember(): RateMemory {
    return { requests: [...this.#requests.entries()], tokens: [...this.#tokens.entries()] };
  }

  restore(memory: RateMemory, ago: number): void {
    const at = this.#now() - Math.max(0, ago);
    for (const [key, { left }] of memory.requests) this.#requests.restore(key, { left, at });
    for (const [key, { left }] of memory.tokens) this.#tokens.restore(key, { left, at });
  }

  #canTakeRequest(key: string, limit: number): boolean {
    return limit > 0 && this.#requests.take(key, limit, 1) !== undefined;
  }

  #refusal(caller: LimitedCaller, lacks: 'requests' | 'tokens', retryAfter: number): RateAnswer {
    return { allowed: false, lacks, retryAfter, standing: this.standing(caller) ?? {} };
  }
}
