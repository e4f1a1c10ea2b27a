import type { FleetMove, FleetTally } from '../core/fleet-tally.ts';
import type { FleetPolicy, FleetView } from './fleet-view.ts';
import { countThatFits } from './plan-peers.ts';

const RECENT_MOST = 50;

/** Counts what a policy decides, beside what least recently used by count would have loaded. */
export class Tally {
  readonly #now: () => number;
  #loads = 0;
  #evictions = 0;
  #loadsByCount = 0;
  #slots = 0;
  #lastTicket = 0;
  #recent: readonly FleetMove[] = [];
  /** Models that the other rule would have in memory, the one used last at the end. */
  readonly #byCount = new Set<string>();

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same policy, watched. */
  watch(policy: FleetPolicy): FleetPolicy {
    return (view) => {
      this.#arrivals(view);
      const plan = policy(view);
      this.#evictions += plan.evictions.length;
      this.#loads += plan.loads.length;
      for (const model of plan.evictions) this.#note(model, 'evicted');
      for (const model of plan.loads) this.#note(model, 'loaded');
      return plan;
    };
  }

  standing(): FleetTally {
    return {
      loads: this.#loads,
      evictions: this.#evictions,
      loadsByCount: this.#loadsByCount,
      slots: this.#slots,
      recent: this.#recent,
    };
  }

  /** A model whose size is not known yet counts as small: that favours the other rule. */
  #arrivals({ models, budget, slots, heldElsewhere }: FleetView): void {
    this.#slots = slots;
    const fresh = models
      .flatMap(({ id, waiting }) => waiting.map(({ ticket }) => ({ id, ticket })))
      .filter(({ ticket }) => ticket > this.#lastTicket)
      .sort((a, b) => a.ticket - b.ticket);
    if (fresh.length === 0) return;
    const most = countThatFits(
      models.map(({ bytes }) => bytes),
      budget - heldElsewhere,
    );
    for (const { id, ticket } of fresh) {
      this.#lastTicket = ticket;
      if (!this.#byCount.delete(id)) this.#loadsByCount += 1;
      this.#byCount.add(id);
      const [oldest] = this.#byCount;
      if (this.#byCount.size > most && oldest !== undefined) this.#byCount.delete(oldest);
    }
  }

  #note(model: string, act: FleetMove['act']): void {
    this.#recent = [{ at: this.#now(), model, act }, ...this.#recent].slice(0, RECENT_MOST);
  }
}
