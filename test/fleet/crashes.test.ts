import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { acquire, asking, handFleet, settle } from '../fixtures/hand-fleet.ts';

describe('a model that stops by itself', () => {
  it('rejects those who wait, and is started again after half a second', async () => {
    const { clock, loader, residency } = handFleet();
    await acquire(residency, 'a');
    const waiting = asking(residency, 'a');
    loader.crash('a', 'out of memory');
    await waiting.done;
    expect(waiting.state.error).toMatchObject({ code: 'worker_crashed' });
    expect(waiting.state.error?.message).toContain('out of memory');
    const next = asking(residency, 'a');
    await settle();
    clock.advance(499);
    await settle();
    expect(loader.log).toEqual(['load a']);
    clock.advance(1);
    await next.done;
    expect(next.state.lease?.model.id).toBe('a');
  });

  it('stays down longer each time, up to half a minute', async () => {
    const { clock, loader, residency } = handFleet();
    loader.isImmediate = false;
    const pauses: number[] = [];
    for (let count = 0; count < 9; count += 1) {
      const request = asking(residency, 'a');
      await settle();
      loader.fail('a', new CadreError('worker_crashed', 'it broke'));
      await request.done;
      expect(request.state.error?.message).toBe('it broke');
      const pause = residency.placeOf('a')?.backoff.remaining(clock.elapsed()) ?? 0;
      pauses.push(pause);
      clock.advance(pause);
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('tells callers in a long pause when to come back', async () => {
    const { clock, loader, residency } = handFleet();
    loader.isImmediate = false;
    for (let count = 0; count < 4; count += 1) {
      const request = asking(residency, 'a');
      await settle();
      clock.advance(2000);
      await settle();
      loader.fail('a', new Error('it broke'));
      await request.done;
    }
    await expect(acquire(residency, 'a')).rejects.toMatchObject({
      code: 'worker_crashed',
      retryAfter: 4,
      message: expect.stringContaining('4 times in a row (it broke)'),
    });
  });

  it('starts with a short pause again after it served long', async () => {
    const { clock, loader, residency } = handFleet();
    for (const livedMs of [0, 0, 60_000]) {
      (await acquire(residency, 'a')).release();
      clock.advance(livedMs);
      loader.crash('a');
      if (livedMs === 0) clock.advance(30_000);
    }
    expect(residency.placeOf('a')?.backoff.remaining(clock.elapsed())).toBe(500);
  });

  it('does not let old leases disturb its next life', async () => {
    const { clock, loader, residency } = handFleet();
    const old = await acquire(residency, 'a');
    loader.crash('a');
    const next = asking(residency, 'a');
    await settle();
    clock.advance(500);
    await next.done;
    old.release();
    expect(residency.placeOf('a')?.life?.activeCount).toBe(1);
  });
});

describe('unloading and closing', () => {
  it('unloads what is idle and nothing else', async () => {
    const { residency } = handFleet();
    expect(await residency.unload('a')).toBe(false);
    const lease = await acquire(residency, 'a');
    await expect(residency.unload('a')).rejects.toMatchObject({ code: 'conflict' });
    lease.release();
    expect(await residency.unload('a')).toBe(true);
    expect(residency.memoryUsed()).toBe(0);
    expect(residency.placeOf('a')?.problem).toBeUndefined();
  });

  it('closes: who waits hears it, models go, nothing starts any more', async () => {
    const { loader, residency } = handFleet();
    await acquire(residency, 'a');
    const waiting = asking(residency, 'a');
    await residency.close();
    await waiting.done;
    expect(waiting.state.error).toMatchObject({ code: 'shutting_down' });
    expect(loader.log).toEqual(['load a', 'unload a']);
    await expect(acquire(residency, 'b')).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('closes in the middle of a load', async () => {
    const { loader, residency } = handFleet();
    loader.isImmediate = false;
    const waiting = asking(residency, 'a');
    await settle();
    await residency.close();
    await waiting.done;
    expect(waiting.state.error).toMatchObject({ code: 'shutting_down' });
    expect(residency.memoryUsed()).toBe(0);
  });
});
