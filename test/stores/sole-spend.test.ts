import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { soleSpend } from '../../src/adapters/stores/sole-spend.ts';
import { SqliteDatabase } from '../../src/adapters/stores/sqlite-database.ts';
import { openJournal } from '../../src/adapters/stores/sqlite-journal.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import type { Store } from '../../src/core/stores.ts';

let folder: string;
const opened: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-spend-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.doClose()));
  rmSync(folder, { recursive: true, force: true });
});

async function open(home: string): Promise<Store> {
  const store = await openSqliteStore(join(folder, home, 'state.db'), { sole: true });
  opened.push(store);
  return store;
}

/** The home as a process that is killed now leaves it, with its next owner. */
async function afterKill(home: string, next: string): Promise<Store> {
  cpSync(join(folder, home), join(folder, next), { recursive: true });
  return open(next);
}

const wish = { key: 'key_a', period: 'today', limit: 10, at: 1 };

it('has what was spent after the process was killed, and not what it had only set aside', async () => {
  const store = await open('first');
  await store.doReserve({ ...wish, id: 'r1', amount: 3 });
  await store.doSettle('r1', 2);
  await store.doReserve({ ...wish, id: 'r2', amount: 4 });
  expect(await store.doSpent('key_a', 'today')).toBe(6);
  const next = await afterKill('first', 'second');
  expect(await next.doSpent('key_a', 'today')).toBe(2);
});

it('counts it once where the process was killed between the database and the end of its journal', async () => {
  const store = await open('first');
  for (const id of ['r1', 'r2', 'r3']) {
    await store.doReserve({ ...wish, id, amount: 3 });
    await store.doSettle(id, 2);
  }
  // Whoever reads receipts moves what waits; the file goes when the disk has it.
  const read = store.doListReceipts({ limit: 1 });
  expect(readdirSync(join(folder, 'first'))).toContain('state.db-journaled-1');
  const next = await afterKill('first', 'second');
  await read;
  expect(await next.doSpent('key_a', 'today')).toBe(6);
  await next.doReserve({ ...wish, id: 'r4', amount: 1 });
  await next.doSettle('r4', 1);
  expect(await (await afterKill('second', 'third')).doSpent('key_a', 'today')).toBe(7);
});

it('takes over reservations of a store that kept them in the database', async () => {
  const before = await openSqliteStore(join(folder, 'first', 'state.db'));
  await before.doReserve({ ...wish, id: 'r1', amount: 4 });
  await before.doReserve({ ...wish, id: 'r2', amount: 5 });
  await before.doClose();
  const store = await open('first');
  expect(await store.doReserve({ ...wish, id: 'r3', amount: 2 })).toBe(false);
  await store.doSettle('r1', 1);
  expect(await store.doSpent('key_a', 'today')).toBe(6);
  expect(await store.doReleaseStale(2)).toBe(1);
  expect(await store.doSpent('key_a', 'today')).toBe(1);
});

it('counts what the journal refused, and keeps it with the next settlement of any key', async () => {
  const database = await SqliteDatabase.open(join(folder, 'state.db'));
  const journal = await openJournal(database, () => undefined);
  const spend = soleSpend(database, journal);
  for (const [id, key] of [
    ['r1', 'key_a'],
    ['r2', 'key_a'],
    ['r3', 'key_b'],
  ] as const)
    await spend.doReserve({ ...wish, id, key, amount: 3 });
  const add = journal.add.bind(journal);
  journal.add = (_row, onRefused) => {
    onRefused?.();
    return Promise.reject(new Error('no space is left'));
  };
  await expect(spend.doSettle('r1', 2)).rejects.toThrow('no space');
  await expect(spend.doSettle('r1', 2)).rejects.toThrow('no space');
  await expect(spend.doSettle('r2', 1)).rejects.toThrow('no space');
  expect(await spend.doSpent('key_a', 'today')).toBe(3);
  journal.add = add;
  await spend.doSettle('r3', 0.5);
  await journal.close();
  await database.close();
  const next = await openSqliteStore(join(folder, 'state.db'));
  opened.push(next);
  expect(await next.doSpent('key_a', 'today')).toBe(3);
  expect(await next.doSpent('key_b', 'today')).toBe(0.5);
});

it('counts a late settlement of an account that was forgotten meanwhile', async () => {
  const store = await open('first');
  await store.doReserve({ ...wish, id: 'free', amount: 0 });
  await store.doReserve({ ...wish, id: 'slow', key: 'key_b', amount: 3 });
  await store.doReleaseStale(2);
  await store.doReserve({ ...wish, id: 'open', key: 'key_c', amount: 0 });
  for (let key = 0; key <= 10_000; key += 1) await store.doSpent(`key_${key}`, 'today');
  for (const [id, key] of [
    ['free', 'key_a'],
    ['slow', 'key_b'],
    ['open', 'key_c'],
  ] as const) {
    expect(await store.doSpent(key, 'today')).toBe(0);
    await store.doSettle(id, 2);
    expect(await store.doSpent(key, 'today')).toBe(2);
  }
});
