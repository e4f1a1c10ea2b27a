import type { SpendStore } from '../../core/stores.ts';
import { type PostgresDatabase, stateOf, UNIQUE_VIOLATION } from './postgres-database.ts';
import { integerOf, limitNanos, noReservation, toDollars, toNanos } from './row-codec.ts';

/**
 * One statement: the row of the key's period is locked by the upsert, whose condition PostgreSQL
 * evaluates on the newest version of the row, so concurrent reservations queue and none overshoots.
 * The reservation is inserted only where the amount was taken; an id that exists rolls both back.
 */
const RESERVE = `WITH held AS (
    INSERT INTO cadre_spend AS spend (key, period, settled, reserved)
    SELECT $2, $3, 0, $4::bigint WHERE $4::bigint <= $5::bigint
    ON CONFLICT (key, period) DO UPDATE SET reserved = spend.reserved + excluded.reserved
      WHERE spend.settled + spend.reserved + excluded.reserved <= $5::bigint
    RETURNING 1
  )
  INSERT INTO cadre_reservations (id, key, period, amount, state, at)
  SELECT $1, $2, $3, $4::bigint, 'open', $6 FROM held`;

/** Closes the reservations that `picked` selects and moves their money in the same statement. */
function closing(picked: string, state: 'settled' | 'released', spent: string): string {
  return `WITH picked AS (${picked} FOR UPDATE),
    closed AS (
      UPDATE cadre_reservations AS one SET state = '${state}', amount = ${spent}
      FROM picked WHERE one.id = picked.id
    ),
    sums AS (
      SELECT key, period, count(*) AS count,
        sum(CASE state WHEN 'open' THEN amount ELSE 0 END) AS held
      FROM picked GROUP BY key, period
    ),
    moved AS (
      UPDATE cadre_spend AS spend
      SET settled = spend.settled + ${spent}, reserved = spend.reserved - sums.held
      FROM sums WHERE spend.key = sums.key AND spend.period = sums.period
    )
    SELECT coalesce(sum(count), 0) AS count FROM sums`;
}

const PICK = 'SELECT id, key, period, amount, state FROM cadre_reservations';
const SETTLE = closing(`${PICK} WHERE id = $1 AND state <> 'settled'`, 'settled', '$2::bigint');
const RELEASE = closing(
  `${PICK} WHERE state = 'open' AND at < $1 ORDER BY id`,
  'released',
  '0::bigint',
);

export function postgresSpend(database: PostgresDatabase): SpendStore {
  const find = (id: string) =>
    database.get('SELECT state FROM cadre_reservations WHERE id = $1', [id]);
  return {
    async doReserve({ id, key, period, amount, limit, at }) {
      const values = [id, key, period, toNanos(amount, 'a reservation'), limitNanos(limit), at];
      try {
        if ((await database.run(RESERVE, values)) > 0) return true;
      } catch (error) {
        if (stateOf(error) !== UNIQUE_VIOLATION) throw error;
      }
      const known = await find(id);
      return known !== undefined && known['state'] !== 'released';
    },
    async doSettle(id, spent) {
      const values = [id, toNanos(spent, 'what was spent')];
      const row = await database.get(SETTLE, values);
      if (row !== undefined && integerOf(row, 'count') > 0) return;
      if ((await find(id)) === undefined) throw noReservation(id);
    },
    async doSpent(key, period) {
      const row = await database.get(
        'SELECT settled + reserved AS total FROM cadre_spend WHERE key = $1 AND period = $2',
        [key, period],
      );
      return row === undefined ? 0 : toDollars(integerOf(row, 'total'));
    },
    async doReleaseStale(at) {
      const row = await database.get(RELEASE, [at]);
      return row === undefined ? 0 : integerOf(row, 'count');
    },
  };
}
