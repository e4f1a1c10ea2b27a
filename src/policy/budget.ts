import type { Caller } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { SpendStore } from '../core/stores.ts';

export interface Reservation {
  /** Replaces the reservation by what was really spent, US dollars; the first call counts. */
  settle(spent: number): Promise<void>;
}

export interface Budgets {
  /**
   * Sets money aside before it is spent. Rejects with `budget_exceeded` when the key's budget of the
   * day does not hold it. A request that costs nothing is never refused.
   */
  reserve(wish: {
    readonly caller: Caller;
    /** Id of the request; reserving it again while it is known changes nothing. */
    readonly id: string;
    /** US dollars that the request may cost at most. */
    readonly amount: number;
  }): Promise<Reservation>;
  /** US dollars that the key may still spend today, ≥ 0; undefined = no limit. */
  left(caller: Caller): Promise<number | undefined>;
  /**
   * Gives back what requests set aside that cannot be running any more; returns how many.
   * `longestMs` is longer than any request may run: what is older belongs to a process that was
   * killed, not to another node that is at work.
   */
  releaseStale(longestMs: number): Promise<number>;
}

const NOTHING_TO_SETTLE: Reservation = { settle: async () => undefined };

/** Budgets per key and day (UTC). `now` in milliseconds since the epoch. */
export function createBudgets(options: {
  readonly store: SpendStore;
  readonly now: () => number;
}): Budgets {
  const { store, now } = options;
  return {
    async reserve({ caller, id, amount }) {
      const limit = caller.budgetDaily;
      if (!(amount >= 0 && Number.isFinite(amount)))
        throw new CadreError('internal', `a request cannot cost ${amount} dollars`);
      if (limit === undefined) return NOTHING_TO_SETTLE;
      const at = now();
      const period = dayOf(at);
      const reserved = await store.doReserve({
        id,
        key: caller.key,
        period,
        amount,
        limit: amount === 0 ? Number.POSITIVE_INFINITY : limit,
        at,
      });
      if (!reserved) throw exceeded(limit, amount, await store.doSpent(caller.key, period), at);
      return reservationOf(store, id);
    },
    async left({ key, budgetDaily }) {
      if (budgetDaily === undefined) return undefined;
      return Math.max(0, budgetDaily - (await store.doSpent(key, dayOf(now()))));
    },
    releaseStale: (longestMs) => store.doReleaseStale(now() - longestMs),
  };
}

/** A settlement that failed may be tried again; one that was stored is not repeated. */
function reservationOf(store: SpendStore, id: string): Reservation {
  let settled: Promise<void> | undefined;
  return {
    settle(spent) {
      // Costs of a broken price table must not erase the reservation.
      const real = spent >= 0 && Number.isFinite(spent) ? spent : undefined;
      if (real === undefined)
        return Promise.reject(
          new CadreError('internal', `${id} cannot have cost ${spent} dollars`),
        );
      settled ??= store.doSettle(id, real).catch((error: unknown) => {
        settled = undefined;
        throw error;
      });
      return settled;
    },
  };
}

const DAY_MS = 86_400_000;
let lastDay = { number: Number.NaN, text: '' };

/** The UTC day of a time in ms since the epoch, e.g. `2026-11-23`; writing it anew costs a µs. */
function dayOf(at: number): string {
  const number = Math.floor(at / DAY_MS);
  if (number !== lastDay.number)
    lastDay = { number, text: new Date(at).toISOString().slice(0, 10) };
  return lastDay.text;
}

function exceeded(limit: number, amount: number, spent: number, at: number): CadreError {
  return new CadreError(
    'budget_exceeded',
    `the request may cost $${amount.toFixed(4)}, and $${spent.toFixed(4)} of this key's $${limit} for today are used or set aside`,
    { retryAfter: Math.ceil((DAY_MS - (at % DAY_MS)) / 1000) },
  );
}
