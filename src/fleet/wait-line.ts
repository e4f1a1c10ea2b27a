import type { ModelLease } from '../core/ports.ts';
import type { RequestView } from './fleet-view.ts';
import { rankOf } from './line-order.ts';

/** A request that waits for a model. */
export interface Waiter extends RequestView {
  readonly grant: (lease: ModelLease) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: (progress: number) => void;
}

/** Requests for one model, in order of arrival. */
export class WaitLine {
  readonly #waiters: Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  join(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** Takes the one with the ticket out of the line; undefined when it had left before. */
  take(ticket: number): Waiter | undefined {
    const index = this.#waiters.findIndex((one) => one.ticket === ticket);
    return index < 0 ? undefined : this.#waiters.splice(index, 1)[0];
  }

  /**
   * Turns one away for a newcomer: the newest of the less urgent, or of the key that has most in the line
   * where the newcomer's has fewer. False = there is none.
   */
  makeRoom(newcomer: Partial<Pick<RequestView, 'priority' | 'key'>>, error: unknown): boolean {
    const { priority = 'interactive', key = '' } = newcomer;
    const rank = rankOf({ priority });
    const last = Math.max(rank, ...this.#waiters.map(rankOf));
    const peers = this.#waiters.filter((one) => rankOf(one) === last);
    const countOf = (of: string) => peers.filter((one) => one.key === of).length;
    const most = Math.max(0, ...peers.map((one) => countOf(one.key)));
    if (last === rank && most <= countOf(key) + 1) return false;
    const gone = peers.findLast((one) => countOf(one.key) === most);
    if (gone === undefined) return false;
    this.take(gone.ticket)?.reject(error);
    return true;
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  tell(progress: number): void {
    for (const waiter of this.#waiters) waiter.onProgress(progress);
  }
}
