import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { describeStore } from './store-contract.ts';

describeStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cadre-store-'));
  const address = join(folder, 'state.db');
  return {
    address,
    open: () => openSqliteStore(address),
    readRows: async () => readRows(address),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

function readRows(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const rows = tables.flatMap((table) =>
    database.prepare(`SELECT * FROM "${String(table['name'])}"`).all(),
  );
  database.close();
  return rows.map((row) => Object.values(row).map(String).join('\t')).join('\n');
}
