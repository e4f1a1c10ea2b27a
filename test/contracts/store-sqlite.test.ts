import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { describeStore, type StorePlace } from './store-contract.ts';
import { SOLE } from './store-samples.ts';

for (const sole of [false, true]) describeStore(sole ? SOLE : 'SQLite', () => makePlace(sole));

async function makePlace(sole: boolean): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'cadre-store-'));
  const address = join(folder, 'state.db');
  return {
    address,
    open: () => openSqliteStore(address, { sole }),
    readRows: async () => readRows(address) + readJournals(folder),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function readRows(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const rows = tables.flatMap((table) =>
    database.prepare(`SELECT * FROM "${String(table['name'])}"`).all(),
  );
  database.close();
  return rows.map((row) => Object.values(row).map(String).join('\t')).join('\n');
}

/** Rows that wait for the database are kept as well. */
function readJournals(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.startsWith('state.db-journaled-'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}
