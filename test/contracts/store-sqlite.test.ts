import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { describeStore } from './store-contract.ts';

describeStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cadre-store-'));
  const address = join(folder, 'state.db');
  return {
    address,
    open: () => openSqliteStore(address),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});
