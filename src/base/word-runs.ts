import { textNumber } from './shingles.ts';

/** Length of the runs by which GPT-3's authors told contamination (Brown et al., NeurIPS 2020, appendix C). */
export const RUN_WORDS = 13;

/** The numbers of all runs of 13 words; none of a shorter text. */
export function* wordRuns(words: readonly string[]): Generator<number> {
  for (let start = 0; start + RUN_WORDS <= words.length; start += 1)
    yield textNumber(words.slice(start, start + RUN_WORDS).join(' '));
}

/** A set of numbers that is made once and then asked: 8 bytes each. */
export class NumberSet {
  #values = new Float64Array(1024);
  #count = 0;
  #isSorted = true;
  readonly #most: number;
  /** Numbers that there was no room for. */
  left = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(value: number): void {
    if (this.#count >= this.#most) {
      this.left += 1;
      return;
    }
    if (this.#count === this.#values.length) {
      const values = this.#values;
      this.#values = new Float64Array(values.length * 2);
      this.#values.set(values);
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#isSorted = false;
  }

  has(value: number): boolean {
    if (!this.#isSorted) this.#values.subarray(0, this.#count).sort();
    this.#isSorted = true;
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#values[middle] as number;
      if (found === value) return true;
      if (found < value) low = middle + 1;
      else high = middle;
    }
    return false;
  }
}
