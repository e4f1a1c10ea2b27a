export interface ScoredPlace {
  readonly place: number;
  readonly score: number;
}

/**
 * Keeps the `count` greatest of the scores that are offered, ties by lower place. A heap whose root
 * is the worst, so that a better one can take its seat.
 */
export class TopList {
  readonly #count: number;
  readonly #places: number[] = [];
  readonly #scores: number[] = [];
  /** A score must be above it to enter (or equal to it with a lower place, once the list is full). */
  threshold: number;

  /** Only scores above `floor` enter. */
  constructor(count: number, floor: number) {
    this.#count = count;
    this.threshold = count > 0 ? floor : Number.POSITIVE_INFINITY;
  }

  offer(place: number, score: number): void {
    if (!(score >= this.threshold)) return;
    const size = this.#places.length;
    if (size < this.#count) {
      if (score === this.threshold) return;
      this.#rise(size, place, score);
      if (size + 1 < this.#count) return;
    } else {
      if (score === this.threshold && place > (this.#places[0] as number)) return;
      this.#sink(place, score);
    }
    this.threshold = this.#scores[0] as number;
  }

  /** Greatest first. */
  ranked(): ScoredPlace[] {
    return this.#places
      .map((place, index) => ({ place, score: this.#scores[index] as number }))
      .sort((left, right) => right.score - left.score || left.place - right.place);
  }

  /** Whether the one at `index` ranks behind such a one. */
  #isWorse(index: number, place: number, score: number): boolean {
    const own = this.#scores[index] as number;
    return own < score || (own === score && (this.#places[index] as number) > place);
  }

  #put(index: number, place: number, score: number): void {
    this.#places[index] = place;
    this.#scores[index] = score;
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#places[from] as number, this.#scores[from] as number);
  }

  /** Puts one in at the end, and better ones of its parents below it. */
  #rise(from: number, place: number, score: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#isWorse(parent, place, score)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#put(index, place, score);
  }

  /** Puts one in the place of the worst, and worse ones of its children above it. */
  #sink(place: number, score: number): void {
    const size = this.#places.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      const other = child + 1;
      const isOther =
        other < size &&
        this.#isWorse(other, this.#places[child] as number, this.#scores[child] as number);
      if (isOther) child = other;
      if (!this.#isWorse(child, place, score)) break;
      this.#move(child, index);
      index = child;
    }
    this.#put(index, place, score);
  }
}
