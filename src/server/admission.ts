import { CadreError } from '../core/errors.ts';

/** How many requests run, and the way to an orderly end. */
export class Admission {
  readonly #limit: number;
  readonly #running = new Set<AbortController>();
  #isClosing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get closing(): boolean {
    return this.#isClosing;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Rejects with `overloaded` or `shutting_down`. */
  enter(controller: AbortController): void {
    if (this.#isClosing) throw new CadreError('shutting_down', 'the farm is stopping');
    if (this.#running.size >= this.#limit)
      throw new CadreError('overloaded', `${this.#limit} requests are running`, { retryAfter: 1 });
    this.#running.add(controller);
  }

  leave(controller: AbortController): void {
    this.#running.delete(controller);
    if (this.#running.size === 0) this.#whenEmpty?.();
  }

  /** Lets nothing in; resolves when all have left, aborting those that stay too long. */
  async close(drainMs: number, abortMs: number): Promise<void> {
    this.#isClosing = true;
    await this.#empty(drainMs);
    const reason = new CadreError('shutting_down', 'the farm stopped before the answer was done');
    for (const controller of this.#running) controller.abort(reason);
    await this.#empty(abortMs);
  }

  async #empty(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#whenEmpty = undefined;
  }
}
