/** A turn: its signal aborts with the caller's, or when the turn is taken away. */
export interface Turn {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** One holder at a time per name, the others in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #open = new Map<string, Set<AbortController>>();

  /** Rejects with the signal's reason while waiting. */
  async take(name: string, caller: AbortSignal): Promise<Turn> {
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
    try {
      await untilAborted(before, signal);
    } catch (thrown) {
      release();
      throw thrown;
    }
    return { signal, release };
  }

  /** Aborts whoever holds the turn or waits for it; it is free once they let go of it. */
  takeAway(name: string, reason: Error): void {
    for (const one of this.#open.get(name) ?? []) one.abort(reason);
  }
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
