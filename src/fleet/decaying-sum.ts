/** A sum whose parts fade: after `timeMs` each counts 1/e of what it did. */
export class DecayingSum {
  readonly #timeMs: number;
  #sum = 0;
  #at = 0;

  constructor(timeMs: number) {
    this.#timeMs = timeMs;
  }

  add(now: number, amount: number): void {
    this.#sum = this.at(now) + amount;
    this.#at = now;
  }

  at(now: number): number {
    return this.#sum * Math.exp((this.#at - now) / this.#timeMs);
  }

  /** Amount per millisecond. */
  rate(now: number): number {
    return this.at(now) / this.#timeMs;
  }
}
