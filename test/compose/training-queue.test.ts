import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunTraining } from '../../src/compose/training-run.ts';
import { eventOf, tell } from '../../src/compose/training-story.ts';
import { type Caller, LOOPBACK } from '../../src/core/call.ts';
import { isOverJob, type TrainingJobBody } from '../../src/core/training-job.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';
import { bodyOf, endless, ORDER, queueOf, STRANGER, until } from '../fixtures/training-queues.ts';

describe('TrainingQueue', () => {
  it('runs one job at a time, oldest first, and follows each to its end', async () => {
    const objects = temporaryObjects();
    const begun: string[] = [];
    let running = 0;
    let most = 0;
    const queue = queueOf(objects, async (row) => {
      begun.push(row.id);
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      return { result: `pets@${begun.length}`, rows: 4 };
    });
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) ids.push((await queue.create(ORDER, LOOPBACK, {})).id);
    const told: string[] = [];
    for await (const event of queue.follow(ids[2] ?? '', AbortSignal.timeout(10_000)))
      told.push(event.message);
    expect(begun).toEqual(ids);
    expect(most).toBe(1);
    expect(told[0]).toContain('Created');
    expect(told[1]).toBe(`Waiting behind job ${ids[1]} (pets); 2 jobs to go before this one`);
    expect(told.at(-1)).toContain('completed');
    expect(await bodyOf(objects, ids[2] ?? '')).toMatchObject({ result: 'pets@3', lease: null });
  });

  it('names no job of another key to who waits behind it', async () => {
    const objects = temporaryObjects();
    const queue = queueOf(objects, endless);
    const first = await queue.create({ ...ORDER, name: 'secret' }, LOOPBACK, {});
    const { id } = await queue.create(ORDER, STRANGER, {});
    const words = (await queue.events(id)).map((event) => event.message).join();
    expect(words).toContain('Waiting behind a job of another key; 1 job to go');
    expect(words).not.toMatch(`${first.id}|secret`);
  });

  it('goes on with the next job after one that fails, and says why', async () => {
    const objects = temporaryObjects();
    const queue = queueOf(objects, async ({ body }) => {
      if ((body as TrainingJobBody).order.seed === 1) throw new RangeError('no such rows');
      return { result: 'pets@1', rows: 4 };
    });
    const bad = await queue.create(ORDER, LOOPBACK, {});
    const good = await queue.create({ ...ORDER, seed: 2 }, LOOPBACK, {});
    await until(objects, good.id, ({ status }) => status === 'succeeded');
    expect(await bodyOf(objects, bad.id)).toMatchObject({
      status: 'failed',
      error: { message: 'no such rows' },
    });
  });

  it('leaves a job to the next farm when it stops, and gives up one that ends the farm', async () => {
    const objects = temporaryObjects();
    const first = queueOf(objects, endless);
    const { id } = await first.create(ORDER, LOOPBACK, {});
    await until(objects, id, ({ status }) => status === 'running');
    await first.close();
    expect(await bodyOf(objects, id)).toMatchObject({ status: 'queued', starts: 0, lease: null });
    // As a process leaves it that is killed while it runs, for the third time.
    const row = await objects.doGetObject('fine_tuning_job', id);
    const lease = { holder: 'dead', until: Date.now() + 60_000 };
    if (row !== undefined)
      await objects.doPutObject({
        ...row,
        body: { ...row.body, status: 'running', starts: 3, lease },
      });
    queueOf(objects, endless).start();
    const ended = await until(objects, id, isOverJob);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'worker_crashed' } });
  });

  it('takes a job up again however often somebody paused it', async () => {
    const objects = temporaryObjects();
    let begun = 0;
    const queue = queueOf(objects, (...job) => {
      begun += 1;
      return endless(...job);
    });
    const { id } = await queue.create(ORDER, LOOPBACK, {});
    for (let round = 1; round <= 5; round += 1) {
      await expect.poll(() => begun, { timeout: 5000 }).toBe(round);
      await queue.pause(id);
      await queue.resume(id);
    }
    await expect.poll(() => begun, { timeout: 5000 }).toBe(6);
  });

  it('keeps a job that is over for its time, however it ended', async () => {
    const objects = temporaryObjects();
    const queue = queueOf(objects, async () => ({ result: 'pets@1', rows: 4 }));
    const { id } = await queue.create(ORDER, LOOPBACK, {});
    await until(objects, id, isOverJob);
    const waiting = queueOf(objects, endless);
    const other = await waiting.create(ORDER, LOOPBACK, {});
    await waiting.cancel(other.id);
    for (const one of [id, other.id]) {
      const expiresAt = (await objects.doGetObject('fine_tuning_job', one))?.expiresAt ?? 0;
      expect(Math.round((expiresAt - Date.now()) / 86_400_000)).toBe(90);
    }
  });

  it('refuses a name that another key’s job waits for', async () => {
    const queue = queueOf(temporaryObjects(), endless);
    const { id } = await queue.create(ORDER, STRANGER, {});
    const other = { ...STRANGER, key: 'key_c' };
    await expect(queue.create(ORDER, other, {})).rejects.toMatchObject({ code: 'conflict' });
    await queue.create(ORDER, LOOPBACK, {});
    await queue.create({ ...ORDER, name: 'birds' }, other, {});
    await queue.cancel(id);
  });

  it('leaves a job that another node works on alone until its lease is over', async () => {
    const objects = temporaryObjects();
    const first = queueOf(objects, endless, { isAlone: false });
    const { id } = await first.create(ORDER, LOOPBACK, {});
    await until(objects, id, ({ status }) => status === 'running');
    let begun = 0;
    const other: RunTraining = async () => {
      begun += 1;
      return { result: 'pets@1', rows: 4 };
    };
    queueOf(objects, other, { isAlone: false, holder: 'two' }).start();
    await sleep(100);
    expect(begun).toBe(0);
    expect((await first.cancel(id))?.status).toBe('cancelled');
  });

  it('sees that another node cancelled a job before what it made is stored', async () => {
    const objects = temporaryObjects();
    const written = Promise.withResolvers<void>();
    const looked: unknown[] = [];
    const first = queueOf(
      objects,
      async (_row, { requireOwn }) => {
        await requireOwn();
        await written.promise;
        await requireOwn().catch((error: unknown) => {
          looked.push(error);
          throw error;
        });
        return { result: 'pets@1', rows: 4 };
      },
      // No lease is renewed meanwhile.
      {
        isAlone: false,
        sleep: (_ms, signal) => sleep(60_000, undefined, { signal }).catch(() => {}),
      },
    );
    const { id } = await first.create(ORDER, LOOPBACK, {});
    await until(objects, id, ({ status }) => status === 'running');
    const other = queueOf(objects, endless, { isAlone: false, holder: 'two' });
    await other.cancel(id);
    written.resolve();
    await expect.poll(() => looked).toMatchObject([{ code: 'cancelled' }]);
    expect(await bodyOf(objects, id)).toMatchObject({ status: 'cancelled', result: null });
  });

  it('refuses names that are taken, and more jobs than the line is long', async () => {
    const queue = queueOf(temporaryObjects(), endless, { ownerOf: async () => 'key_a' });
    const create = (name: string, caller: Caller) => queue.create({ ...ORDER, name }, caller, {});
    await expect(create('quick', LOOPBACK)).rejects.toMatchObject({ code: 'conflict' });
    await expect(create('Pets!', LOOPBACK)).rejects.toMatchObject({ param: 'name' });
    await expect(create('pets', STRANGER)).rejects.toMatchObject({ code: 'conflict' });
    for (let at = 0; at < 20; at += 1) await create('pets', LOOPBACK);
    await expect(create('pets', LOOPBACK)).rejects.toMatchObject({ code: 'overloaded' });
  });
});

it('keeps what several tell of a job at once, each in a place of its own', async () => {
  const objects = temporaryObjects();
  const queue = queueOf(objects, endless);
  const { id } = await queue.create(ORDER, LOOPBACK, {});
  await until(objects, id, (body) => body.status === 'running');
  const before = (await queue.events(id)).length;
  const words = Array.from({ length: 20 }, (_, at) => `event ${at}`);
  await Promise.all(words.map((one) => tell(objects, id, eventOf(1, one))));
  const events = await queue.events(id);
  expect(events.map((one) => one.message)).toEqual(expect.arrayContaining(words));
  expect(events.length).toBeGreaterThanOrEqual(before + 20);
  expect(new Set(events.map((one) => one.place)).size).toBe(events.length);
});
