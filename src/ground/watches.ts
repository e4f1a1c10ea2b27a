import type { SourceSpec } from '../core/config-source.ts';
import { type CadreError, toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Source } from '../core/source.ts';

export interface WatchesParts {
  readonly openSource: (collection: string, spec: SourceSpec) => Source;
  readonly clock: Clock;
  /** Sources that cannot be watched are listed this often. */
  readonly pollSeconds: number;
  /** Local time of the run that reads everything, `03:00`; `never` = none. */
  readonly nightlyAt: string;
  /** Told of changes that cannot be seen. */
  readonly onProblem?: ((name: string, error: CadreError) => void) | undefined;
  /** Reconciles a collection; resolves to the time at which what failed is tried again. */
  readonly follow: (
    name: string,
    options: { readonly signal: AbortSignal; readonly readsAll: boolean },
  ) => Promise<number | undefined>;
}

/** Milliseconds; the longest that a timer can wait is 24 days. */
const LONGEST_WAIT = 86_400_000;

/**
 * The collections that are followed. A change sets off one reconciliation; changes while it runs set
 * off one more; so do the time of the next attempt at what failed and, once a day, the night.
 */
export class Watches {
  readonly #parts: WatchesParts;
  readonly #watches = new Map<string, CollectionWatch>();
  #signal: AbortSignal | undefined;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  /** Follows these collections (what changed meanwhile is caught up) until the signal aborts. */
  async start(
    collections:
      | ReadonlyMap<string, readonly SourceSpec[]>
      | Promise<ReadonlyMap<string, readonly SourceSpec[]>>,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    this.#signal = signal;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // What is set from now on is newer than what is still being looked up.
    const found = collections instanceof Promise ? await collections : collections;
    for (const [name, sources] of found) if (!this.#watches.has(name)) this.set(name, sources);
    await stopped;
    for (const name of [...this.#watches.keys()]) this.set(name, undefined);
    this.#signal = undefined;
  }

  /**
   * Follows a collection from now on, or no longer; does nothing before `start` or after its end.
   * Sources that were read just now are not listed at once again, others are.
   */
  set(
    name: string,
    sources: readonly SourceSpec[] | undefined,
    { isRead }: { readonly isRead: boolean } = { isRead: false },
  ): void {
    const known = this.#watches.get(name);
    if (known !== undefined && JSON.stringify(known.sources) === JSON.stringify(sources)) {
      if (!isRead) known.catchUp();
      return;
    }
    known?.stop();
    this.#watches.delete(name);
    if (sources === undefined || this.#signal === undefined || this.#signal.aborted) return;
    const watch = new CollectionWatch(name, sources, this.#parts);
    this.#watches.set(name, watch);
    watch.start(isRead);
  }
}

class CollectionWatch {
  readonly #name: string;
  readonly sources: readonly SourceSpec[];
  readonly #parts: WatchesParts;
  readonly #controller = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #retry: NodeJS.Timeout | undefined;
  #night: NodeJS.Timeout | undefined;
  #isRunning = false;
  /** What the next run has to do; undefined = nothing. */
  #wanted: 'changes' | 'everything' | undefined;

  constructor(name: string, sources: readonly SourceSpec[], parts: WatchesParts) {
    this.#name = name;
    this.sources = sources;
    this.#parts = parts;
  }

  start(isRead: boolean): void {
    const { signal } = this.#controller;
    const onChange = () => void this.#want('changes');
    const onProblem = (thrown: unknown) =>
      this.#parts.onProblem?.(this.#name, toCadreError(thrown));
    for (const spec of this.sources) {
      const source = this.#parts.openSource(this.#name, spec);
      if (source.doWatch === undefined) this.#poll(spec, onChange, isRead);
      else void source.doWatch(onChange, { signal, onProblem }).catch(onProblem);
    }
    this.#waitForNight();
  }

  stop(): void {
    this.#controller.abort();
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#retry);
    clearTimeout(this.#night);
  }

  /** Reads what the last run left unread. */
  catchUp(): void {
    void this.#want('changes');
  }

  #poll(spec: SourceSpec, onChange: () => void, isRead: boolean): void {
    const { everyMinutes } = { everyMinutes: undefined, ...spec };
    const seconds = everyMinutes === undefined ? this.#parts.pollSeconds : everyMinutes * 60;
    this.#timers.push(setInterval(onChange, seconds * 1000).unref());
    if (!isRead) onChange();
  }

  async #want(what: 'changes' | 'everything'): Promise<void> {
    if (this.#wanted !== 'everything') this.#wanted = what;
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { signal } = this.#controller;
    while (this.#wanted !== undefined && !signal.aborted) {
      const readsAll = this.#wanted === 'everything';
      this.#wanted = undefined;
      const again = await this.#parts
        .follow(this.#name, { signal, readsAll })
        .catch(() => undefined);
      this.#retryAt(again);
    }
    this.#isRunning = false;
  }

  #retryAt(time: number | undefined): void {
    clearTimeout(this.#retry);
    if (time === undefined || this.#controller.signal.aborted) return;
    const wait = Math.max(1000, time - this.#parts.clock.now());
    const again = () => void this.#want('changes');
    this.#retry = setTimeout(again, Math.min(wait, LONGEST_WAIT)).unref();
  }

  #waitForNight(): void {
    const { nightlyAt, clock } = this.#parts;
    if (nightlyAt === 'never') return;
    const night = () => {
      void this.#want('everything');
      this.#waitForNight();
    };
    this.#night = setTimeout(night, untilTime(nightlyAt, clock.now())).unref();
  }
}

/** Milliseconds from now to the next time that local clocks show `HH:MM`; more than 0. */
export function untilTime(time: string, now: number): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const next = new Date(now);
  next.setHours(hours, minutes, 0, 0);
  if (next.getTime() <= now) next.setDate(next.getDate() + 1);
  return next.getTime() - now;
}
