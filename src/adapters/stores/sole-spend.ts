import type { SpendStore } from '../../core/stores.ts';
import type { JournaledRows } from './journaled-rows.ts';
import { limitNanos, toDollars, toNanos } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { encodeSpentRow } from './sqlite-journal.ts';
import { sqliteSpend, totalOf } from './sqlite-spend.ts';

/** Closed reservations that are remembered, so that a second settlement changes nothing. */
const CLOSED_MOST = 10_000;
/** Sums that are remembered: keys times days. */
const ACCOUNTS_MOST = 10_000;

interface Account {
  readonly key: string;
  readonly period: string;
  /** Nano-dollars that the database holds, or will once the journal is in it. */
  stored: number;
  /** Set aside by requests that run. */
  held: number;
}

interface Hold {
  readonly account: Account;
  readonly nanos: number;
  readonly at: number;
}

/**
 * Budgets of a home that no other process writes to. What is set aside stands in memory, since only
 * requests of this process can spend it, and goes with the process; what was spent is acknowledged
 * in the journal. A reservation in the database is one of an earlier version.
 */
export function soleSpend(database: SqliteDatabase, journal: JournaledRows): SpendStore {
  const spend = new SoleSpend(database, journal);
  return {
    doReserve: (reservation) => spend.doReserve(reservation),
    doSettle: (id, spent) => spend.doSettle(id, spent),
    doSpent: (key, period) => spend.doSpent(key, period),
    doReleaseStale: (at) => spend.doReleaseStale(at),
  };
}

class SoleSpend implements SpendStore {
  readonly #database: SqliteDatabase;
  readonly #journal: JournaledRows;
  readonly #shared: SpendStore;
  readonly #accounts = new Map<string, Account>();
  readonly #open = new Map<string, Hold>();
  /** Settled, or released and perhaps settled late; the oldest first. */
  readonly #closed = new Map<string, Hold | 'settled'>();

  constructor(database: SqliteDatabase, journal: JournaledRows) {
    this.#database = database;
    this.#journal = journal;
    this.#shared = sqliteSpend(database);
  }

  async doReserve({
    id,
    key,
    period,
    amount,
    limit,
    at,
  }: Parameters<SpendStore['doReserve']>[0]): Promise<boolean> {
    const nanos = toNanos(amount, 'a reservation');
    const most = limitNanos(limit);
    const closed = this.#closed.get(id);
    if (this.#open.has(id) || closed !== undefined)
      return closed === undefined || closed === 'settled';
    const account = this.#accountOf(key, period);
    if (account.stored + account.held + nanos > most) return false;
    account.held += nanos;
    this.#open.set(id, { account, nanos, at });
    return true;
  }

  async doSettle(id: string, spent: number): Promise<void> {
    const nanos = toNanos(spent, 'what was spent');
    const hold = this.#open.get(id) ?? this.#closed.get(id);
    if (hold === 'settled') return;
    if (hold === undefined) {
      await this.#shared.doSettle(id, spent);
      this.#readAgain();
      return;
    }
    const { account } = hold;
    const wasOpen = this.#open.delete(id);
    if (wasOpen) account.held -= hold.nanos;
    account.stored += nanos;
    this.#close(id, 'settled');
    if (nanos === 0) return;
    try {
      await this.#journal.add(encodeSpentRow(account.key, account.period, nanos));
    } catch (error) {
      // Nothing was kept of it: it is as it was, and may be tried again.
      account.stored -= nanos;
      this.#closed.delete(id);
      if (wasOpen) account.held += hold.nanos;
      (wasOpen ? this.#open : this.#closed).set(id, hold);
      throw error;
    }
  }

  async doSpent(key: string, period: string): Promise<number> {
    const { stored, held } = this.#accountOf(key, period);
    return toDollars(stored + held);
  }

  async doReleaseStale(at: number): Promise<number> {
    const stored = await this.#shared.doReleaseStale(at);
    if (stored > 0) this.#readAgain();
    const stale = [...this.#open].filter(([, hold]) => hold.at < at);
    for (const [id, hold] of stale) {
      this.#open.delete(id);
      hold.account.held -= hold.nanos;
      this.#close(id, hold);
    }
    return stored + stale.length;
  }

  #close(id: string, hold: Hold | 'settled'): void {
    this.#closed.delete(id);
    this.#closed.set(id, hold);
    if (this.#closed.size <= CLOSED_MOST) return;
    const [oldest = ''] = this.#closed.keys();
    this.#closed.delete(oldest);
  }

  #accountOf(key: string, period: string): Account {
    const name = `${key}\n${period}`;
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    if (this.#accounts.size >= ACCOUNTS_MOST) this.#forgetIdle();
    const account = { key, period, stored: this.#read(key, period), held: 0 };
    this.#accounts.set(name, account);
    return account;
  }

  #forgetIdle(): void {
    for (const [name, { held }] of this.#accounts) if (held === 0) this.#accounts.delete(name);
  }

  #read(key: string, period: string): number {
    this.#journal.settle();
    return totalOf(this.#database, key, period);
  }

  /** The database has changed beside the journal. */
  #readAgain(): void {
    for (const account of this.#accounts.values())
      account.stored = this.#read(account.key, account.period);
  }
}
