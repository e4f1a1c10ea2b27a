/** Answers that are remembered per model. */
const WINDOW = 128;
/** Fewer say nothing about a tail. */
const LEAST = 20;

/** How long a model's last answers took to begin. */
export class FirstTokens {
  readonly #ms: number[] = [];
  #next = 0;

  add(ms: number): void {
    this.#ms[this.#next] = ms;
    this.#next = (this.#next + 1) % WINDOW;
  }

  /** Milliseconds within which 95 % began; undefined before 20 were seen. */
  get p95(): number | undefined {
    if (this.#ms.length < LEAST) return undefined;
    const sorted = this.#ms.toSorted((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.95) - 1];
  }
}
