import type { FleetPlan, FleetPolicy, FleetView, ModelView, RequestView } from './fleet-view.ts';

/** Ollama's default `keep_alive`. */
const KEEP_ALIVE_MS = 300_000;

interface Rule {
  /** Who leaves first. */
  readonly order: (a: ModelView, b: ModelView) => number;
  /** Models that may be in memory at once; absent = as many as the bytes allow. */
  readonly most?: number;
  /** One line: a request whose model cannot start holds up all that came after it. */
  readonly isOneLine: boolean;
  /** Idle this long, a model leaves by itself. */
  readonly keepAliveMs?: number;
}

/** One line in order of arrival; who was loaded first leaves first. */
export function fifoPolicy(): FleetPolicy {
  return peer({ order: (a, b) => a.loadedAt - b.loadedAt, isOneLine: true });
}

/**
 * At most `most` models, the least recently used leaves: llama-server's router (`--models-max`), but
 * kinder, since that ends a model that is answering and here it is waited for. Without `most`: least
 * recently used within the bytes.
 */
export function lruPolicy(most?: number): FleetPolicy {
  const order = (a: ModelView, b: ModelView) => a.lastUsedAt - b.lastUsedAt;
  return peer({ order, isOneLine: false, ...(most === undefined ? {} : { most }) });
}

/**
 * Ollama's scheduler (server/sched.go): one line; an idle model leaves after five minutes; for room
 * the one with the shortest keep-alive leaves first, by name where all are equal.
 */
export function keepAlivePolicy(): FleetPolicy {
  const order = (a: ModelView, b: ModelView) => (a.id < b.id ? -1 : 1);
  return peer({ order, isOneLine: true, keepAliveMs: KEEP_ALIVE_MS });
}

/** How many models may be counted in so that any of them fit together; at least 1. */
export function countThatFits(bytes: readonly number[], budget: number): number {
  let sum = 0;
  let count = 0;
  for (const one of [...bytes].sort((a, b) => b - a)) {
    sum += one;
    if (sum > budget) break;
    count += 1;
  }
  return Math.max(1, count);
}

function peer(rule: Rule): FleetPolicy {
  return (view) => new PeerPlanning(view, rule).plan();
}

class PeerPlanning {
  readonly #view: FleetView;
  readonly #rule: Rule;
  readonly #active = new Map<string, number>();
  readonly #evictions = new Set<string>();
  /** Those whose end somebody waits for; they take nothing new. */
  readonly #draining = new Set<string>();
  readonly #loads: string[] = [];
  readonly #grants: { model: string; ticket: number }[] = [];
  #used: number;
  #count = 0;
  #lookAgainAt = Number.POSITIVE_INFINITY;

  constructor(view: FleetView, rule: Rule) {
    this.#view = view;
    this.#rule = rule;
    this.#used = view.heldElsewhere;
    for (const model of view.models) {
      this.#active.set(model.id, model.activeCount);
      if (model.state !== 'resident' && model.state !== 'loading') continue;
      this.#used += model.bytes;
      this.#count += 1;
    }
  }

  plan(): FleetPlan {
    const stuck = new Set<string>();
    this.#grantFresh();
    for (const { model, request } of this.#inOrder()) {
      if (stuck.has(model.id) || this.#isGranted(request)) continue;
      if (model.state === 'resident' && !this.#evictions.has(model.id)) {
        if (!this.#grant(model, request)) stuck.add(model.id);
      } else {
        stuck.add(model.id);
        if (model.state === 'out' && !this.#start(model) && this.#rule.isOneLine) break;
      }
    }
    this.#expire();
    return {
      evictions: [...this.#evictions],
      loads: this.#loads,
      grants: this.#grants,
      refusals: [],
      lookAgainAt: this.#lookAgainAt,
    };
  }

  /** Who had a model loaded left the line then, so nobody comes between him and it. */
  #grantFresh(): void {
    for (const model of this.#view.models) {
      const [first] = model.waiting;
      const isFresh = model.state === 'resident' && model.loadedAt === model.lastUsedAt;
      if (first !== undefined && isFresh && model.activeCount === 0) this.#grant(model, first);
    }
  }

  #isGranted({ ticket }: RequestView): boolean {
    return this.#grants.some((one) => one.ticket === ticket);
  }

  #inOrder(): readonly { readonly model: ModelView; readonly request: RequestView }[] {
    return this.#view.models
      .flatMap((model) => model.waiting.map((request) => ({ model, request })))
      .sort((a, b) => a.request.ticket - b.request.ticket);
  }

  #grant({ id }: ModelView, { ticket }: RequestView): boolean {
    const active = this.#active.get(id) ?? 0;
    if (this.#draining.has(id) || active >= this.#view.slots) return false;
    this.#active.set(id, active + 1);
    this.#grants.push({ model: id, ticket });
    return true;
  }

  #start(model: ModelView): boolean {
    const others = this.#view.models
      .filter((one) => one.state === 'resident' && !one.pinned && !this.#evictions.has(one.id))
      .sort(this.#rule.order);
    for (const one of others) {
      if (this.#fits(model)) break;
      if (this.#isIdle(one) && !this.#draining.has(one.id)) this.#evict(one);
    }
    if (this.#fits(model)) {
      this.#loads.push(model.id);
      this.#used += model.bytes;
      this.#count += 1;
      return true;
    }
    const busy = others.find((one) => !this.#isIdle(one) && !this.#draining.has(one.id));
    if (busy !== undefined) this.#draining.add(busy.id);
    return false;
  }

  #fits({ bytes }: ModelView): boolean {
    const { most } = this.#rule;
    return most === undefined ? this.#used + bytes <= this.#view.budget : this.#count < most;
  }

  #isIdle({ id }: ModelView): boolean {
    return (this.#active.get(id) ?? 0) === 0;
  }

  #evict(model: ModelView): void {
    this.#evictions.add(model.id);
    this.#used -= model.bytes;
    this.#count -= 1;
  }

  #expire(): void {
    const { keepAliveMs } = this.#rule;
    if (keepAliveMs === undefined) return;
    for (const one of this.#view.models) {
      if (one.state !== 'resident' || this.#evictions.has(one.id) || !this.#isIdle(one)) continue;
      const end = one.lastUsedAt + keepAliveMs;
      if (end <= this.#view.now) this.#evict(one);
      else this.#lookAgainAt = Math.min(this.#lookAgainAt, end);
    }
  }
}
