import type { ModelLease } from '../core/ports.ts';

/** A request that waits for a model. */
export interface Waiter {
  /** Position in the order of arrival over all models. */
  readonly ticket: number;
  /** Milliseconds of the monotonic clock. */
  readonly since: number;
  readonly grant: (lease: ModelLease) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: (progress: number) => void;
}

/** Requests for one model, first come first served. */
export class WaitLine {
  readonly #waiters: Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  get head(): Waiter | undefined {
    return this.#waiters[0];
  }

  join(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  shift(): Waiter | undefined {
    return this.#waiters.shift();
  }

  /** False when it had left before. */
  leave(waiter: Waiter): boolean {
    const index = this.#waiters.indexOf(waiter);
    if (index < 0) return false;
    this.#waiters.splice(index, 1);
    return true;
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  tell(progress: number): void {
    for (const waiter of this.#waiters) waiter.onProgress(progress);
  }
}
