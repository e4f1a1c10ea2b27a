import { CadreError } from '../core/errors.ts';
import type { ModelLease } from '../core/ports.ts';
import { DecayingSum } from './decaying-sum.ts';
import type { FleetPolicy, FleetView, Refusal } from './fleet-view.ts';
import { KeyUsage } from './key-usage.ts';
import { MemoryRoom } from './memory-room.ts';
import { ModelStarter } from './model-starter.ts';
import type { Life, Place } from './place.ts';
import { Places } from './places.ts';
import { LOADING_MEMORY_MS, planFleet, settingsFor } from './plan.ts';
import {
  overloaded,
  refused,
  requirePinnable,
  requireStartable,
  waitedInVain,
} from './refusals.ts';
import type { AcquireOptions, ResidencyDeps, ResidencyLimits } from './residency-deps.ts';
import { chooseVictims } from './victims.ts';
import type { Waiter } from './wait-line.ts';
import { WakeUp } from './wake-up.ts';

/** Weight of the newest request in the mean service time. */
const SERVICE_WEIGHT = 0.2;

/**
 * Which models are in memory and whose request is next: `planFleet` decides from what is known here,
 * and what it decides is done here.
 */
export class ModelResidency {
  readonly #deps: ResidencyDeps;
  readonly #limits: ResidencyLimits;
  readonly #starter: ModelStarter;
  readonly #policy: FleetPolicy;
  readonly #room: MemoryRoom;
  readonly #places = new Places();
  readonly #usage = new KeyUsage();
  readonly #loading = new DecayingSum(LOADING_MEMORY_MS);
  readonly #closing = new AbortController();
  readonly #wakeUp: WakeUp;
  #tickets = 0;

  constructor(deps: ResidencyDeps, limits: ResidencyLimits) {
    this.#deps = deps;
    this.#limits = limits;
    const settings = settingsFor(limits.patienceMs);
    this.#policy = deps.policy ?? ((view) => planFleet(view, settings));
    this.#room = new MemoryRoom(limits.memoryBudget, deps.freeMemory);
    this.#wakeUp = new WakeUp(deps, this.#closing.signal, () => this.#serve());
    this.#starter = new ModelStarter(deps, this.#closing.signal, () => {
      this.#serve();
      this.#trim();
    });
  }

  /**
   * A lease on a loaded model; release it when the request has ended. Rejects with
   * `model_unavailable`, `model_damaged`, `overloaded` (with `retryAfter`), `deadline_exceeded`,
   * `out_of_memory`, `worker_crashed`, `shutting_down`, or the signal's reason.
   */
  async acquire(id: string, options: AcquireOptions): Promise<ModelLease> {
    options.signal.throwIfAborted();
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    const place = this.#placeOf(id);
    if (place.state === 'out') {
      this.#deps.requireInstalled(id);
      requireStartable(place, this.#deps.clock.elapsed());
    }
    if (place.line.length >= this.#limits.queueLength) {
      const error = overloaded(place, this.#limits.slots);
      if (!place.line.makeRoom(options, error)) throw error;
    }
    const { promise, resolve, reject } = Promise.withResolvers<ModelLease>();
    const waiter = this.#waiter(options, { grant: resolve, reject });
    const onAbort = () => {
      if (place.line.take(waiter.ticket)) reject(waitedInVain(options.signal.reason, place));
      this.#serve();
    };
    options.signal.addEventListener('abort', onAbort, { once: true });
    place.history.note(waiter.since);
    place.line.join(waiter);
    this.#serve();
    return promise.finally(() => options.signal.removeEventListener('abort', onAbort));
  }

  #waiter(
    { priority = 'interactive', key = '', group = '', deadline, onProgress }: AcquireOptions,
    answers: Pick<Waiter, 'grant' | 'reject'>,
  ): Waiter {
    const { clock } = this.#deps;
    const since = clock.elapsed();
    this.#tickets += 1;
    return {
      ...answers,
      ticket: this.#tickets,
      since,
      priority,
      key,
      group,
      ...(deadline === undefined ? {} : { deadline: since + deadline - clock.now() }),
      onProgress: (progress) => onProgress?.(progress),
    };
  }

  /**
   * Keeps a model in memory from now on, and loads it. Rejects as `acquire`, and with
   * `out_of_memory` where what is pinned would not fit together.
   */
  async pin(id: string, options: AcquireOptions): Promise<void> {
    const place = this.#placeOf(id);
    place.neededBytes ??= await this.#starter.doEstimate(place, this.#limits.contextTokens);
    const others = this.#places.pinnedBeside(place);
    requirePinnable(place, others, this.#places.heldElsewhere(), this.#limits.memoryBudget);
    const wasPinned = place.pinned;
    place.pinned = true;
    try {
      (await this.acquire(id, options)).release();
    } catch (error) {
      place.pinned = wasPinned;
      throw error;
    }
  }

  /** Keeps a model from its first load on; what does not fit beside it is refused when it is asked. */
  keep(id: string): Place {
    return Object.assign(this.#places.get(id) ?? this.#places.add(id), { pinned: true });
  }

  /** False when it was not pinned. */
  unpin(id: string): boolean {
    const place = this.#places.get(id);
    if (!place?.pinned) return false;
    place.pinned = false;
    this.#serve();
    return true;
  }

  /** False when it is not in memory. Throws `conflict` while it loads, serves a request or is pinned. */
  async unload(id: string): Promise<boolean> {
    const place = this.#places.get(id);
    if (!place?.life) return false;
    if (place.state === 'loading' || place.life.activeCount > 0)
      throw new CadreError(
        'conflict',
        `\`${id}\` is ${place.state === 'loading' ? 'being loaded' : `serving ${place.life.activeCount} request${place.life.activeCount === 1 ? '' : 's'}`}`,
      );
    if (place.pinned) throw new CadreError('conflict', `\`${id}\` is pinned; unpin it first`);
    await this.#starter.end(place);
    this.#serve();
    return true;
  }

  /** Counts a model that lives elsewhere against the budget; call the result when it is gone. */
  hold(id: string, memoryBytes: number): () => void {
    this.#places.hold(id, memoryBytes);
    this.#trim();
    return () => {
      this.#places.letGo(id);
      this.#serve();
    };
  }

  /** Bytes of all models in memory, those being loaded with what they will need. */
  memoryUsed(): number {
    return this.#places.used();
  }

  /** What is known of a model that was ever asked for. */
  placeOf(id: string): Place | undefined {
    return this.#places.get(id);
  }

  /** Bytes of models that were here and gave way: what all would take at once, less what is used. */
  memorySaved(): number {
    return this.#places.saved();
  }

  /** Milliseconds until it is asked next, by its requests so far; undefined without any. */
  expectedMs(id: string): number | undefined {
    return this.#places.get(id)?.expectedMs(this.#deps.clock.elapsed());
  }

  heldBytes(id: string): number | undefined {
    return this.#places.heldBytes(id);
  }

  /** Rejects all who wait and ends every model; requests that run are cut. */
  async close(): Promise<void> {
    const reason = new CadreError('shutting_down', 'the farm is stopping');
    this.#closing.abort(reason);
    const places = this.#places.all();
    for (const place of places) place.line.rejectAll(reason);
    await Promise.all(places.map((place) => this.#starter.end(place)));
    await this.#starter.quiet();
  }

  #placeOf(id: string): Place {
    const known = this.#places.get(id);
    if (known) return known;
    this.#deps.requireInstalled(id);
    return this.#places.add(id);
  }

  /** Does what the plan says, and looks again when it says so. */
  #serve(): void {
    if (this.#closing.signal.aborted) return;
    const now = this.#deps.clock.elapsed();
    for (const place of this.#places.all()) this.#prepare(place, now);
    const plan = this.#policy(this.#view(now));
    for (const refusal of plan.refusals) this.#refuse(refusal);
    for (const id of plan.evictions) this.#evict(id);
    for (const id of plan.loads) {
      const place = this.#places.get(id);
      if (!place) continue;
      this.#loading.add(now, place.loadMs ?? 0);
      this.#starter.load(place);
    }
    for (const { model, ticket } of plan.grants) this.#grant(model, ticket);
    this.#wakeUp.at(plan.lookAgainAt);
  }

  /** Finds out what starting a wanted model takes, and waits for its pause to end. */
  #prepare(place: Place, now: number): void {
    if (place.state !== 'out' || place.line.length === 0) return;
    const pause = place.backoff.remaining(now);
    if (pause > 0) this.#starter.wakeAfter(place, pause);
    else if (place.neededBytes === undefined)
      this.#starter.estimate(place, this.#limits.contextTokens);
  }

  #view(now: number): FleetView {
    return {
      now,
      budget: this.#room.budget(this.#places, this.#starter.isEnding),
      heldElsewhere: this.#places.heldElsewhere(),
      slots: this.#limits.slots,
      models: this.#places.views(now),
      loadingShare: this.#loading.rate(now),
      usageOf: (key) => this.#usage.of(key, now),
    };
  }

  #grant(model: string, ticket: number): void {
    const place = this.#places.get(model);
    const waiter = place?.line.take(ticket);
    if (!place?.life || !waiter) return;
    place.life.activeCount += 1;
    place.lastGroup = waiter.group;
    waiter.grant(this.#lease(place, place.life, waiter.key));
  }

  #lease(place: Place, life: Life, key: string): ModelLease {
    const { clock } = this.#deps;
    const since = clock.elapsed();
    // Expected now and corrected in the end, so that a key cannot fill all slots meanwhile.
    const expectedMs = place.meanServiceMs;
    this.#usage.note(key, since, expectedMs);
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
        const serviceMs = life.lastUsedAt - since;
        place.meanServiceMs += (serviceMs - place.meanServiceMs) * SERVICE_WEIGHT;
        this.#usage.note(key, life.lastUsedAt, serviceMs - expectedMs);
        this.#serve();
      },
    };
  }

  #refuse(refusal: Refusal): void {
    const place = this.#places.get(refusal.model);
    if (!place) return;
    const beside = this.#places.pinnedBeside(place);
    const bound = this.#room.bound(refusal, place.neededBytes ?? 0);
    const error = refused(place, refusal, { beside, bound });
    place.line.take(refusal.ticket)?.reject(error);
  }

  #evict(id: string): void {
    const place = this.#places.get(id);
    if (place) void this.#starter.end(place);
  }

  /**
   * Back under the budget after something took more memory than was expected, as far as models
   * reach that nobody uses or waits for.
   */
  #trim(): void {
    const excess = this.memoryUsed() - this.#limits.memoryBudget;
    if (excess <= 0) return;
    const unwanted = this.#places.unwanted(this.#deps.clock.elapsed());
    for (const { id } of chooseVictims(unwanted, excess) ?? unwanted) this.#evict(id);
  }
}
