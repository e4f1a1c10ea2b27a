import { DecayingSum } from './decaying-sum.ts';
import { EventHeap } from './event-heap.ts';
import type { FleetPlan, FleetPolicy, ModelView, RequestView } from './fleet-view.ts';
import { KeyUsage } from './key-usage.ts';
import { LOADING_MEMORY_MS } from './plan.ts';
import { RequestHistory } from './request-history.ts';
import type { Trace, TraceModel, TraceRequest } from './trace.ts';

export interface SimulationLimits {
  /** Bytes for all models together. */
  readonly budget: number;
  /** Requests that a model serves side by side. */
  readonly slots: number;
  /** Requests that may wait for one model; more are refused. */
  readonly queueLength: number;
  /** Models that never leave once they are loaded. */
  readonly pinned?: readonly string[];
}

export interface SimulationOutcome {
  readonly loads: number;
  /** Milliseconds spent with loading. */
  readonly loadMs: number;
  /** Milliseconds from arrival to service, per request of the trace; NaN where it was refused. */
  readonly waits: Float64Array;
  readonly refused: number;
  /** Most bytes that were held at once. */
  readonly peakBytes: number;
}

interface SimulatedModel {
  readonly model: TraceModel;
  readonly history: RequestHistory;
  readonly waiting: (RequestView & { readonly asked: TraceRequest; readonly index: number })[];
  state: 'out' | 'loading' | 'resident';
  loadedAt: number;
  lastUsedAt: number;
  activeCount: number;
  serviceMs: number;
  lastGroup: string;
}

/**
 * Replays a trace under a policy. A model serves `slots` requests at once, each for as long as the
 * trace says; loads take their time side by side; leaving takes none. Throws RangeError where a
 * policy evicts a model that serves or does not let time pass.
 */
export function simulate(
  trace: Trace,
  policy: FleetPolicy,
  limits: SimulationLimits,
): SimulationOutcome {
  return new Simulation(trace, policy, limits).run();
}

class Simulation {
  readonly #trace: Trace;
  readonly #policy: FleetPolicy;
  readonly #limits: SimulationLimits;
  readonly #models: ReadonlyMap<string, SimulatedModel>;
  readonly #events = new EventHeap();
  readonly #loading = new DecayingSum(LOADING_MEMORY_MS);
  readonly #usage = new KeyUsage();
  readonly #waits: Float64Array;
  #now = 0;
  #loads = 0;
  #loadMs = 0;
  #refused = 0;
  #peakBytes = 0;

  constructor(trace: Trace, policy: FleetPolicy, limits: SimulationLimits) {
    this.#trace = trace;
    this.#policy = policy;
    this.#limits = limits;
    this.#models = new Map(trace.models.map((model) => [model.id, newModel(model)]));
    this.#waits = new Float64Array(trace.requests.length).fill(Number.NaN);
  }

  run(): SimulationOutcome {
    let next = 0;
    let lookAgainAt = Number.POSITIVE_INFINITY;
    for (;;) {
      const request = this.#trace.requests[next];
      const arrival = request?.at ?? Number.POSITIVE_INFINITY;
      const { nextAt } = this.#events;
      this.#now = Math.max(this.#now, Math.min(arrival, nextAt, lookAgainAt));
      if (this.#now === Number.POSITIVE_INFINITY) break;
      if (nextAt <= this.#now) this.#events.pop()?.();
      else if (request !== undefined && arrival <= this.#now) {
        this.#arrive(request, next);
        next += 1;
      }
      lookAgainAt = this.#apply(this.#policy(this.#view()));
      if (lookAgainAt <= this.#now) throw new RangeError('a plan looks again at once');
    }
    return {
      loads: this.#loads,
      loadMs: this.#loadMs,
      waits: this.#waits,
      refused: this.#refused,
      peakBytes: this.#peakBytes,
    };
  }

  #view() {
    const now = this.#now;
    return {
      now,
      budget: this.#limits.budget,
      heldElsewhere: 0,
      slots: this.#limits.slots,
      models: [...this.#models.values()].map((one) => this.#viewOf(one)),
      loadingShare: this.#loading.rate(now),
      usageOf: (key: string) => this.#usage.of(key, now),
    };
  }

  #viewOf({ model, history, ...one }: SimulatedModel): ModelView {
    const isIdle = one.state === 'resident' && one.activeCount === 0;
    return {
      ...model,
      ...one,
      pinned: this.#limits.pinned?.includes(model.id) ?? false,
      // Only asked of those that could leave.
      reuse: isIdle ? history.reuse(this.#now) : 1,
    };
  }

  #arrive(asked: TraceRequest, index: number): void {
    const one = this.#models.get(asked.model);
    if (one === undefined) throw new RangeError(`the trace has no model ${asked.model}`);
    one.history.note(this.#now);
    if (one.waiting.length >= this.#limits.queueLength) {
      this.#refused += 1;
      return;
    }
    const { key, priority, group, deadlineMs } = asked;
    const deadline = deadlineMs === undefined ? {} : { deadline: this.#now + deadlineMs };
    const request = { ticket: index, since: this.#now, key, priority, group, ...deadline };
    one.waiting.push({ ...request, asked, index });
  }

  #apply(plan: FleetPlan): number {
    for (const { model, ticket } of plan.refusals) {
      this.#take(model, ticket);
      this.#refused += 1;
    }
    for (const id of plan.evictions) {
      const one = this.#models.get(id);
      if (one === undefined) continue;
      if (one.activeCount > 0) throw new RangeError(`${id} was evicted while it served`);
      one.state = 'out';
    }
    for (const id of plan.loads) this.#load(id);
    for (const { model, ticket } of plan.grants) this.#serve(model, ticket);
    let bytes = 0;
    for (const one of this.#models.values()) if (one.state !== 'out') bytes += one.model.bytes;
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
    return plan.lookAgainAt;
  }

  #load(id: string): void {
    const one = this.#models.get(id);
    if (one === undefined) return;
    const { loadMs } = one.model;
    one.state = 'loading';
    this.#loads += 1;
    this.#loadMs += loadMs;
    this.#loading.add(this.#now, loadMs);
    this.#events.push(this.#now + loadMs, () => {
      one.state = 'resident';
      one.loadedAt = this.#now;
      one.lastUsedAt = this.#now;
    });
  }

  #serve(id: string, ticket: number): void {
    const one = this.#models.get(id);
    const request = this.#take(id, ticket);
    if (one === undefined || request === undefined) return;
    const { asked, index, since } = request;
    this.#waits[index] = this.#now - since;
    one.activeCount += 1;
    one.lastGroup = asked.group;
    const expectedMs = one.serviceMs;
    this.#usage.note(asked.key, this.#now, expectedMs);
    this.#events.push(this.#now + asked.serviceMs, () => {
      one.activeCount -= 1;
      one.lastUsedAt = this.#now;
      one.serviceMs += 0.2 * (asked.serviceMs - one.serviceMs);
      this.#usage.note(asked.key, this.#now, asked.serviceMs - expectedMs);
    });
  }

  #take(id: string, ticket: number) {
    const waiting = this.#models.get(id)?.waiting ?? [];
    const place = waiting.findIndex((one) => one.ticket === ticket);
    return place < 0 ? undefined : waiting.splice(place, 1)[0];
  }
}

function newModel(model: TraceModel): SimulatedModel {
  return {
    model,
    history: new RequestHistory(),
    waiting: [],
    state: 'out',
    loadedAt: 0,
    lastUsedAt: 0,
    activeCount: 0,
    serviceMs: 2000,
    lastGroup: '',
  };
}
