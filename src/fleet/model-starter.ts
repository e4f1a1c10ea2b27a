import { CadreError, toCadreError } from '../core/errors.ts';
import type { LoadedModel } from '../core/ports.ts';
import type { Life, Place } from './place.ts';
import type { ResidencyDeps } from './residency-deps.ts';

/** The slowest load seen was 6.8 s (1.1 GB, busy disk); a network disk may take much longer. */
const LOAD_DEADLINE_MS = 180_000;
/** A process that does not end in this time is its loader's to kill; nobody waits longer. */
const UNLOAD_DEADLINE_MS = 15_000;

/** Starts and ends models in the background and notes on their places what came of it. */
export class ModelStarter {
  readonly #deps: ResidencyDeps;
  readonly #closing: AbortSignal;
  readonly #onChange: () => void;
  /** Models that are leaving; memory is free when these have settled. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #starting = new Set<Promise<void>>();

  /** `onChange`: called whenever waiting requests may be served now. */
  constructor(deps: ResidencyDeps, closing: AbortSignal, onChange: () => void) {
    this.#deps = deps;
    this.#closing = closing;
    this.#onChange = onChange;
  }

  /** Bytes that the model will need. */
  async doEstimate({ id }: Place, contextTokens: number): Promise<number> {
    return this.#deps.loader.doEstimate(this.#deps.requireInstalled(id), contextTokens);
  }

  /** Asks what the model will need, once. */
  estimate(place: Place, contextTokens: number): void {
    if (place.isEstimating) return;
    place.isEstimating = true;
    const ask = async () => {
      place.neededBytes = await this.doEstimate(place, contextTokens);
    };
    void ask()
      .catch((error: unknown) => this.#failed(place, toCadreError(error)))
      .finally(() => {
        place.isEstimating = false;
        this.#onChange();
      });
  }

  /** Looks again when the pause after a crash is over. */
  wakeAfter(place: Place, ms: number): void {
    if (place.isWakeupSet) return;
    place.isWakeupSet = true;
    const wake = () => {
      place.isWakeupSet = false;
      this.#onChange();
    };
    void this.#deps.wait(ms, { signal: this.#closing }).then(wake, () => undefined);
  }

  /** Loads the model as soon as those that make room are gone. Its waiters hear of a failure. */
  load(place: Place): void {
    const life: Life = {
      loaded: undefined,
      loadedShare: 0,
      activeCount: 0,
      loadedAt: 0,
      lastUsedAt: 0,
      exitReason: undefined,
      isLeaving: false,
    };
    place.life = life;
    const start = this.#load(place, life)
      .catch((error: unknown) => {
        if (place.life === life) place.life = undefined;
        if (!this.#closing.aborted) this.#failed(place, toCadreError(error));
      })
      .finally(() => {
        this.#starting.delete(start);
        this.#onChange();
      });
    this.#starting.add(start);
  }

  /** Takes a model out of memory; resolves when it is gone, or the deadline passed. */
  async end(place: Place): Promise<void> {
    const { life } = place;
    if (!life?.loaded) return;
    place.life = undefined;
    await this.#unload(life, life.loaded);
  }

  /** Memory that no model counts any more is not free yet. */
  get isEnding(): boolean {
    return this.#leaving.size > 0;
  }

  /** Resolves when nothing starts or leaves any more. */
  async quiet(): Promise<void> {
    await Promise.all([...this.#starting, ...this.#leaving]);
  }

  async #load(place: Place, life: Life): Promise<void> {
    await Promise.all(this.#leaving);
    this.#closing.throwIfAborted();
    const entry = this.#deps.requireInstalled(place.id);
    const loaded = await this.#within(LOAD_DEADLINE_MS, `loading \`${place.id}\``, (signal) =>
      this.#deps.loader.doLoad(entry, {
        signal,
        onProgress: (progress) => {
          life.loadedShare = progress;
          place.line.tell(progress);
        },
        onExit: (reason) => this.#exited(place, life, reason),
        onMemory: () => this.#onChange(),
      }),
    );
    if (this.#closing.aborted) {
      await this.#unload(life, loaded);
      throw this.#closing.reason;
    }
    if (life.exitReason !== undefined) throw crashed(place, life.exitReason);
    life.loaded = loaded;
    life.loadedAt = this.#deps.clock.elapsed();
    life.lastUsedAt = life.loadedAt;
    place.neededBytes = loaded.memoryBytes;
    place.loadMs = loaded.loadMs;
    place.problem = undefined;
  }

  #unload(life: Life, loaded: LoadedModel): Promise<void> {
    life.isLeaving = true;
    const leave = this.#within(UNLOAD_DEADLINE_MS, 'unloading', () => loaded.doUnload())
      // The loader has no way to fail that leaves its caller anything to do.
      .catch(() => undefined)
      .finally(() => this.#leaving.delete(leave));
    this.#leaving.add(leave);
    return leave;
  }

  /** Runs `work` with a deadline; the signal it gets aborts when the deadline passes or the farm stops. */
  async #within<T>(
    ms: number,
    what: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const over = new AbortController();
    const done = new AbortController();
    const late = this.#deps.wait(ms, { signal: done.signal }).then(
      () => {
        const error = new CadreError(
          'deadline_exceeded',
          `${what} took longer than ${ms / 1000} s`,
        );
        over.abort(error);
        throw error;
      },
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([work(AbortSignal.any([over.signal, this.#closing])), late]);
    } finally {
      done.abort();
    }
  }

  #exited(place: Place, life: Life, reason: string): void {
    if (life.isLeaving || life.exitReason !== undefined) return;
    life.exitReason = reason;
    // While loading, `#load` rejects and tells it.
    if (!life.loaded) return;
    if (place.life === life) place.life = undefined;
    this.#failed(place, crashed(place, reason), this.#deps.clock.elapsed() - life.loadedAt);
    this.#onChange();
  }

  #failed(place: Place, error: CadreError, livedMs = 0): void {
    place.problem = error.message;
    place.backoff.note(this.#deps.clock.elapsed(), livedMs);
    place.line.rejectAll(error);
  }
}

function crashed(place: Place, reason: string): CadreError {
  return new CadreError('worker_crashed', `\`${place.id}\` stopped: ${reason}`);
}
