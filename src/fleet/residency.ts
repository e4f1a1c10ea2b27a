import { CadreError } from '../core/errors.ts';
import type { CallOptions, ModelLease } from '../core/ports.ts';
import { ModelStarter } from './model-starter.ts';
import { type Life, Place } from './place.ts';
import type { ResidencyDeps, ResidencyLimits } from './residency-deps.ts';
import { chooseVictims, type Resident } from './victims.ts';
import type { Waiter } from './wait-line.ts';

export type AcquireOptions = CallOptions & {
  /** 0 … 1, while the model is being loaded. */
  readonly onProgress?: (progress: number) => void;
};

/**
 * How long a request may have to wait for memory that busy models hold before those take no newer
 * requests; until then A B A is served A A B. Loads took 0.5 to 6.8 s here, so shorter would thrash.
 */
const COLLATION_MS = 5000;
/** A pause after a crash that is worth waiting for in line. */
const PATIENCE_MS = 2000;
/** Weight of the newest request in the mean service time. */
const SERVICE_WEIGHT = 0.2;

/**
 * Which models are in memory. Loads on demand within the budget, never evicts a model that serves a
 * request, serves each model's requests in order of arrival.
 */
export class ModelResidency {
  readonly #deps: ResidencyDeps;
  readonly #limits: ResidencyLimits;
  readonly #starter: ModelStarter;
  readonly #places = new Map<string, Place>();
  /** Bytes of models that live elsewhere under the same budget (embedders). */
  readonly #held = new Map<string, number>();
  readonly #closing = new AbortController();
  #tickets = 0;

  constructor(deps: ResidencyDeps, limits: ResidencyLimits) {
    this.#deps = deps;
    this.#limits = limits;
    this.#starter = new ModelStarter(deps, this.#closing.signal, () => {
      this.#serve();
      this.#trim();
    });
  }

  /**
   * A lease on a loaded model; release it when the request has ended. Rejects with
   * `model_unavailable`, `model_damaged`, `overloaded` (with `retryAfter`), `out_of_memory`,
   * `worker_crashed`, `shutting_down`, or the signal's reason.
   */
  async acquire(id: string, options: AcquireOptions): Promise<ModelLease> {
    options.signal.throwIfAborted();
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    const place = this.#placeOf(id);
    if (place.state === 'out') this.#requireStartable(place);
    if (place.line.length >= this.#limits.queueLength) throw this.#overloaded(place);
    return new Promise<ModelLease>((resolve, reject) => {
      const onAbort = () => {
        if (place.line.leave(waiter)) reject(options.signal.reason);
        this.#serve();
      };
      const settled = () => options.signal.removeEventListener('abort', onAbort);
      this.#tickets += 1;
      const waiter: Waiter = {
        ticket: this.#tickets,
        since: this.#deps.clock.elapsed(),
        grant: (lease) => {
          settled();
          resolve(lease);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
        onProgress: (progress) => options.onProgress?.(progress),
      };
      options.signal.addEventListener('abort', onAbort, { once: true });
      place.line.join(waiter);
      this.#serve();
    });
  }

  /** False when it is not in memory. Throws `conflict` while it loads or serves a request. */
  async unload(id: string): Promise<boolean> {
    const place = this.#places.get(id);
    if (!place?.life) return false;
    if (place.state === 'loading' || place.life.activeCount > 0)
      throw new CadreError(
        'conflict',
        `\`${id}\` is ${place.state === 'loading' ? 'being loaded' : `serving ${place.life.activeCount} requests`}`,
      );
    await this.#starter.end(place);
    this.#serve();
    return true;
  }

  /** Counts a model that lives elsewhere against the budget; call the result when it is gone. */
  hold(id: string, memoryBytes: number): () => void {
    this.#held.set(id, memoryBytes);
    this.#trim();
    return () => {
      this.#held.delete(id);
      this.#serve();
    };
  }

  /** Bytes of all models in memory, those being loaded with what they will need. */
  memoryUsed(): number {
    let bytes = 0;
    for (const place of this.#places.values()) bytes += place.heldBytes;
    for (const held of this.#held.values()) bytes += held;
    return bytes;
  }

  /** What is known of a model that was ever asked for. */
  placeOf(id: string): Place | undefined {
    return this.#places.get(id);
  }

  heldBytes(id: string): number | undefined {
    return this.#held.get(id);
  }

  /** Rejects all who wait and ends every model; requests that run are cut. */
  async close(): Promise<void> {
    const reason = new CadreError('shutting_down', 'the farm is stopping');
    this.#closing.abort(reason);
    const places = [...this.#places.values()];
    for (const place of places) place.line.rejectAll(reason);
    await Promise.all(places.map((place) => this.#starter.end(place)));
    await this.#starter.quiet();
  }

  #placeOf(id: string): Place {
    const known = this.#places.get(id);
    if (known) return known;
    this.#deps.requireInstalled(id);
    const place = new Place(id);
    this.#places.set(id, place);
    return place;
  }

  #requireStartable(place: Place): void {
    this.#deps.requireInstalled(place.id);
    const pause = place.backoff.remaining(this.#deps.clock.elapsed());
    if (pause <= PATIENCE_MS) return;
    const seconds = Math.ceil(pause / 1000);
    throw new CadreError(
      'model_unavailable',
      `\`${place.id}\` stopped ${place.backoff.count} times in a row (${place.problem ?? 'no reason given'}); the next start is in ${seconds} s`,
      { retryAfter: seconds },
    );
  }

  #overloaded(place: Place): CadreError {
    const ms = (place.line.length / this.#limits.slots) * place.meanServiceMs;
    return new CadreError(
      'overloaded',
      `${place.line.length} requests wait for \`${place.id}\` already`,
      { retryAfter: Math.min(60, Math.max(1, Math.ceil(ms / 1000))) },
    );
  }

  /**
   * Goes through the models with waiting requests, the longest waiting first: grants free slots,
   * starts what fits. Who has waited COLLATION_MS for memory makes the busy models that would free
   * it drain: they come after it in this order and grant nothing new.
   */
  #serve(): void {
    const now = this.#deps.clock.elapsed();
    const draining = new Set<string>();
    const waiting = [...this.#places.values()]
      .filter((place) => place.line.length > 0)
      .sort((a, b) => (a.line.head?.ticket ?? 0) - (b.line.head?.ticket ?? 0));
    for (const place of waiting) {
      if (place.state === 'resident') {
        if (!draining.has(place.id)) this.#grant(place);
      } else if (place.state === 'out' && !this.#start(place, now)) {
        const age = now - (place.line.head?.since ?? now);
        if (age >= COLLATION_MS)
          for (const victim of this.#victims(place, now, 'all') ?? []) draining.add(victim.id);
      }
    }
  }

  #grant(place: Place): void {
    const { life } = place;
    while (life?.loaded && life.activeCount < this.#limits.slots) {
      const waiter = place.line.shift();
      if (!waiter) return;
      life.activeCount += 1;
      waiter.grant(this.#lease(place, life));
    }
  }

  #lease(place: Place, life: Life): ModelLease {
    const { clock } = this.#deps;
    const since = clock.elapsed();
    const model = life.loaded?.model;
    if (!model) throw new CadreError('internal', `\`${place.id}\` was leased before it was loaded`);
    let isReleased = false;
    return {
      model,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        life.activeCount -= 1;
        life.lastUsedAt = clock.elapsed();
        place.meanServiceMs += (life.lastUsedAt - since - place.meanServiceMs) * SERVICE_WEIGHT;
        this.#serve();
      },
    };
  }

  /** True when it is starting, or needs nothing but time to; false when memory is what it lacks. */
  #start(place: Place, now: number): boolean {
    const pause = place.backoff.remaining(now);
    if (pause > 0) {
      this.#starter.wakeAfter(place, pause);
      return true;
    }
    if (place.neededBytes === undefined) {
      this.#starter.estimate(place, this.#limits.contextTokens);
      return true;
    }
    if (place.neededBytes > this.#largest()) {
      place.line.rejectAll(this.#tooLarge(place, place.neededBytes));
      return true;
    }
    const isPatient = now - (place.line.head?.since ?? now) < COLLATION_MS;
    const victims = this.#victims(place, now, isPatient ? 'unwanted' : 'idle');
    if (!victims) return false;
    for (const victim of victims) this.#evict(victim);
    this.#starter.load(place);
    return true;
  }

  #tooLarge(place: Place, neededBytes: number): CadreError {
    return new CadreError(
      'out_of_memory',
      `\`${place.id}\` needs ${neededBytes} bytes of memory, models may have ${this.#largest()} (\`fleet.memoryBudget\` ${this.#limits.memoryBudget})`,
    );
  }

  /** What one model can have when all others are gone. */
  #largest(): number {
    let held = 0;
    for (const bytes of this.#held.values()) held += bytes;
    return Math.max(0, this.#limits.memoryBudget - held);
  }

  /** `unwanted`: idle and nobody waits for it. Undefined when these do not make enough room. */
  #victims(
    place: Place,
    now: number,
    among: 'unwanted' | 'idle' | 'all',
  ): readonly Resident[] | undefined {
    const missing = this.memoryUsed() + (place.neededBytes ?? 0) - this.#limits.memoryBudget;
    const residents: Resident[] = [];
    for (const other of this.#places.values()) {
      const resident = other === place ? undefined : other.asResident(now);
      const isIdle = other.life?.activeCount === 0;
      const isUnwanted = isIdle && other.line.length === 0;
      const isAmong = { unwanted: isUnwanted, idle: isIdle, all: true }[among];
      if (resident && isAmong) residents.push(resident);
    }
    return chooseVictims(residents, missing);
  }

  #evict(victim: Resident): void {
    const place = this.#places.get(victim.id);
    if (place) void this.#starter.end(place);
  }

  /**
   * Back under the budget after something took more memory than was expected, as far as models
   * reach that nobody uses or waits for.
   */
  #trim(): void {
    const excess = this.memoryUsed() - this.#limits.memoryBudget;
    if (excess <= 0) return;
    const now = this.#deps.clock.elapsed();
    const unwanted: Resident[] = [];
    for (const place of this.#places.values()) {
      const resident = place.asResident(now);
      if (resident && place.life?.activeCount === 0 && place.line.length === 0)
        unwanted.push(resident);
    }
    for (const victim of chooseVictims(unwanted, excess) ?? unwanted) this.#evict(victim);
  }
}
