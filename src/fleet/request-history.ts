import { DecayingSum } from './decaying-sum.ts';

/** Longer gaps count as this long: a model that nobody wants for an hour is cold. */
const HORIZON_MS = 3_600_000;
/** Gaps are counted in classes, each √10 times as long as the one before. */
const CLASSES = 14;
const CLASS_FACTOR = Math.sqrt(10);
/** Upper end of the first class. */
const FIRST_MS = 30;
/** What a gap counts after one more gap. */
const FADING = 0.97;
/** Memory of the mean rate. */
const RATE_MS = 1_200_000;
/** Gaps that the mean rate stands for, where few were seen. */
const RATE_WEIGHT = 1;

/**
 * When a model will be asked next, from the gaps between its requests. Classes of gaps instead of a
 * mean tell bursts (short gaps, then none for long), a steady stream and a clockwork apart. Counting
 * by age is LHD's idea (Beckmann, Chen, Cidon, NSDI 2018, §4); what is predicted is the time to the
 * next request, by which Belady's rule orders. A rate alone does not see that agents
 * alternate, recency alone not that demand is steady.
 */
export class RequestHistory {
  readonly #counts = new Float64Array(CLASSES);
  readonly #sums = new Float64Array(CLASSES);
  readonly #rate = new DecayingSum(RATE_MS);
  #lastAt: number | undefined;

  get isEmpty(): boolean {
    return this.#lastAt === undefined;
  }

  note(now: number): void {
    const last = this.#lastAt;
    this.#lastAt = now;
    this.#rate.add(now, 1);
    if (last === undefined) return;
    const gap = Math.min(HORIZON_MS, Math.max(1, now - last));
    for (let index = 0; index < CLASSES; index += 1) {
      this.#counts[index] = (this.#counts[index] ?? 0) * FADING;
      this.#sums[index] = (this.#sums[index] ?? 0) * FADING;
    }
    const place = classOf(gap);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sums[place] = (this.#sums[place] ?? 0) + gap;
  }

  /** Predicted requests per millisecond from now on: 1 ÷ expected time to the next one; > 0. */
  reuse(now: number): number {
    const age = this.#lastAt === undefined ? 0 : Math.max(0, now - this.#lastAt);
    let weight = RATE_WEIGHT;
    let left = RATE_WEIGHT * Math.min(HORIZON_MS, (1 + age / RATE_MS) / this.#rate.rate(now));
    for (let index = classOf(age); index < CLASSES; index += 1) {
      const count = this.#counts[index] ?? 0;
      if (count === 0) continue;
      const mean = (this.#sums[index] ?? 0) / count;
      if (mean <= age) continue;
      weight += count;
      left += count * (mean - age);
    }
    // Nothing is expected sooner than it has been waited for already: bursts end (Lindy's law).
    return 1 / Math.max(left / weight, age, 1);
  }
}

function classOf(gap: number): number {
  const place = Math.ceil(Math.log(gap / FIRST_MS) / Math.log(CLASS_FACTOR));
  return Math.min(CLASSES - 1, Math.max(0, place));
}
