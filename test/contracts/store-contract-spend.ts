import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OpenStores } from './store-contract.ts';

const PERIOD = '2026-11-23';

export function describeSpend(stores: OpenStores): void {
  const reservation = (id: string, amount: number, limit: number, at = 1) => ({
    id,
    key: 'key_a',
    period: PERIOD,
    amount,
    limit,
    at,
  });

  it('reserves up to the limit and not beyond', async () => {
    const store = await stores.open();
    expect(await store.doReserve(reservation('r1', 0.7, 1))).toBe(true);
    expect(await store.doReserve(reservation('r2', 0.4, 1))).toBe(false);
    expect(await store.doReserve(reservation('r3', 0.3, 1))).toBe(true);
    expect(await store.doSpent('key_a', PERIOD)).toBe(1);
    expect(await store.doReserve(reservation('r4', 1.5, 1))).toBe(false);
  });

  it('adds tenths of a dollar without drift', async () => {
    const store = await stores.open();
    for (let index = 0; index < 10; index += 1)
      expect(await store.doReserve(reservation(`r${index}`, 0.1, 1))).toBe(true);
    expect(await store.doSpent('key_a', PERIOD)).toBe(1);
  });

  it('counts keys and periods apart', async () => {
    const store = await stores.open();
    await store.doReserve(reservation('r1', 1, 1));
    expect(await store.doReserve({ ...reservation('r2', 1, 1), key: 'key_b' })).toBe(true);
    expect(await store.doReserve({ ...reservation('r3', 1, 1), period: '2026-11-24' })).toBe(true);
    expect(await store.doSpent('key_none', PERIOD)).toBe(0);
  });

  it('replaces a reservation by what was spent, once', async () => {
    const store = await stores.open();
    await store.doReserve(reservation('r1', 0.8, 1));
    await store.doSettle('r1', 0.25);
    await store.doSettle('r1', 0.9);
    expect(await store.doSpent('key_a', PERIOD)).toBe(0.25);
    await store.doReserve(reservation('r2', 0.5, 1));
    await store.doSettle('r2', 0);
    expect(await store.doSpent('key_a', PERIOD)).toBe(0.25);
  });

  it('takes one id once, however often and under whatever limit it is asked', async () => {
    const store = await stores.open();
    expect(await store.doReserve(reservation('r1', 0.6, 1))).toBe(true);
    expect(await store.doReserve(reservation('r1', 0.6, 1))).toBe(true);
    expect(await store.doReserve(reservation('r1', 0.6, 0.1))).toBe(true);
    expect(await store.doSpent('key_a', PERIOD)).toBe(0.6);
  });

  it('takes any amount where there is no limit', async () => {
    const store = await stores.open();
    expect(await store.doReserve(reservation('r1', 123.456, Number.POSITIVE_INFINITY))).toBe(true);
    expect(await store.doSpent('key_a', PERIOD)).toBe(123.456);
  });

  it('refuses amounts that are no money, and a settlement of nothing', async () => {
    const store = await stores.open();
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12])
      await expect(store.doReserve(reservation('r1', amount, 1))).rejects.toMatchObject({
        code: 'store_failed',
      });
    await expect(store.doReserve(reservation('r1', 1, -1))).rejects.toMatchObject({
      code: 'store_failed',
    });
    await expect(store.doSettle('r_none', 1)).rejects.toMatchObject({ code: 'store_failed' });
    expect(await store.doSpent('key_a', PERIOD)).toBe(0);
  });

  it('gives back reservations that nobody settled in time, and counts a late settlement', async () => {
    const store = await stores.open();
    await store.doReserve(reservation('old', 0.5, 1, 10));
    await store.doReserve(reservation('older', 0.2, 1, 9));
    await store.doReserve(reservation('settled', 0.1, 1, 9));
    await store.doSettle('settled', 0.1);
    await store.doReserve(reservation('new', 0.2, 1, 20));
    expect(await store.doReleaseStale(20)).toBe(2);
    expect(await store.doReleaseStale(20)).toBe(0);
    expect(await store.doSpent('key_a', PERIOD)).toBeCloseTo(0.3, 12);
    await store.doSettle('old', 0.4);
    await store.doSettle('old', 0.4);
    expect(await store.doSpent('key_a', PERIOD)).toBeCloseTo(0.7, 12);
  });

  it('never overshoots a cap with 500 reservations at once over two connections', async () => {
    const first = await stores.open();
    const connections = [first, await stores.openBeside(first)];
    const spend = async (run: number, amounts: readonly number[], limit: number) => {
      const granted = await Promise.all(
        amounts.map((amount, index) =>
          connections[index % 2]?.doReserve({
            ...reservation(`run${run}-${index}`, amount, limit),
            key: `key_${run}`,
          }),
        ),
      );
      const sum = amounts.reduce((total, amount, at) => total + (granted[at] ? amount : 0), 0);
      const spent = (await connections[0]?.doSpent(`key_${run}`, PERIOD)) ?? -1;
      expect(spent).toBeLessThanOrEqual(limit);
      expect(spent).toBeCloseTo(sum, 6);
      // Whatever was refused would not have fitted at the end either.
      const smallest = Math.min(...amounts.filter((_, at) => !granted[at]));
      expect(spent + smallest).toBeGreaterThan(limit);
    };
    let run = 0;
    const cents = fc.integer({ min: 0, max: 300 }).map((value) => value / 100);
    await fc.assert(
      fc.asyncProperty(
        fc.array(cents, { minLength: 500, maxLength: 500 }),
        fc.integer({ min: 0, max: 200 }),
        async (amounts, limit) => {
          run += 1;
          await spend(run, amounts, limit);
        },
      ),
      { numRuns: 4 },
    );
  });

  it('keeps the sum right when the same reservations are settled and released at once', async () => {
    const one = await stores.open();
    const other = await stores.openBeside(one);
    const ids = Array.from({ length: 40 }, (_, index) => `r${index}`);
    for (const id of ids) await one.doReserve(reservation(id, 0.5, 100));
    await Promise.all([
      ...ids.map((id) => one.doSettle(id, 0.25)),
      ...ids.map((id) => other.doSettle(id, 0.25)),
      other.doReleaseStale(100),
    ]);
    expect(await one.doSpent('key_a', PERIOD)).toBe(10);
  });
}
