/** Part of the weight that a request has left after one more: half of it after 35 requests. */
const DECAY = 0.98;
/** Shares below this are forgotten: not asked for in the last 230 requests. */
const LEAST_SHARE = 0.0002;
const MOST_KNOWN = 512;

/** How large a part of the latest requests each adapter had. */
export class Heat {
  readonly #seen = new Map<string, { readonly sum: number; readonly turn: number }>();
  #turn = 0;

  note(key: string): void {
    this.#turn += 1;
    this.#seen.set(key, { sum: this.#sumOf(key) + 1, turn: this.#turn });
    if (this.#seen.size > MOST_KNOWN)
      for (const known of this.#seen.keys())
        if (this.shareOf(known) < LEAST_SHARE) this.#seen.delete(known);
  }

  /** 0 … 1. */
  shareOf(key: string): number {
    return (1 - DECAY) * this.#sumOf(key);
  }

  #sumOf(key: string): number {
    const seen = this.#seen.get(key);
    return seen === undefined ? 0 : seen.sum * DECAY ** (this.#turn - seen.turn);
  }
}
