import type { ModelLease } from '../core/ports.ts';
import type { RequestView } from './fleet-view.ts';

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

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  tell(progress: number): void {
    for (const waiter of this.#waiters) waiter.onProgress(progress);
  }
}
