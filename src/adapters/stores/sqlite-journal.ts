import { JournaledRows } from './journaled-rows.ts';
import { writeReceiptRow } from './receipt-row.ts';
import type { RowTarget } from './row-batch.ts';
import { integerOf } from './row-codec.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { addSettled } from './sqlite-spend.ts';

const SPENT = '$';

/** The row of money that was spent: nano-dollars of a key's period. */
export function encodeSpentRow(key: string, period: string, nanos: number): readonly string[] {
  return [`${SPENT}${JSON.stringify([key, period, nanos])}`];
}

/**
 * What a home's only owner writes for every request, in a journal beside its database. A lock of
 * another process holds the start up as long as any write, and later moves 50 ms: they wait in the
 * journal as well, and requests go on.
 */
export async function openJournal(
  database: SqliteDatabase,
  log: (line: string) => void,
): Promise<JournaledRows> {
  let isOpen = false;
  const target: RowTarget = {
    done: () => {
      const row = database.get(`SELECT value FROM marks WHERE name = 'journal'`);
      return row === undefined ? 0 : integerOf(row, 'value');
    },
    write: (rows, done) => {
      const work = () => {
        const spent = new Map<string, number>();
        for (const row of rows) {
          const [columns = ''] = row;
          if (columns.startsWith(SPENT)) addUp(spent, columns.slice(SPENT.length));
          else writeReceiptRow(database, row);
        }
        for (const [account, nanos] of spent) {
          const [key, period] = JSON.parse(account) as [string, string];
          addSettled(database, key, period, nanos);
        }
        database.run(`INSERT OR REPLACE INTO marks (name, value) VALUES ('journal', ?)`, done);
      };
      if (isOpen) database.writeBriefly(work);
      else database.write(work);
    },
    flush: () => database.flush(),
  };
  const rows = await JournaledRows.open(`${database.path}-journaled`, target, log);
  isOpen = true;
  return rows;
}

/** Many requests of one key are one change of its sum. */
function addUp(spent: Map<string, number>, columns: string): void {
  const [key, period, nanos] = JSON.parse(columns) as [string, string, number];
  const account = JSON.stringify([key, period]);
  spent.set(account, (spent.get(account) ?? 0) + nanos);
}
