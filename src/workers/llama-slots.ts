import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { CadreError } from '../core/errors.ts';
import { Heat } from './llama-heat.ts';

/** A context of the engine: all that it reads and writes at one time, it does with one adapter. */
export interface Lane<A extends LaneAdapter> {
  readonly slots: readonly Slot[];
  /** Of the adapter that is set now; BASE = none. */
  adapter: string;
  /** Sets an adapter, while no slot is busy; undefined = none. */
  use(adapter: A | undefined): void;
}

/** An adapter in memory. */
export interface LaneAdapter {
  /** Equal for equal bytes. */
  readonly key: string;
}

/** A place for one conversation; its tokens stay in memory until another one needs it. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  isBusy: boolean;
  /** Turn of its last use, for the choice of the oldest. */
  lastUsed: number;
  /** The adapter with which its tokens were read: to another one they mean something else. */
  keeps: string;
}

/** The key of a model without adapter. */
export const BASE = '';

/** How lanes for adapters are made; the first is made for the first request that needs one. */
export interface LaneMaker<A extends LaneAdapter> {
  readonly most: number;
  readonly doOpen: () => Promise<Lane<A>>;
}

interface Waiter<A> {
  readonly tokens: readonly Token[];
  readonly adapter: A | undefined;
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

interface Place<A extends LaneAdapter> {
  readonly lane: Lane<A>;
  readonly slot: Slot;
}

/** Requests that may wait for a slot; the fleet queues before this, so more is a defect upstream. */
const MOST_WAITING = 256;
/** A kept token that is lost counts half of a kept token that is used: it may never be asked again. */
const LOSS_WEIGHT = 0.5;

/**
 * Hands slots to requests, first come first served; the slot with the best kept prefix wins. Requests
 * without adapter have a lane of their own. The others share lanes: one joins a lane that is busy with
 * its adapter, or changes the adapter of an idle one, where the tokens that are lost are the least
 * likely to be asked for again; so what is asked for often stays. Who waits for a lane is not
 * overtaken, or one adapter could keep all lanes for ever.
 */
export class SlotTable<A extends LaneAdapter> {
  readonly #lanes: Lane<A>[];
  readonly #maker: LaneMaker<A> | undefined;
  readonly #heat = new Heat();
  #waiting: Waiter<A>[] = [];
  #mostLanes: number;
  #isOpening = false;
  #turn = 0;

  constructor(base: Lane<A>, maker?: LaneMaker<A>) {
    this.#lanes = [base];
    this.#maker = maker;
    this.#mostLanes = 1 + (maker?.most ?? 0);
  }

  /** Rejects with the signal's reason while waiting, or `overloaded` when too many wait. */
  async take(tokens: readonly Token[], signal: AbortSignal, adapter?: A): Promise<Slot> {
    signal.throwIfAborted();
    if (this.#waiting.length >= MOST_WAITING)
      throw new CadreError('overloaded', `${MOST_WAITING} requests wait for this model already`);
    this.#heat.note(adapter?.key ?? BASE);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter<A> = {
        tokens,
        adapter,
        resolve: (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  release(slot: Slot): void {
    slot.isBusy = false;
    this.#serve();
  }

  /** The adapter leaves memory; no slot is busy with it. */
  forget(key: string): void {
    for (const lane of this.#lanes) if (lane.adapter === key) setAdapter(lane, undefined);
  }

  #serve(): void {
    let isHeld = false;
    for (const waiter of [...this.#waiting]) {
      if (isHeld && waiter.adapter !== undefined) continue;
      const found = this.#best(waiter);
      if (found !== undefined) {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        waiter.resolve(this.#occupy(found, waiter.adapter));
      } else if (waiter.adapter !== undefined) {
        isHeld = true;
        this.#open();
      }
    }
  }

  #occupy({ lane, slot }: Place<A>, adapter: A | undefined): Slot {
    if (lane.adapter !== (adapter?.key ?? BASE)) setAdapter(lane, adapter);
    slot.isBusy = true;
    this.#turn += 1;
    slot.lastUsed = this.#turn;
    return slot;
  }

  /** One more lane, where there may be one; who waits is told when there cannot be any. */
  #open(): void {
    if (this.#isOpening || this.#maker === undefined) return;
    if (this.#lanes.length >= this.#mostLanes) return;
    this.#isOpening = true;
    this.#maker
      .doOpen()
      .then(
        (lane) => void this.#lanes.push(lane),
        (error: unknown) => {
          this.#mostLanes = this.#lanes.length;
          if (this.#lanes.length === 1) this.#rejectAdapted(error);
        },
      )
      .finally(() => {
        this.#isOpening = false;
        this.#serve();
      });
  }

  #rejectAdapted(error: unknown): void {
    const adapted = this.#waiting.filter((one) => one.adapter !== undefined);
    this.#waiting = this.#waiting.filter((one) => one.adapter === undefined);
    // The next request tries again.
    this.#mostLanes = 1 + (this.#maker?.most ?? 0);
    for (const waiter of adapted) waiter.reject(error);
  }

  #best({ tokens, adapter }: Waiter<A>): Place<A> | undefined {
    const key = adapter?.key ?? BASE;
    const lanes = adapter === undefined ? this.#lanes.slice(0, 1) : this.#lanes.slice(1);
    let best: Place<A> | undefined;
    let bestScore = 0;
    for (const lane of lanes) {
      if (lane.adapter !== key && lane.slots.some((slot) => slot.isBusy)) continue;
      for (const slot of lane.slots) {
        if (slot.isBusy) continue;
        const score = this.#score(slot, tokens, key);
        const isBetter =
          best === undefined ||
          score > bestScore ||
          (score === bestScore && slot.lastUsed < best.slot.lastUsed);
        if (!isBetter) continue;
        best = { lane, slot };
        bestScore = score;
      }
    }
    return best;
  }

  /** Tokens that need not be read, less those that would be lost, as far as they will be missed. */
  #score({ sequence, keeps }: Slot, tokens: readonly Token[], key: string): number {
    const kept = sequence.contextTokens;
    if (keeps !== key) return -this.#heat.shareOf(keeps) * kept.length;
    const shared = sharedPrefix(kept, tokens);
    return shared - LOSS_WEIGHT * (kept.length - shared);
  }
}

function setAdapter<A extends LaneAdapter>(lane: Lane<A>, adapter: A | undefined): void {
  lane.use(adapter);
  lane.adapter = adapter?.key ?? BASE;
}

export function sharedPrefix(left: readonly Token[], right: readonly Token[]): number {
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left[index] === right[index]) index += 1;
  return index;
}
