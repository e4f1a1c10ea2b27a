import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { acquire, asking, handFleet, settle } from '../fixtures/hand-fleet.ts';
import { calm } from '../fixtures/model-home.ts';

describe('a pinned model', () => {
  it('is loaded and stays, until it is unpinned', async () => {
    const { loader, residency } = handFleet({ memoryBudget: 200 });
    await residency.pin('a', { signal: calm() });
    (await acquire(residency, 'b')).release();
    (await acquire(residency, 'c')).release();
    expect(loader.log).toEqual(['load a', 'load b', 'unload b', 'load c']);
    await expect(residency.unload('a')).rejects.toMatchObject({ code: 'conflict' });
    expect(residency.unpin('a')).toBe(true);
    expect(residency.unpin('a')).toBe(false);
    expect(await residency.unload('a')).toBe(true);
  });

  it('beside more than fits is refused, and what is larger than the rest names it', async () => {
    const { loader, residency } = handFleet();
    loader.bytes.set('b', 200);
    await residency.pin('a', { signal: calm() });
    const second = residency.pin('b', { signal: calm() });
    await expect(second).rejects.toMatchObject({ code: 'out_of_memory' });
    await expect(second).rejects.toThrow(/`b` cannot be pinned beside `a`.* 300 B,/);
    await expect(acquire(residency, 'b')).rejects.toThrow(/have 150 B beside the pinned `a`/);
    expect(loader.log).toEqual(['load a']);
  });

  it('that cannot be loaded is not pinned', async () => {
    const { loader, residency } = handFleet();
    loader.isImmediate = false;
    const pinning = residency.pin('a', { signal: calm() });
    await settle();
    loader.fail('a', new CadreError('model_damaged', 'bad magic'));
    await expect(pinning).rejects.toMatchObject({ code: 'model_damaged' });
    expect(residency.placeOf('a')?.pinned).toBe(false);
  });
});

describe('a machine with little memory left', () => {
  it('is not made to swap: idle models leave though the budget has room', async () => {
    const { loader, residency, machine } = handFleet({ memoryBudget: 1000e6 });
    for (const id of ['a', 'b']) loader.bytes.set(id, 300e6);
    (await acquire(residency, 'a')).release();
    machine.freeBytes = 400e6;
    (await acquire(residency, 'b')).release();
    expect(loader.log).toEqual(['load a', 'unload a', 'load b']);
  });

  it('does not take the memory of a model that is leaving for taken by others', async () => {
    const { loader, residency, machine } = handFleet({ memoryBudget: 1000e6 });
    for (const id of ['a', 'b']) loader.bytes.set(id, 400e6);
    (await acquire(residency, 'a')).release();
    machine.freeBytes = 300e6;
    const gone = Promise.withResolvers<void>();
    loader.unloading = gone.promise;
    const unloading = residency.unload('a');
    const { state, done } = asking(residency, 'b');
    await settle();
    expect(state.error).toBeUndefined();
    machine.freeBytes = 700e6;
    gone.resolve();
    await Promise.all([unloading, done]);
    expect(state.lease?.model.id).toBe('b');
  });

  it('refuses a model that it cannot hold, with the reason', async () => {
    const { loader, residency, machine } = handFleet({ memoryBudget: 1000e6 });
    loader.bytes.set('a', 300e6);
    machine.freeBytes = 500e6;
    await expect(acquire(residency, 'a')).rejects.toMatchObject({
      code: 'out_of_memory',
      message: expect.stringContaining('the machine has no more free;'),
    });
    expect(loader.log).toEqual([]);
  });

  it('says when to come back where it had enough before, so that a fallback may answer', async () => {
    const { loader, residency, machine } = handFleet({ memoryBudget: 1000e6 });
    loader.bytes.set('a', 300e6);
    (await acquire(residency, 'b')).release();
    machine.freeBytes = 500e6;
    await expect(acquire(residency, 'a')).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('the machine has no more free now'),
      retryAfter: 15,
    });
    machine.freeBytes = 900e6;
    expect((await acquire(residency, 'a')).model.id).toBe('a');
  });
});

describe('a request', () => {
  it('that cannot begin before its deadline is refused at once, with when it could', async () => {
    const { clock, loader, residency } = handFleet({ memoryBudget: 100 });
    loader.loadMs.set('a', 9000);
    (await acquire(residency, 'a')).release();
    (await acquire(residency, 'b')).release();
    const deadline = clock.now() + 8000;
    const late = residency.acquire('a', { signal: calm(), deadline });
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded', retryAfter: 9 });
    expect(loader.log).toEqual(['load a', 'unload a', 'load b']);
  });

  it('of a person goes before the lines of a batch', async () => {
    const { residency } = handFleet();
    const first = await acquire(residency, 'a');
    const order: string[] = [];
    const asks = (['background', 'batch', 'interactive'] as const).map(async (priority) => {
      const lease = await residency.acquire('a', { signal: calm(), priority });
      order.push(priority);
      lease.release();
    });
    first.release();
    await Promise.all(asks);
    expect(order).toEqual(['interactive', 'batch', 'background']);
  });

  it('of a key that had little goes before the many of another', async () => {
    const { clock, residency } = handFleet({ queueLength: 10 });
    const first = await residency.acquire('a', { signal: calm(), key: 'many' });
    const order: string[] = [];
    const asks = ['many', 'many', 'few'].map(async (key) => {
      const lease = await residency.acquire('a', { signal: calm(), key });
      order.push(key);
      lease.release();
    });
    clock.advance(4000);
    first.release();
    await Promise.all(asks);
    expect(order).toEqual(['few', 'many', 'many']);
  });

  it('that is held for others is served when its time has come, though nothing else happens', async () => {
    const { clock, loader, residency } = handFleet({ memoryBudget: 100 });
    loader.loadMs.set('a', 60_000);
    for (const id of ['a', 'b', 'a']) (await acquire(residency, id)).release();
    const held = asking(residency, 'b');
    await settle();
    expect(held.state.lease).toBeUndefined();
    clock.advance(120_000);
    await held.done;
    expect(held.state.lease?.model.id).toBe('b');
  });
});
