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
  /** Spent, and refused by the journal until now. */
  owed: number;
}

interface Hold {
  readonly key: string;
  readonly period: string;
  readonly nanos: number;
  readonly at: number;
  /** Closed ones: whether what was spent is known. */
  readonly isSettled: boolean;
}

/**
 * Budgets of a home that no other process writes to. What is set aside stands in memory, since only
 * requests of this process can spend it, and goes with the process; what was spent is acknowledged
 * in the journal. What the journal refused counts all the same, and is given to it with the next
 * settlement. A reservation in the database is one of an earlier version.
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
  readonly #closed = new Map<string, Hold>();
  readonly #owing = new Set<Account>();

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
    if (this.#open.has(id)) return true;
    const closed = this.#closed.get(id);
    if (closed !== undefined) return closed.isSettled;
    const account = this.#accountOf(key, period);
    if (totalIn(account) + nanos > most) return false;
    account.held += nanos;
    this.#open.set(id, { key, period, nanos, at, isSettled: false });
    return true;
  }

  async doSettle(id: string, spent: number): Promise<void> {
    const nanos = toNanos(spent, 'what was spent');
    const hold = this.#open.get(id) ?? this.#closed.get(id);
    if (hold === undefined) {
      await this.#shared.doSettle(id, spent);
      this.#readAgain();
      return;
    }
    // By its name: an account that nothing was set aside in may have been forgotten meanwhile.
    const account = this.#accountOf(hold.key, hold.period);
    if (!hold.isSettled) {
      if (this.#open.delete(id)) account.held -= hold.nanos;
      this.#close(id, { ...hold, isSettled: true });
      this.#owe(account, nanos);
    }
    if (account.owed === 0) return;
    await this.#pay(account);
    // The journal takes rows again. What it refuses still stays owed.
    for (const other of [...this.#owing]) this.#pay(other).catch(() => undefined);
  }

  #owe(account: Account, nanos: number): void {
    account.owed += nanos;
    if (account.owed > 0) this.#owing.add(account);
  }

  /** All that is owed is in the journal when it resolves. */
  #pay(account: Account): Promise<void> {
    const nanos = account.owed;
    account.owed = 0;
    account.stored += nanos;
    this.#owing.delete(account);
    return this.#journal.add(encodeSpentRow(account.key, account.period, nanos), () => {
      account.stored -= nanos;
      this.#owe(account, nanos);
    });
  }

  async doSpent(key: string, period: string): Promise<number> {
    return toDollars(totalIn(this.#accountOf(key, period)));
  }

  async doReleaseStale(at: number): Promise<number> {
    const stored = await this.#shared.doReleaseStale(at);
    if (stored > 0) this.#readAgain();
    const stale = [...this.#open].filter(([, hold]) => hold.at < at);
    for (const [id, hold] of stale) {
      this.#open.delete(id);
      this.#accountOf(hold.key, hold.period).held -= hold.nanos;
      this.#close(id, hold);
    }
    return stored + stale.length;
  }

  #close(id: string, hold: Hold): void {
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
    // Before any is forgotten: then no row of an account is under way.
    this.#journal.settle();
    if (this.#accounts.size >= ACCOUNTS_MOST) this.#forgetIdle();
    const stored = totalOf(this.#database, key, period);
    const account = { key, period, stored, held: 0, owed: 0 };
    this.#accounts.set(name, account);
    return account;
  }

  #forgetIdle(): void {
    for (const [name, { held, owed }] of this.#accounts)
      if (held === 0 && owed === 0) this.#accounts.delete(name);
  }

  /** The database has changed beside the journal. */
  #readAgain(): void {
    this.#journal.settle();
    for (const account of this.#accounts.values())
      account.stored = totalOf(this.#database, account.key, account.period);
  }
}

function totalIn({ stored, held, owed }: Account): number {
  return stored + held + owed;
}
