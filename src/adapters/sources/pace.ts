import { setTimeout as pause } from 'node:timers/promises';

/** Lets callers pass one after the other, so many per second at most. */
export class Pace {
  #next = 0;
  #gap: number;

  constructor(perSecond: number) {
    this.#gap = 1000 / perSecond;
  }

  /** Seconds that shall lie between two; never makes it faster. */
  slowTo(seconds: number): void {
    this.#gap = Math.max(this.#gap, seconds * 1000);
  }

  async pass(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gap;
    if (at > now) await pause(at - now, undefined, { signal });
  }
}
