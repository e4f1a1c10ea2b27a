import type { CallOptions } from '../core/ports.ts';
import { PRIORITIES } from '../core/priority.ts';
import type { ThreadHolder, WithThread } from '../core/threads.ts';
import { shareThreads, type ThreadAsk } from './thread-shares.ts';

export interface ThreadWish extends ThreadAsk {
  /** The model, or the kind of work; what one holder does at the same time has its threads together. */
  readonly holder: string;
}

export interface ThreadHold {
  /** Of the holder now. */
  readonly threads: number;
  /** Further calls do nothing. */
  release(): void;
}

export interface ThreadLimits {
  /** Threads to share, 1 … `cores`. */
  readonly threads: number;
  /** Threads that can run at the same time on this machine, or in this container. */
  readonly cores: number;
  /** Milliseconds that work which can wait waits for a core at most. */
  readonly waitMs: number;
}

type Wait = (ms: number, options: CallOptions) => Promise<void>;

/**
 * The threads of the machine, lent to whatever computes for the farm: processes of models, the
 * embedder, training, quantising, a trainer. A holder that has nothing to do holds nothing, so a
 * model that works alone has all; when another one begins, shares change at once, in the middle of
 * an answer too.
 */
export class ThreadLease {
  readonly #limits: ThreadLimits;
  readonly #wait: Wait;
  readonly #uses = new Map<string, Set<ThreadWish>>();
  readonly #followers = new Map<string, (threads: number) => void>();
  readonly #told = new Map<string, number>();
  /** Work that waits, in order of arrival. */
  #line: { wake: () => void }[] = [];

  constructor(limits: ThreadLimits, wait: Wait) {
    this.#limits = limits;
    this.#wait = wait;
  }

  get threads(): number {
    return this.#limits.threads;
  }

  /** At once: who waits for an answer does not wait for a thread as well. */
  take(wish: ThreadWish): ThreadHold {
    const uses = this.#uses.get(wish.holder) ?? new Set();
    const use = { ...wish };
    uses.add(use);
    this.#uses.set(wish.holder, uses);
    this.#tell();
    return {
      threads: this.#shares().get(wish.holder) ?? 1,
      release: () => {
        if (!uses.delete(use)) return;
        if (uses.size === 0) this.#uses.delete(wish.holder);
        this.#tell();
        this.#wake();
      },
    };
  }

  /**
   * For work that can wait: in order of arrival, as soon as a core is free for it beside one for each
   * of the others, or when it has waited as long as it may. Rejects with the signal's reason.
   */
  async takeLater(wish: ThreadWish, { signal }: CallOptions): Promise<ThreadHold> {
    const over = new AbortController();
    let isOver = false;
    const late = this.#wait(this.#limits.waitMs, {
      signal: AbortSignal.any([signal, over.signal]),
    }).then(
      () => {
        isOver = true;
      },
      () => undefined,
    );
    const place: { wake: () => void } = { wake: () => undefined };
    this.#line.push(place);
    const mayBegin = () =>
      isOver || this.#joins(wish) || (this.#line[0] === place && this.#hasRoom(wish));
    try {
      while (!mayBegin()) {
        const turn = Promise.withResolvers<void>();
        place.wake = turn.resolve;
        await Promise.race([turn.promise, late]);
        signal.throwIfAborted();
      }
      signal.throwIfAborted();
      return this.take(wish);
    } finally {
      over.abort();
      this.#line = this.#line.filter((one) => one !== place);
      this.#wake();
    }
  }

  /** Holds threads for as long as the work takes; it begins as soon as `takeLater` lets it. */
  async during<T>(
    wish: ThreadWish,
    options: CallOptions,
    work: (threads: number) => Promise<T>,
  ): Promise<T> {
    const hold = await this.takeLater(wish, options);
    try {
      return await work(hold.threads);
    } finally {
      hold.release();
    }
  }

  readonly withThread: WithThread = (holder, options, work) =>
    this.during({ holder, priority: 'background', most: 1, isFixed: true }, options, work);

  /** Tells a holder's process its share whenever that changes; a new process takes the place of the old. */
  follow(holder: string, onShare: (threads: number) => void): void {
    this.#followers.set(holder, onShare);
    this.#told.delete(holder);
    this.#tell();
  }

  /** Who computes now, in the order in which they began. */
  holders(): readonly ThreadHolder[] {
    const shares = this.#shares();
    return [...this.#uses].map(([holder, uses]) => ({
      holder,
      threads: shares.get(holder) ?? 1,
      priority: askOf(uses).priority,
    }));
  }

  #wake(): void {
    for (const { wake } of this.#line) wake();
  }

  /** What computes already needs no other core for more of it. */
  #joins({ holder, isFixed = false }: ThreadWish): boolean {
    return !isFixed && this.#uses.has(holder);
  }

  #hasRoom({ most, isFixed = false }: ThreadWish): boolean {
    const asks = [...this.#uses.values()].map(askOf);
    const least = (ask: ThreadAsk) => (ask.isFixed ? ask.most : 1);
    const held = asks.reduce((sum, ask) => sum + least(ask), 0);
    return held === 0 || held + (isFixed ? most : 1) <= this.#limits.cores;
  }

  #shares(): ReadonlyMap<string, number> {
    const shares = shareThreads(this.#limits.threads, [...this.#uses.values()].map(askOf));
    return new Map([...this.#uses.keys()].map((holder, index) => [holder, shares[index] ?? 1]));
  }

  #tell(): void {
    for (const [holder, threads] of this.#shares()) {
      if (this.#told.get(holder) === threads) continue;
      const follower = this.#followers.get(holder);
      if (follower === undefined) continue;
      this.#told.set(holder, threads);
      follower(threads);
    }
  }
}

/** What the uses of one holder ask for together. */
function askOf(uses: ReadonlySet<ThreadWish>): ThreadAsk {
  const all = [...uses];
  const mosts = all.map(({ most }) => most);
  const isFixed = all.some((one) => one.isFixed === true);
  return {
    priority:
      PRIORITIES.find((one) => all.some(({ priority }) => priority === one)) ?? 'background',
    most: isFixed ? mosts.reduce((sum, most) => sum + most, 0) : Math.max(...mosts),
    isFixed,
  };
}
