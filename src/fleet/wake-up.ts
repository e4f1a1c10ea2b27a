import type { ResidencyDeps } from './residency-deps.ts';

/** Calls back at a moment; a later wish takes the place of the one before. */
export class WakeUp {
  readonly #deps: Pick<ResidencyDeps, 'clock' | 'wait'>;
  readonly #closing: AbortSignal;
  readonly #onWake: () => void;
  #pending: { readonly at: number; readonly abort: AbortController } | undefined;

  constructor(
    deps: Pick<ResidencyDeps, 'clock' | 'wait'>,
    closing: AbortSignal,
    onWake: () => void,
  ) {
    this.#deps = deps;
    this.#closing = closing;
    this.#onWake = onWake;
  }

  /** Milliseconds of the monotonic clock; infinite = not at all. */
  at(at: number): void {
    if (this.#pending?.at === at) return;
    this.#pending?.abort.abort();
    this.#pending = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    const pending = { at, abort: new AbortController() };
    this.#pending = pending;
    const signal = AbortSignal.any([pending.abort.signal, this.#closing]);
    const wake = () => {
      if (this.#pending === pending) this.#pending = undefined;
      if (!signal.aborted) this.#onWake();
    };
    const ms = Math.max(0, Math.ceil(at - this.#deps.clock.elapsed()));
    void this.#deps.wait(ms, { signal }).then(wake, () => undefined);
  }
}
