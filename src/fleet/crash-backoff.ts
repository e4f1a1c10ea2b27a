const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A model that answered this long before it stopped starts over with the shortest pause. */
const HEALTHY_MS = 60_000;

/** How long a model that keeps stopping stays down: 0.5 s, doubled each time, at most 30 s. */
export class CrashBackoff {
  #count = 0;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** Stops in a row. */
  get count(): number {
    return this.#count;
  }

  /** `livedMs`: how long the model had been loaded; 0 when loading itself failed. */
  note(now: number, livedMs: number): void {
    this.#count = livedMs >= HEALTHY_MS ? 1 : this.#count + 1;
    this.#retryAt = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#count - 1, 16));
  }

  /** Milliseconds until the next start is allowed; 0 = now. */
  remaining(now: number): number {
    return Math.max(0, this.#retryAt - now);
  }
}
