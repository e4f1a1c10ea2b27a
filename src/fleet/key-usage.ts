import { DecayingSum } from './decaying-sum.ts';

const MEMORY_MS = 60_000;
/** Keys that are remembered; who had nothing for long is forgotten first. */
const MOST_KEYS = 1000;

/** How much service each key had lately, so that those who had least go first. */
export class KeyUsage {
  readonly #sums = new Map<string, DecayingSum>();

  note(key: string, now: number, serviceMs: number): void {
    const sum = this.#sums.get(key) ?? new DecayingSum(MEMORY_MS);
    sum.add(now, serviceMs);
    this.#sums.delete(key);
    this.#sums.set(key, sum);
    const oldest = this.#sums.keys().next().value;
    if (this.#sums.size > MOST_KEYS && oldest !== undefined) this.#sums.delete(oldest);
  }

  /** Milliseconds of service, those of a minute ago counting 1/e. */
  of(key: string, now: number): number {
    return this.#sums.get(key)?.at(now) ?? 0;
  }
}
