import type { BatchBody } from '../core/batch.ts';
import type { QueueParts } from './parts.ts';
import { changeBatch } from './results.ts';

/** A node that says nothing for this long has lost its batches. */
const LEASE_MS = 180_000;
/** How often a holder renews its leases; above the longest sleep between two tries of a line. */
const RENEW_MS = 60_000;

type Change = (body: BatchBody) => BatchBody;

/**
 * This node's hold on one batch. It is renewed by the clock, however long a line waits or runs, and
 * every change of the batch goes through it: what another node took over, or what is over, is changed
 * no more.
 */
export class BatchLease {
  readonly #parts: QueueParts;
  readonly #id: string;
  readonly #notice: (body: BatchBody) => void;
  readonly #lost = new AbortController();
  /** Until when no other node may take the batch, as the store knows. */
  #until = 0;

  /** `notice` is told every state of the batch that is read while it is held. */
  constructor(parts: QueueParts, id: string, notice: (body: BatchBody) => void) {
    this.#parts = parts;
    this.#id = id;
    this.#notice = notice;
  }

  /** Aborts when the batch is somebody else's, gone or over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Undefined when another node was faster or nothing is left to do. */
  claim(): Promise<BatchBody | undefined> {
    return this.#change(
      (found) => !isOver(found) && isFree(found, this.#parts, this.#parts.clock.now()),
      (found) => found,
    );
  }

  /** Changes the batch and renews the lease in one step; undefined when it is lost. */
  change(change: Change): Promise<BatchBody | undefined> {
    const { holder } = this.#parts;
    return this.#change((found) => !isOver(found) && found.lease?.holder === holder, change);
  }

  /**
   * Before what costs: a process that stood still may have lost the batch without a word. Rejects
   * when it did.
   */
  async confirm(): Promise<void> {
    if (this.#parts.clock.now() > this.#until - LEASE_MS + RENEW_MS)
      await this.change((found) => found);
    this.#lost.signal.throwIfAborted();
  }

  /** Renews the lease until the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, sleep } = this.#parts;
    const ended = AbortSignal.any([signal, this.#lost.signal]);
    for (;;) {
      await sleep(RENEW_MS, ended);
      if (ended.aborted) return;
      try {
        await this.change((found) => found);
      } catch {
        // A store that is away for a moment costs nothing; after the lease the batch may be another's.
        if (clock.now() >= this.#until) this.#lost.abort();
      }
    }
  }

  /** Lets another node go on. */
  async release(): Promise<void> {
    await this.change((found) => ({ ...found, lease: null }));
  }

  async #change(isMine: (found: BatchBody) => boolean, change: Change) {
    const { objects, clock, holder } = this.#parts;
    const lease = { holder, until: clock.now() + LEASE_MS };
    let held = false;
    const body = await changeBatch(objects, this.#id, (found) => {
      held = isMine(found);
      return held ? change({ ...found, lease }) : found;
    });
    if (body === undefined || !held) {
      this.#lost.abort();
      return undefined;
    }
    this.#until = Math.max(this.#until, lease.until);
    this.#notice(body);
    return body;
  }
}

/** Nobody else works on it. */
export function isFree(
  { lease }: BatchBody,
  { isAlone, holder }: Pick<QueueParts, 'isAlone' | 'holder'>,
  now: number,
): boolean {
  return isAlone || lease === null || lease.holder === holder || lease.until < now;
}

export function isOver({ status }: BatchBody): boolean {
  return (
    status === 'completed' || status === 'failed' || status === 'expired' || status === 'cancelled'
  );
}
