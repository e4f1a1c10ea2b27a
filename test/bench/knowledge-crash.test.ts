import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCrashes } from '../../bench/lib/crash-rounds.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';

it('two writers that are killed while they index lose nothing and leave nothing half swapped', async () => {
  const address = join(mkdtempSync(join(tmpdir(), 'cadre-crash-')), 'state.db');
  const wish = { seed: 5, rounds: 3, documents: 8, address };
  const report = await runCrashes({ ...wish, open: (path) => openSqliteStore(path) });
  expect(report).toMatchObject({ lost: 0, halfSwapped: 0, wrongAtEnd: 0 });
  expect(Math.min(report.kills, report.taken)).toBeGreaterThan(0);
}, 180_000);
