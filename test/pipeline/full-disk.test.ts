import { expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { ReceiptStore } from '../../src/core/stores.ts';
import { watchReceipts } from '../../src/record/receipt-watch.ts';
import { HandClock } from '../fixtures/hand-clock.ts';
import { receiptOf } from './readings.ts';
import { ask as askOf, openWorld } from './scripted-parts.ts';

async function fullDisk(code: 'disk_full' | 'store_failed') {
  const disk = { isFull: false, writes: 0 };
  const clock = new HandClock();
  const lines: string[] = [];
  let watched: ReceiptStore | undefined;
  const world = await openWorld({
    models: { small: ['Yes.'] },
    receipts: (store) => {
      watched = watchReceipts(
        {
          ...store,
          async doPutReceipt(...row) {
            disk.writes += 1;
            if (disk.isFull) throw new CadreError(code, 'no space in the journal');
            await store.doPutReceipt(...row);
          },
        },
        { clock, log: (line) => lines.push(line) },
      );
      return watched;
    },
  });
  const ask = () => askOf(world, 'small', 'Is it?');
  const receipts = () => watched ?? world.store;
  return { disk, clock, lines, world, ask, receipts };
}

it.each(['disk_full', 'store_failed'] as const)(
  'no model is asked while receipts cannot be stored (%s), and again as soon as they can',
  async (code) => {
    const { disk, clock, lines, world, ask } = await fullDisk(code);
    await ask();
    disk.isFull = true;
    const wanted = { code, retryAfter: 5 };
    // The answer on its way when the disk fills cannot be saved; those after it cost nothing.
    await expect(ask()).rejects.toMatchObject(wanted);
    expect(world.calls).toHaveLength(2);
    for (let second = 0; second < 59; second += 1) {
      await expect(ask()).rejects.toMatchObject(wanted);
      clock.advance(1000);
    }
    expect(world.calls).toHaveLength(2);
    expect(lines).toHaveLength(1);
    clock.advance(1000);
    await expect(ask()).rejects.toMatchObject(wanted);
    expect(lines).toHaveLength(2);

    disk.isFull = false;
    clock.advance(1000);
    expect(receiptOf(await ask()).outcome).toBe('answered');
    expect(world.calls).toHaveLength(3);
    expect(lines[2]).toBe('receipts are stored again; requests are served');
  },
);

it('a probe alone finds out that there is space again, at most once a second', async () => {
  const { disk, clock, receipts, ask } = await fullDisk('disk_full');
  disk.isFull = true;
  await expect(ask()).rejects.toMatchObject({ code: 'disk_full' });
  const before = disk.writes;
  await Promise.all([receipts().doProbe?.(), receipts().doProbe?.()]);
  expect(disk.writes).toBe(before);
  clock.advance(1000);
  const both = await Promise.all([receipts().doProbe?.(), receipts().doProbe?.()]);
  expect(both.map((one) => one?.code)).toEqual(['disk_full', 'disk_full']);
  expect(disk.writes).toBe(before + 1);
  disk.isFull = false;
  clock.advance(1000);
  expect(await receipts().doProbe?.()).toBeUndefined();
});
