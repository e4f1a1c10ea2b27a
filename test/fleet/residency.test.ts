import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { AcquireOptions } from '../../src/fleet/residency-deps.ts';
import { acquire, asking, handFleet, settle } from '../fixtures/hand-fleet.ts';
import { calm } from '../fixtures/model-home.ts';

describe('loading', () => {
  it('happens once for many requests, and each hears of its progress', async () => {
    const { loader, residency } = handFleet({ slots: 2 });
    loader.isImmediate = false;
    const heard: number[] = [];
    const leases = [1, 2].map(() =>
      residency.acquire('a', { signal: calm(), onProgress: (progress) => heard.push(progress) }),
    );
    await settle();
    loader.tell('a', 0.5);
    loader.finish('a');
    expect((await Promise.all(leases)).map((lease) => lease.model.id)).toEqual(['a', 'a']);
    expect(heard).toEqual([0.5, 0.5]);
    expect(loader.log).toEqual(['load a']);
    expect(residency.memoryUsed()).toBe(100);
  });

  it('of a model that is not installed is refused with its reason', async () => {
    const { residency } = handFleet();
    await expect(acquire(residency, 'missing')).rejects.toMatchObject({
      code: 'model_unavailable',
    });
  });

  it('of a model that can never fit names the bytes', async () => {
    const { loader, residency } = handFleet();
    loader.bytes.set('giant', 251);
    const failing = acquire(residency, 'giant');
    await expect(failing).rejects.toMatchObject({ code: 'out_of_memory' });
    await expect(failing).rejects.toThrow(/needs 251 B .* may have 250 B/);
    expect(loader.log).toEqual([]);
  });

  it('that takes too long is given up', async () => {
    const { clock, loader, residency } = handFleet();
    loader.isImmediate = false;
    const request = asking(residency, 'a');
    await settle();
    clock.advance(180_000);
    await request.done;
    expect(request.state.error).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('goes on for the next one when its only waiter leaves', async () => {
    const { loader, residency } = handFleet();
    loader.isImmediate = false;
    const abort = new AbortController();
    const first = asking(residency, 'a', abort.signal);
    await settle();
    abort.abort(new Error('left'));
    await first.done;
    expect(first.state.error?.message).toBe('left');
    loader.finish('a');
    await settle();
    expect((await acquire(residency, 'a')).model.id).toBe('a');
    expect(loader.log).toEqual(['load a']);
  });
});

describe('memory', () => {
  it('is taken from the idle model that is worth least', async () => {
    const { loader, residency } = handFleet();
    // Both idle equally long: `cheap` is loaded again in a tenth of the time.
    loader.loadMs.set('dear', 10_000);
    loader.loadMs.set('cheap', 1000);
    for (const id of ['dear', 'cheap']) (await acquire(residency, id)).release();
    await acquire(residency, 'new');
    expect(loader.log).toEqual(['load dear', 'load cheap', 'unload cheap', 'load new']);
  });

  it('is taken from what was not used for long, though it loads slower', async () => {
    const { clock, loader, residency } = handFleet();
    loader.loadMs.set('old', 2000);
    (await acquire(residency, 'old')).release();
    clock.advance(600_000);
    (await acquire(residency, 'fresh')).release();
    await acquire(residency, 'new');
    expect(loader.log).toContain('unload old');
    expect(loader.log).not.toContain('unload fresh');
  });

  it('is never taken from a model that serves a request', async () => {
    const { clock, loader, residency } = handFleet();
    const busy = await acquire(residency, 'a');
    const other = await acquire(residency, 'b');
    const waiting = asking(residency, 'c');
    await settle();
    clock.advance(60_000);
    // Events that make the fleet look again do not change it.
    void residency.acquire('a', { signal: AbortSignal.abort(new Error('gone')) }).catch(() => 0);
    await settle();
    expect(waiting.state.lease).toBeUndefined();
    expect(loader.log).toEqual(['load a', 'load b']);
    other.release();
    await waiting.done;
    expect(waiting.state.lease?.model.id).toBe('c');
    expect(loader.log.slice(2)).toEqual(['unload b', 'load c']);
    busy.release();
  });

  it('is used again only when the model that had it is gone', async () => {
    const { loader, residency } = handFleet({ memoryBudget: 100 });
    (await acquire(residency, 'a')).release();
    let go = () => {};
    loader.unloading = new Promise((resolve) => {
      go = resolve;
    });
    const next = asking(residency, 'b');
    await settle();
    expect(loader.log).toEqual(['load a']);
    go();
    await next.done;
    expect(loader.log).toEqual(['load a', 'unload a', 'load b']);
  });

  it('that lives elsewhere counts, and idle models give way to it', async () => {
    const { loader, residency } = handFleet();
    (await acquire(residency, 'a')).release();
    const letGo = residency.hold('embedder', 200);
    await settle();
    expect(loader.log).toEqual(['load a', 'unload a']);
    await expect(acquire(residency, 'a')).rejects.toMatchObject({ code: 'out_of_memory' });
    letGo();
    expect((await acquire(residency, 'a')).model.id).toBe('a');
  });

  it('stays within the budget with any traffic', async () => {
    const { residency } = handFleet({ queueLength: 100 });
    const served: string[] = [];
    const runs = Array.from({ length: 60 }, async (_, index) => {
      const id = ['a', 'b', 'c', 'd'][(index * 7) % 4] ?? 'a';
      const lease = await acquire(residency, id);
      expect(residency.memoryUsed()).toBeLessThanOrEqual(250);
      await settle();
      served.push(id);
      lease.release();
    });
    await Promise.all(runs);
    expect(served).toHaveLength(60);
  });
});

describe('waiting', () => {
  it('is first come first served', async () => {
    const { residency } = handFleet();
    const order: number[] = [];
    const first = await acquire(residency, 'a');
    const rest = [1, 2, 3].map(async (number) => {
      const lease = await acquire(residency, 'a');
      order.push(number);
      lease.release();
    });
    first.release();
    await Promise.all(rest);
    expect(order).toEqual([1, 2, 3]);
  });

  it('is bounded, with advice when to come back', async () => {
    const { residency } = handFleet();
    await acquire(residency, 'a');
    for (let count = 0; count < 3; count += 1) asking(residency, 'a');
    const refused = asking(residency, 'a');
    await refused.done;
    expect(refused.state.error).toMatchObject({ code: 'overloaded' });
    expect(refused.state.error?.retryAfter).toBeGreaterThanOrEqual(1);
  });

  it('of one key does not fill the line for another, nor that of a batch for a person', async () => {
    const { residency } = handFleet();
    const busy = await acquire(residency, 'a');
    const turnedAway: string[] = [];
    const served: string[] = [];
    const ask = async (name: string, options: Partial<AcquireOptions>) => {
      try {
        const lease = await residency.acquire('a', { signal: calm(), ...options });
        served.push(name);
        lease.release();
      } catch (error) {
        expect(error).toMatchObject({ code: 'overloaded', retryAfter: expect.any(Number) });
        turnedAway.push(name);
      }
    };
    const asks = [
      ask('line', { key: 'many', priority: 'batch' }),
      ask('many 1', { key: 'many' }),
      ask('many 2', { key: 'many' }),
      ask('many 3', { key: 'many' }),
      ask('few 1', { key: 'few' }),
      ask('few 2', { key: 'few' }),
      ask('other', { key: 'other' }),
      ask('line 2', { key: 'new', priority: 'batch' }),
    ];
    busy.release();
    await Promise.all(asks);
    expect(turnedAway.sort()).toEqual(['few 2', 'line', 'line 2', 'many 2', 'many 3']);
    expect(served).toEqual(['many 1', 'few 1', 'other']);
  });

  it('past a deadline says what it waited for', async () => {
    const { loader, residency } = handFleet();
    const busy = await acquire(residency, 'a');
    loader.isImmediate = false;
    const passed = new AbortController();
    const [queued, loading] = ['a', 'b'].map((id) => asking(residency, id, passed.signal));
    await settle();
    loader.tell('b', 0.4);
    passed.abort(new CadreError('deadline_exceeded', 'the deadline passed'));
    await Promise.all([queued?.done, loading?.done]);
    expect(queued?.state.error).toMatchObject({
      code: 'deadline_exceeded',
      message: expect.stringContaining('waited for `a`, with 0 others'),
    });
    expect(loading?.state.error?.message).toContain('`b` was being loaded (40 %)');
    busy.release();
  });

  it('gives its place back when it is cancelled', async () => {
    const { residency } = handFleet();
    const busy = await acquire(residency, 'a');
    const abort = new AbortController();
    const leaving = asking(residency, 'a', abort.signal);
    const staying = [asking(residency, 'a'), asking(residency, 'a')];
    abort.abort(new Error('left'));
    await leaving.done;
    expect(leaving.state.error?.message).toBe('left');
    const next = asking(residency, 'a');
    await settle();
    expect(next.state.error).toBeUndefined();
    busy.release();
    await staying[0]?.done;
    expect(staying[0]?.state.lease).toBeDefined();
  });

  it('keeps a loaded model for its own requests first, but not for ever', async () => {
    const { clock, loader, residency } = handFleet();
    loader.bytes.set('a', 200).set('b', 200);
    const first = await acquire(residency, 'a');
    const other = asking(residency, 'b');
    const second = asking(residency, 'a');
    await settle();
    first.release();
    await second.done;
    expect(loader.log).toEqual(['load a']);
    const third = asking(residency, 'a');
    await settle();
    clock.advance(5000);
    second.state.lease?.release();
    await other.done;
    expect(other.state.lease?.model.id).toBe('b');
    expect(third.state.lease).toBeUndefined();
    other.state.lease?.release();
    await third.done;
    expect(loader.log).toEqual(['load a', 'unload a', 'load b', 'unload b', 'load a']);
  });

  it('makes models that are always busy drain for who waited long', async () => {
    const { clock, loader, residency } = handFleet({ slots: 2 });
    loader.bytes.set('a', 200).set('b', 200);
    const [one, two] = [await acquire(residency, 'a'), await acquire(residency, 'a')];
    const other = asking(residency, 'b');
    await settle();
    clock.advance(5000);
    const newer = asking(residency, 'a');
    one.release();
    await settle();
    // A slot of `a` is free, but who came before needs the whole of it.
    expect(newer.state.lease).toBeUndefined();
    two.release();
    await other.done;
    expect(other.state.lease?.model.id).toBe('b');
  });

  it('counts a release once', async () => {
    const { residency } = handFleet();
    const lease = await acquire(residency, 'a');
    lease.release();
    lease.release();
    expect(residency.placeOf('a')?.life?.activeCount).toBe(0);
  });
});
