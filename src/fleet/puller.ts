import { AsyncQueue } from '../base/async-queue.ts';
import type { ModelEntry, PullProgress } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import type { ModelLibrary } from './library.ts';
import { type PullDeps, pullModel } from './pull.ts';

/** A pull that runs, and those who watch it. */
interface Flight {
  readonly abort: AbortController;
  readonly watchers: Set<AsyncQueue<PullProgress>>;
  last: PullProgress | undefined;
}

const PROGRESS_KEPT = 64;

/**
 * Pulls models, one run per model however many ask: a second caller joins the first. The run is
 * aborted when the last caller has left.
 */
export class ModelPuller {
  readonly #deps: PullDeps;
  readonly #library: ModelLibrary;
  /** Runs that can be joined. */
  readonly #flights = new Map<string, Flight>();
  /** Ends of all runs, those too that were left and are still letting go of their files. */
  readonly #ends = new Map<string, Promise<void>>();
  readonly #problems = new Map<string, string>();
  /** Models whose last run did not end well; what it fetched may be resumed. */
  readonly #unfinished = new Set<string>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(deps: PullDeps, library: ModelLibrary) {
    this.#deps = deps;
    this.#library = library;
  }

  /** Newest progress of a running pull. */
  progressOf(id: string): PullProgress | undefined {
    return this.#flights.get(id)?.last;
  }

  /** Why the last pull failed; undefined after one that did not. */
  problemOf(id: string): string | undefined {
    return this.#problems.get(id);
  }

  isPulling(id: string): boolean {
    return this.#flights.has(id);
  }

  /** As `pullModel`; throws what it throws, and the signal's reason to a caller who aborts. */
  async *pull(entry: ModelEntry, { signal }: CallOptions): AsyncGenerator<PullProgress> {
    signal.throwIfAborted();
    const flight = this.#flights.get(entry.id) ?? this.#start(entry);
    const queue = new AsyncQueue<PullProgress>(PROGRESS_KEPT);
    if (flight.last) queue.push(flight.last);
    flight.watchers.add(queue);
    const onAbort = () => queue.fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      yield* queue;
    } finally {
      signal.removeEventListener('abort', onAbort);
      flight.watchers.delete(queue);
      if (flight.watchers.size === 0) this.#abandon(entry.id, flight);
    }
  }

  /** Aborts all runs; resolves when they have let go of their files and clients. */
  async close(): Promise<void> {
    const reason = new CadreError('shutting_down', 'the farm is stopping');
    for (const flight of this.#flights.values()) flight.abort.abort(reason);
    await Promise.all(this.#ends.values());
  }

  #start(entry: ModelEntry): Flight {
    const flight: Flight = { abort: new AbortController(), watchers: new Set(), last: undefined };
    this.#flights.set(entry.id, flight);
    // A run that was left still holds the partial file until it has noticed.
    const before = this.#ends.get(entry.id) ?? Promise.resolve();
    const end = Promise.all([before, this.#sweeping])
      .then(() => this.#fly(entry, flight))
      .then(() => {
        if (this.#ends.get(entry.id) === end) this.#ends.delete(entry.id);
        if (this.#ends.size === 0) this.#sweeping = this.#sweep();
      });
    this.#ends.set(entry.id, end);
    return flight;
  }

  /** Never rejects: its watchers get the failure. */
  async #fly(entry: ModelEntry, flight: Flight): Promise<void> {
    const { signal } = flight.abort;
    try {
      for await (const progress of pullModel(entry, this.#deps, { signal })) {
        flight.last = progress;
        // The library knows before anybody hears that the files are there.
        if (progress.stage === 'ready') await this.#library.refresh(entry.id, { signal });
        for (const watcher of flight.watchers) watcher.push(progress);
      }
      this.#problems.delete(entry.id);
      this.#unfinished.delete(entry.id);
      this.#forget(entry.id, flight);
      for (const watcher of flight.watchers) watcher.end();
    } catch (error) {
      this.#unfinished.add(entry.id);
      if (!signal.aborted)
        this.#problems.set(entry.id, error instanceof Error ? error.message : String(error));
      this.#forget(entry.id, flight);
      for (const watcher of flight.watchers) watcher.fail(error);
    }
  }

  /** What sources left goes when nobody could be using it and nothing waits to be resumed. */
  async #sweep(): Promise<void> {
    if (this.#unfinished.size > 0) return;
    // Leftovers that cannot be removed now only take space; the next pull tries again.
    await this.#deps.files.doSweep().catch(() => undefined);
  }

  /** A caller who comes right after starts a fresh run instead of joining a dying one. */
  #abandon(id: string, flight: Flight): void {
    this.#forget(id, flight);
    flight.abort.abort();
  }

  #forget(id: string, flight: Flight): void {
    if (this.#flights.get(id) === flight) this.#flights.delete(id);
  }
}
