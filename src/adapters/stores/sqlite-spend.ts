import type { SpendStore } from '../../core/stores.ts';
import {
  type Columns,
  integerOf,
  limitNanos,
  noReservation,
  textOf,
  toDollars,
  toNanos,
} from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * A reservation is open, then settled or released. A process that was thought dead may settle after
 * its reservation was released: what it spent counts all the same.
 */
export function sqliteSpend(database: SqliteDatabase): SpendStore {
  return {
    async doReserve({ id, key, period, amount, limit, at }) {
      const nanos = toNanos(amount, 'a reservation');
      return database.share(() => {
        const known = database.get('SELECT state FROM reservations WHERE id = ?', id);
        if (known !== undefined) return known['state'] !== 'released';
        if (totalOf(database, key, period) + nanos > limitNanos(limit)) return false;
        database.run(
          `INSERT INTO reservations (id, key, period, amount, state, at)
           VALUES (?, ?, ?, ?, 'open', ?)`,
          id,
          key,
          period,
          nanos,
          at,
        );
        add(database, key, period, { settled: 0, reserved: nanos });
        return true;
      });
    },
    async doSettle(id, spent) {
      const nanos = toNanos(spent, 'what was spent');
      await database.share(() => {
        const row = database.get('SELECT * FROM reservations WHERE id = ?', id);
        if (row === undefined) throw noReservation(id);
        if (row['state'] === 'settled') return;
        close(database, row, 'settled', nanos);
      });
    },
    async doSpent(key, period) {
      return toDollars(totalOf(database, key, period));
    },
    async doReleaseStale(at) {
      return database.write(() => {
        const stale = database.all(
          `SELECT * FROM reservations WHERE state = 'open' AND at < ?`,
          at,
        );
        for (const row of stale) close(database, row, 'released', 0);
        return stale.length;
      });
    },
  };
}

/** Nano-dollars that are settled and reserved. */
export function totalOf(database: SqliteDatabase, key: string, period: string): number {
  const row = database.get(
    'SELECT settled + reserved AS total FROM spend WHERE key = ? AND period = ?',
    key,
    period,
  );
  return row === undefined ? 0 : integerOf(row, 'total');
}

function add(
  database: SqliteDatabase,
  key: string,
  period: string,
  change: { readonly settled: number; readonly reserved: number },
): void {
  database.run(
    `INSERT INTO spend (key, period, settled, reserved) VALUES (?, ?, ?, ?)
     ON CONFLICT (key, period) DO UPDATE SET
       settled = settled + excluded.settled, reserved = reserved + excluded.reserved`,
    key,
    period,
    change.settled,
    change.reserved,
  );
}

/** Within a transaction: money that was spent without a reservation in the database. */
export function addSettled(
  database: SqliteDatabase,
  key: string,
  period: string,
  nanos: number,
): void {
  add(database, key, period, { settled: nanos, reserved: 0 });
}

function close(
  database: SqliteDatabase,
  row: Columns,
  state: 'settled' | 'released',
  spent: number,
): void {
  database.run(
    'UPDATE reservations SET state = ?, amount = ? WHERE id = ?',
    state,
    spent,
    textOf(row, 'id'),
  );
  const held = row['state'] === 'open' ? integerOf(row, 'amount') : 0;
  add(database, textOf(row, 'key'), textOf(row, 'period'), { settled: spent, reserved: -held });
}
