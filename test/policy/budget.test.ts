import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import type { Caller } from '../../src/core/call.ts';
import type { Store } from '../../src/core/stores.ts';
import { createBudgets } from '../../src/policy/budget.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY = '2026-11-23';
const CALLER: Caller = { key: 'key_1', principals: ['public'], keepsText: false, budgetDaily: 1 };

describe('budgets', () => {
  let folder: string;
  let store: Store;
  let time: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cadre-budget-'));
    store = await openSqliteStore(join(folder, 'state.db'));
    time = NOON;
  });
  afterEach(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true, force: true });
  });
  const budgets = () => createBudgets({ store, now: () => time });
  const reserve = (id: string, amount: number, caller = CALLER) =>
    budgets().reserve({ caller, id, amount });

  it('set aside, settle once and give the rest back', async () => {
    const reserved = await reserve('r1', 0.8);
    await reserved.settle(0.1);
    await reserved.settle(0.7);
    expect(await store.doSpent('key_1', DAY)).toBe(0.1);
    await reserve('r2', 0.9);
  });

  it('refuse what the day does not hold, and say when it holds again', async () => {
    await reserve('r1', 0.8);
    await expect(reserve('r2', 0.3)).rejects.toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringContaining('$0.8000 of this key'),
      retryAfter: 12 * 3600,
    });
    time += 12 * 3_600_000;
    await reserve('r3', 0.3);
  });

  it('never refuse what costs nothing, and count it when it cost something after all', async () => {
    await (await reserve('r1', 1)).settle(1.5);
    const free = await reserve('r2', 0);
    await free.settle(0.25);
    expect(await store.doSpent('key_1', DAY)).toBe(1.75);
    await expect(reserve('r3', 0.01)).rejects.toMatchObject({ code: 'budget_exceeded' });
  });

  it('refuse everything that costs for a key whose budget is 0', async () => {
    const broke = { ...CALLER, budgetDaily: 0 };
    await expect(reserve('r1', 0.0001, broke)).rejects.toMatchObject({ code: 'budget_exceeded' });
    await (await reserve('r2', 0, broke)).settle(0);
  });

  it('leave a key without a budget alone', async () => {
    const { budgetDaily: _budget, ...free } = CALLER;
    await (await reserve('r1', 1e6, free)).settle(1e6);
    expect(await store.doSpent('key_1', DAY)).toBe(0);
  });

  it('refuse costs that are no amount', async () => {
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(reserve('r1', amount)).rejects.toMatchObject({ code: 'internal' });
    const reserved = await reserve('r2', 0.5);
    await expect(reserved.settle(Number.NaN)).rejects.toMatchObject({ code: 'internal' });
    expect(await store.doSpent('key_1', DAY)).toBe(0.5);
    await reserved.settle(0.2);
    expect(await store.doSpent('key_1', DAY)).toBe(0.2);
  });

  it('give back only what is older than any request can run', async () => {
    await reserve('r1', 0.4);
    time += 1000;
    await reserve('r2', 0.4);
    expect(await budgets().releaseStale(500)).toBe(1);
    expect(await store.doSpent('key_1', DAY)).toBe(0.4);
  });
});
