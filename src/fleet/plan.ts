import type { FleetPlan, FleetView, ModelView, Refusal, RequestView } from './fleet-view.ts';
import { dueAt, type LongestWaits, orderLine, rankOf, shareOf } from './line-order.ts';
import { chooseVictims } from './victims.ts';

export interface PlanSettings {
  readonly longestWaits: LongestWaits;
  /** How long a request may be held for others of its model to join it, loading included. */
  readonly holdMs: number;
  /** Shares of time spent with loading at which holding begins, and at which it is full. */
  readonly holdFrom: number;
  readonly holdFull: number;
}

/** Loads took 0.5 to 6.8 s, so that less would thrash. */
export const USUAL_PATIENCE_MS = 5000;

/**
 * Settings for how long a request that somebody waits for may be passed over. The shares: a fleet
 * that loads less than 0.4 of its time answers nobody sooner by waiting; who is patient for longer
 * wants fewer loads before (all measured by `bench farm-scheduler`).
 */
export function settingsFor(patienceMs: number): PlanSettings {
  const eagerness = Math.sqrt(USUAL_PATIENCE_MS / patienceMs);
  return {
    longestWaits: {
      interactive: patienceMs,
      batch: 12 * patienceMs,
      background: 60 * patienceMs,
    },
    holdMs: 1.6 * patienceMs,
    holdFrom: 0.4 * eagerness,
    holdFull: 0.9 * eagerness,
  };
}

export const USUAL_SETTINGS = settingsFor(USUAL_PATIENCE_MS);

/** How long the share of time spent with loading is remembered. */
export const LOADING_MEMORY_MS = 60_000;

/**
 * How long a model whose requests wait stays at least, in times of its loading: where more is asked
 * than can be served, everybody is overdue, and without it the 1.5B left before it had answered anyone.
 */
const STAY_LOADS = 2;

/** Part of the mean time of those before it that a request is sure to wait. */
const SURE_PART = 0.5;

/**
 * What the fleet does now. Requests of models in memory are served while those of others gather
 * (A B A A C → A A A B C) until the oldest has waited for its longest; who has been passed over that
 * long makes those drain that hold the memory. The victim is the model with the least
 * (reload cost × predicted reuse) ÷ bytes, never one that is busy or pinned.
 */
export function planFleet(view: FleetView, settings: PlanSettings = USUAL_SETTINGS): FleetPlan {
  return new Planning(view, settings).plan();
}

interface WaitingModel {
  readonly model: ModelView;
  /** Who is next first. */
  readonly line: readonly RequestView[];
  /** When the first of them may be passed over no longer; infinite while none has come so far. */
  readonly overdueSince: number;
}

class Planning {
  readonly #view: FleetView;
  readonly #settings: PlanSettings;
  /** How much holding pays, 0 … 1. */
  readonly #holdShare: number;
  readonly #active = new Map<string, number>();
  readonly #draining = new Set<string>();
  readonly #evictions = new Set<string>();
  readonly #loads: string[] = [];
  readonly #grants: { model: string; ticket: number }[] = [];
  readonly #refusals: Refusal[] = [];
  #used: number;
  /** Somebody overdue waits for memory: nobody after him may take it. */
  #isReserved = false;
  #lookAgainAt = Number.POSITIVE_INFINITY;

  constructor(view: FleetView, settings: PlanSettings) {
    this.#view = view;
    this.#settings = settings;
    const { holdFrom, holdFull } = settings;
    const share = (view.loadingShare - holdFrom) / (holdFull - holdFrom);
    this.#holdShare = Math.min(1, Math.max(0, share));
    this.#used = view.heldElsewhere;
    for (const model of view.models) if (isHolding(model)) this.#used += model.bytes;
  }

  plan(): FleetPlan {
    for (const { model, line, overdueSince } of this.#waiting())
      if (model.state === 'resident') this.#grant(model, line);
      else if (model.state === 'out') this.#start(model, overdueSince);
    return {
      evictions: [...this.#evictions],
      loads: this.#loads,
      grants: this.#grants,
      refusals: this.#refusals,
      lookAgainAt: this.#lookAgainAt,
    };
  }

  /** Models with waiting requests: those overdue first, then by priority and arrival. */
  #waiting(): readonly WaitingModel[] {
    const { now, models, usageOf } = this.#view;
    const rows: WaitingModel[] = [];
    for (const model of models) {
      if (model.waiting.length === 0) continue;
      const ordered = orderLine(model, this.#view, this.#settings.longestWaits);
      const line = this.#inTime(model, ordered);
      if (line.length === 0) continue;
      const dues = line.map((one) => dueAt(one, model, this.#settings.longestWaits));
      const [due = now] = dues;
      for (const one of dues) if (one > now) this.#lookAgain(one);
      rows.push({ model, line, overdueSince: due <= now ? due : Number.POSITIVE_INFINITY });
    }
    const isOverdue = ({ overdueSince }: WaitingModel) => overdueSince <= now;
    const had = ({ line: [first] }: WaitingModel) => (first ? shareOf(first, usageOf) : 0);
    const rank = ({ line: [first] }: WaitingModel) => (first ? rankOf(first) : 0);
    const ticket = ({ line: [first] }: WaitingModel) => first?.ticket ?? 0;
    return rows.sort(
      (a, b) =>
        Number(isOverdue(b)) - Number(isOverdue(a)) ||
        (isOverdue(a) ? had(a) - had(b) || a.overdueSince - b.overdueSince : rank(a) - rank(b)) ||
        ticket(a) - ticket(b),
    );
  }

  /** Refuses who can never be served and who cannot be served in time. */
  #inTime(model: ModelView, line: readonly RequestView[]): readonly RequestView[] {
    const { now, slots, budget } = this.#view;
    if (model.state === 'out' && model.bytes > this.#mostFor(model)) {
      const most = this.#mostFor(model);
      for (const { ticket } of line)
        this.#refusals.push({ model: model.id, ticket, reason: 'too-large', most, budget });
      return [];
    }
    if (line.every((one) => one.deadline === undefined)) return line;
    const loadMs = model.state === 'out' ? model.loadMs : 0;
    let ahead = model.activeCount - slots + 1;
    return line.filter(({ ticket, deadline }) => {
      const queueMs = (SURE_PART * Math.max(0, ahead) * model.serviceMs) / slots;
      const waitMs = loadMs + queueMs;
      if (deadline !== undefined && now + waitMs >= deadline) {
        this.#refusals.push({ model: model.id, ticket, reason: 'too-late', waitMs });
        return false;
      }
      ahead += 1;
      if (deadline !== undefined) this.#lookAgain(deadline);
      return true;
    });
  }

  /** What a model can have when all are gone that may go. */
  #mostFor(model: ModelView): number {
    const { budget, heldElsewhere, models } = this.#view;
    let most = budget - heldElsewhere;
    for (const one of models) if (one !== model && one.pinned && isHolding(one)) most -= one.bytes;
    return Math.max(0, most);
  }

  #grant(model: ModelView, line: readonly RequestView[]): void {
    if (this.#draining.has(model.id) || this.#evictions.has(model.id)) return;
    let active = this.#activeOf(model);
    for (const { ticket } of line) {
      if (active >= this.#view.slots) break;
      active += 1;
      this.#grants.push({ model: model.id, ticket });
    }
    this.#active.set(model.id, active);
  }

  #start(model: ModelView, overdueSince: number): void {
    if (this.#isReserved) return;
    const { now, budget, models } = this.#view;
    const missing = this.#used + model.bytes - budget;
    if (missing <= 0) {
      this.#load(model);
      return;
    }
    const isOverdue = overdueSince <= now;
    const residents = models.filter(
      (one) =>
        one !== model &&
        one.state === 'resident' &&
        !one.pinned &&
        !this.#evictions.has(one.id) &&
        (one.waiting.length === 0 || this.#hasServed(one)),
    );
    const idle = residents.filter((one) => this.#activeOf(one) === 0);
    const victims = chooseVictims(
      isOverdue ? idle : idle.filter((one) => one.waiting.length === 0 && this.#hasStayed(one)),
      missing,
    );
    if (victims !== undefined) {
      if (!isOverdue && this.#isHeld(model)) return;
      for (const victim of victims) {
        this.#evictions.add(victim.id);
        this.#used -= victim.bytes;
      }
      this.#load(model);
    } else if (isOverdue) {
      this.#isReserved = true;
      for (const victim of chooseVictims(residents, missing) ?? residents)
        this.#draining.add(victim.id);
    }
  }

  /** A model whose requests wait stays, whoever is overdue: else much would be loaded and little served. */
  #hasServed({ loadedAt, loadMs }: ModelView): boolean {
    const until = loadedAt + STAY_LOADS * loadMs;
    if (until <= this.#view.now) return true;
    this.#lookAgain(until);
    return false;
  }

  /** While much is loaded, a model stays at least as long as its loading took. */
  #hasStayed(model: ModelView): boolean {
    const until = model.loadedAt + model.loadMs * this.#holdShare;
    if (until <= this.#view.now) return true;
    this.#lookAgain(until);
    return false;
  }

  /** While much is loaded, requests of a model gather before others are evicted for it. */
  #isHeld(model: ModelView): boolean {
    const holdMs = Math.max(0, this.#settings.holdMs - model.loadMs) * this.#holdShare;
    const until = Math.min(...model.waiting.map((one) => one.since)) + holdMs;
    if (until <= this.#view.now) return false;
    this.#lookAgain(until);
    return true;
  }

  #load(model: ModelView): void {
    this.#used += model.bytes;
    this.#loads.push(model.id);
  }

  #activeOf(model: ModelView): number {
    return this.#active.get(model.id) ?? model.activeCount;
  }

  #lookAgain(at: number): void {
    this.#lookAgainAt = Math.min(this.#lookAgainAt, at);
  }
}

function isHolding({ state }: ModelView): boolean {
  return state === 'resident' || state === 'loading';
}
