import { formatBytes } from '../core/format-bytes.ts';
import type { Refusal } from './fleet-view.ts';

/** Left to the rest of the machine, so that it need not swap. */
const RESERVE_BYTES = 256_000_000;

/** What is held now. */
interface HeldMemory {
  /** Bytes of models in memory and of those that live elsewhere under the same budget. */
  settled(): number;
  /** A model is being loaded: what it will take is partly taken already. */
  isLoading(): boolean;
}

/** How much models may hold together: the configured budget, or less where the machine has less. */
export class MemoryRoom {
  readonly #budget: number;
  readonly #freeMemory: () => number;
  #machine = Number.POSITIVE_INFINITY;
  /** The most that it ever was. */
  #most = 0;

  constructor(budget: number, freeMemory: () => number) {
    this.#budget = budget;
    this.#freeMemory = freeMemory;
  }

  /** Bytes. While something loads or leaves, free memory says nothing: what it said before counts. */
  budget(held: HeldMemory, isEnding: boolean): number {
    if (!held.isLoading() && !isEnding) {
      this.#machine = Math.max(0, held.settled() + this.#freeMemory() - RESERVE_BYTES);
      this.#most = Math.max(this.#most, this.#machine);
    }
    return Math.min(this.#budget, this.#machine);
  }

  /**
   * What bounds the memory, in words; `isPassing`: the machine had enough for `bytes` before, other
   * programs have it now.
   */
  bound(refusal: Refusal, bytes: number): { readonly words: string; readonly isPassing: boolean } {
    const configured = `\`fleet.memoryBudget\` ${formatBytes(this.#budget)}`;
    if (refusal.reason !== 'too-large' || refusal.budget >= this.#budget)
      return { words: configured, isPassing: false };
    const isPassing = bytes <= Math.min(this.#most, this.#budget);
    const now = isPassing ? ' now' : '';
    return { words: `the machine has no more free${now}; ${configured}`, isPassing };
  }
}
