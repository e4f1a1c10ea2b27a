import { CadreError } from '../core/errors.ts';

export interface AdmissionLimits {
  readonly concurrentRequests: number;
  readonly concurrentRequestsPerKey?: number | undefined;
}

/** How many requests run, and the way to an orderly end. */
export class Admission {
  readonly #limit: () => AdmissionLimits;
  /** What runs, for whoever finds no place. */
  readonly #noun: string;
  /** With the key that each runs for. */
  readonly #running = new Map<AbortController, string>();
  readonly #perKey = new Map<string, number>();
  #isClosing = false;
  #whenEmpty: (() => void) | undefined;
  /** When the last one left, on a clock that never goes back; undefined while one runs. */
  #emptySince: number | undefined = performance.now();
  readonly #waitingForEmpty = new Set<() => void>();

  constructor(limit: () => AdmissionLimits, noun = 'requests') {
    this.#limit = limit;
    this.#noun = noun;
  }

  get closing(): boolean {
    return this.#isClosing;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Throws `overloaded`, `shutting_down` or, for a key that has too many, `rate_limit_exceeded`. */
  check(key: string): void {
    if (this.#isClosing) throw new CadreError('shutting_down', 'the farm is stopping');
    const { concurrentRequests, concurrentRequestsPerKey = concurrentRequests } = this.#limit();
    if (this.#running.size >= concurrentRequests)
      throw full('overloaded', `${concurrentRequests} ${this.#noun}`);
    if ((this.#perKey.get(key) ?? 0) >= concurrentRequestsPerKey)
      throw full('rate_limit_exceeded', `${concurrentRequestsPerKey} ${this.#noun} of this key`);
  }

  /** Takes a place, or throws as `check` does. */
  enter(controller: AbortController, key: string): void {
    this.check(key);
    this.#take(controller, key);
  }

  /**
   * A place for work that a request leaves behind. It holds one itself, which is free in a moment, so
   * that only the end of the farm refuses.
   */
  enterBehind(controller: AbortController, key: string): void {
    if (this.#isClosing) throw new CadreError('shutting_down', 'the farm is stopping');
    this.#take(controller, key);
  }

  #take(controller: AbortController, key: string): void {
    this.#running.set(controller, key);
    this.#perKey.set(key, (this.#perKey.get(key) ?? 0) + 1);
    this.#emptySince = undefined;
  }

  leave(controller: AbortController): void {
    const key = this.#running.get(controller);
    if (key === undefined) return;
    this.#running.delete(controller);
    const left = (this.#perKey.get(key) ?? 1) - 1;
    if (left > 0) this.#perKey.set(key, left);
    else this.#perKey.delete(key);
    if (this.#running.size > 0) return;
    this.#emptySince = performance.now();
    this.#whenEmpty?.();
    for (const tell of this.#waitingForEmpty) tell();
  }

  /** Resolves when nothing has run for `ms`; never while closing. Rejects when the signal aborts. */
  async untilQuiet(ms: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const since = this.#emptySince;
      const left =
        since === undefined || this.#isClosing ? undefined : since + ms - performance.now();
      if (left !== undefined && left <= 0) return;
      await this.#untilEmptyOr(left, signal);
    }
  }

  async #untilEmptyOr(ms: number | undefined, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      const waiting = this.#waitingForEmpty;
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      }
      waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Lets nothing in; resolves when all have left, aborting those that stay too long. */
  async close(drainMs: number, abortMs: number): Promise<void> {
    this.#isClosing = true;
    await this.#empty(drainMs);
    const reason = new CadreError('shutting_down', 'the farm stopped before the answer was done');
    for (const controller of this.#running.keys()) controller.abort(reason);
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

/** Places of uploads, apart from those of requests; one key has half of them at most. */
export function uploadPlaces(limits: () => { readonly concurrentUploads: number }): Admission {
  const halved = () => {
    const most = limits().concurrentUploads;
    return { concurrentRequests: most, concurrentRequestsPerKey: Math.ceil(most / 2) };
  };
  return new Admission(halved, 'uploads');
}

function full(code: 'overloaded' | 'rate_limit_exceeded', many: string): CadreError {
  return new CadreError(code, `${many} are running`, { retryAfter: 1 });
}
