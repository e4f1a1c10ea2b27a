import { CadreError } from '../core/errors.ts';

/** A turn: its signal aborts with the caller's, or when the turn is taken away. */
export interface Turn {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** One holder at a time per name, the others in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #open = new Map<string, Set<AbortController>>();

  /**
   * Rejects with the signal's reason while waiting, with `conflict` after so many milliseconds;
   * absent = whoever asks has all the time.
   */
  async take(name: string, caller: AbortSignal, most?: number): Promise<Turn> {
    caller.throwIfAborted();
    const taken = new AbortController();
    const signal = AbortSignal.any([caller, taken.signal]);
    const before = this.#last.get(name) ?? Promise.resolve();
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all.add(taken));
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    const release = () => {
      all.delete(taken);
      end();
    };
    const last = before.then(() => mine);
    this.#last.set(name, last);
    void last.then(() => {
      if (this.#last.get(name) !== last) return;
      this.#last.delete(name);
      this.#open.delete(name);
    });
    const late = new AbortController();
    const onLate = () => late.abort(tooLate(name));
    const timer = most === undefined ? undefined : setTimeout(onLate, most).unref();
    try {
      await untilAborted(before, AbortSignal.any([signal, late.signal]));
    } catch (thrown) {
      release();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
    return { signal, release };
  }

  /** Aborts whoever holds the turn or waits for it; it is free once they let go of it. */
  takeAway(name: string, reason: Error): void {
    for (const one of this.#open.get(name) ?? []) one.abort(reason);
  }
}

function tooLate(name: string): CadreError {
  return new CadreError(
    'conflict',
    `the collection ${name} is still being indexed by a run that began before; ask again when that has ended`,
  );
}

function untilAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void wait.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
