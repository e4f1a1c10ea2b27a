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
    const size = this.#places.length;
    if (size < this.#count) {
      if (!(score > this.threshold)) return;
      this.#places.push(place);
      this.#scores.push(score);
      this.#siftUp(size);
      if (size + 1 === this.#count) this.threshold = this.#scores[0] ?? this.threshold;
      return;
    }
    const isBetter =
      score > this.threshold || (score === this.threshold && place < (this.#places[0] ?? -1));
    if (!isBetter) return;
    this.#places[0] = place;
    this.#scores[0] = score;
    this.#siftDown();
    this.threshold = this.#scores[0] ?? this.threshold;
  }

  /** Greatest first. */
  ranked(): ScoredPlace[] {
    return this.#places
      .map((place, index) => ({ place, score: this.#scores[index] ?? 0 }))
      .sort((left, right) => right.score - left.score || left.place - right.place);
  }

  #isWorse(left: number, right: number): boolean {
    const difference = (this.#scores[left] ?? 0) - (this.#scores[right] ?? 0);
    return (
      difference < 0 || (difference === 0 && (this.#places[left] ?? 0) > (this.#places[right] ?? 0))
    );
  }

  #siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isWorse(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #siftDown(): void {
    const size = this.#places.length;
    let index = 0;
    for (;;) {
      let worst = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < size && this.#isWorse(child, worst)) worst = child;
      if (worst === index) return;
      this.#swap(index, worst);
      index = worst;
    }
  }

  #swap(left: number, right: number): void {
    for (const list of [this.#places, this.#scores]) {
      const kept = list[left] ?? 0;
      list[left] = list[right] ?? 0;
      list[right] = kept;
    }
  }
}

/** Places of the `count` greatest scores above `floor`, greatest first; ties by lower place. */
export function topPlaces(scores: Float32Array, count: number, floor: number): number[] {
  const best = new TopList(count, floor);
  for (let place = 0; place < scores.length; place += 1) {
    const score = scores[place] ?? 0;
    if (score > best.threshold) best.offer(place, score);
  }
  return best.ranked().map((one) => one.place);
}
