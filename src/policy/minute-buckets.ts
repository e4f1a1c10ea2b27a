import type { Allowance } from '../core/rate.ts';

const MINUTE_MS = 60_000;

/** What is left and when that was right; debts are below 0. */
export interface Bucket {
  readonly left: number;
  readonly at: number;
}

/**
 * Token buckets of one kind, one per key: a minute's worth at once, then as fast as it comes back.
 * A clock that goes back gives nothing back. Bounded: the key unused for longest is forgotten.
 */
export class MinuteBuckets {
  readonly #now: () => number;
  readonly #most: number;
  /** The youngest last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number, most: number) {
    this.#now = now;
    this.#most = most;
  }

  /** Takes `amount`, or a full bucket where it is more; undefined when that is not there. */
  take(key: string, limit: number, amount: number): number | undefined {
    const taken = Math.min(amount, capacityOf(limit));
    const { left } = this.#look(key, limit);
    // A little less than 1 may be left of sums of fractions.
    const isThere = left + 1e-9 >= taken;
    this.#put(key, isThere ? left - taken : left);
    return isThere ? taken : undefined;
  }

  /** Gives back (or, below 0, takes what may become a debt). */
  give(key: string, limit: number, amount: number): void {
    const { left } = this.#look(key, limit);
    this.#put(key, Math.min(capacityOf(limit), left + amount));
  }

  standing(key: string, limit: number): Allowance {
    const { left } = this.#look(key, limit);
    const missing = capacityOf(limit) - left;
    return {
      limit,
      remaining: Math.max(0, Math.floor(left + 1e-9)),
      resetMs: limit > 0 ? Math.max(0, Math.ceil((missing * MINUTE_MS) / limit)) : MINUTE_MS,
    };
  }

  /** Whole seconds, at least 1, until `amount` can be taken. */
  waitSeconds(key: string, limit: number, amount: number): number {
    if (!(limit > 0)) return MINUTE_MS / 1000;
    const missing = Math.min(amount, capacityOf(limit)) - this.#look(key, limit).left;
    return Math.max(1, Math.ceil((missing * MINUTE_MS) / limit / 1000));
  }

  entries(): IterableIterator<[string, Bucket]> {
    return this.#buckets.entries();
  }

  restore(key: string, bucket: Bucket): void {
    this.#buckets.set(key, bucket);
    this.#forget();
  }

  #look(key: string, limit: number): Bucket {
    const at = this.#now();
    const known = this.#buckets.get(key);
    const capacity = capacityOf(limit);
    if (known === undefined) return { left: capacity, at };
    const back = (Math.max(0, at - known.at) * Math.max(0, limit)) / MINUTE_MS;
    return { left: Math.min(capacity, known.left + back), at: Math.max(at, known.at) };
  }

  #put(key: string, left: number): void {
    const at = Math.max(this.#now(), this.#buckets.get(key)?.at ?? Number.NEGATIVE_INFINITY);
    // Put in anew, the key is the youngest of the map's order.
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, at });
    this.#forget();
  }

  #forget(): void {
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#most) return;
      this.#buckets.delete(key);
    }
  }
}

/** A limit below one a minute lets one through at a time; one that is no number lets none. */
function capacityOf(limit: number): number {
  return limit > 0 ? Math.max(1, limit) : 0;
}
