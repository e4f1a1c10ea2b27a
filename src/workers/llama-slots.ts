import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { CadreError } from '../core/errors.ts';

/** A place for one conversation; its tokens stay in memory until another one needs it. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  isBusy: boolean;
  /** Turn of its last use, for the choice of the oldest. */
  lastUsed: number;
}

interface Waiter {
  readonly tokens: readonly Token[];
  readonly resolve: (slot: Slot) => void;
}

/** Requests that may wait for a slot; the fleet queues before this, so more is a defect upstream. */
const MOST_WAITING = 256;
/** A kept token that is lost counts half of a kept token that is used: it may never be asked again. */
const LOSS_WEIGHT = 0.5;

/** Hands slots to requests, first come first served; the slot with the best kept prefix wins. */
export class SlotTable {
  readonly #slots: readonly Slot[];
  readonly #waiting: Waiter[] = [];
  #turn = 0;

  constructor(sequences: readonly LlamaContextSequence[]) {
    this.#slots = sequences.map((sequence) => ({ sequence, isBusy: false, lastUsed: 0 }));
  }

  /** Rejects with the signal's reason while waiting, or `overloaded` when too many wait. */
  async take(tokens: readonly Token[], signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const free = this.#best(tokens);
    if (free !== undefined) return this.#occupy(free);
    if (this.#waiting.length >= MOST_WAITING)
      throw new CadreError('overloaded', `${MOST_WAITING} requests wait for this model already`);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const place = this.#waiting.indexOf(waiter);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        tokens,
        resolve: (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  release(slot: Slot): void {
    slot.isBusy = false;
    const next = this.#waiting.shift();
    if (next !== undefined) next.resolve(this.#occupy(this.#best(next.tokens) ?? slot));
  }

  #occupy(slot: Slot): Slot {
    slot.isBusy = true;
    this.#turn += 1;
    slot.lastUsed = this.#turn;
    return slot;
  }

  #best(tokens: readonly Token[]): Slot | undefined {
    let best: Slot | undefined;
    let bestScore = 0;
    for (const slot of this.#slots) {
      if (slot.isBusy) continue;
      const kept = slot.sequence.contextTokens;
      const shared = sharedPrefix(kept, tokens);
      const score = shared - LOSS_WEIGHT * (kept.length - shared);
      if (
        best === undefined ||
        score > bestScore ||
        (score === bestScore && slot.lastUsed < best.lastUsed)
      ) {
        best = slot;
        bestScore = score;
      }
    }
    return best;
  }
}

export function sharedPrefix(left: readonly Token[], right: readonly Token[]): number {
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left[index] === right[index]) index += 1;
  return index;
}
