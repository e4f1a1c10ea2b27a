import { describe, expect, it } from 'vitest';
import type { BatchBody } from '../../src/core/batch.ts';
import { textOf } from '../../src/core/chat.ts';
import { BatchFarm, chatLine } from './batch-farm.ts';
import { chat, errorOf, HELLO, send } from './running-server.ts';
import { answer, failed, untilAborted } from './scripted-farm.ts';

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => chatLine(`line-${index}`, `question ${index}`));
const contentOf = (call: { request: { messages: readonly { content: readonly never[] }[] } }) =>
  textOf(call.request.messages[0]?.content ?? []);

describe('a batch and the others', () => {
  it('waits while somebody is served, and goes on between', async () => {
    const house = await BatchFarm.start();
    const release = Promise.withResolvers<void>();
    const order: string[] = [];
    house.farm.script = async function* (call) {
      const isBatch = call.parent !== undefined;
      order.push(isBatch ? 'batch' : 'somebody');
      if (!isBatch) await release.promise;
      yield* answer(call, ['done']);
    };
    const somebody = chat(house.port, HELLO);
    await expect.poll(() => order).toEqual(['somebody']);
    const made = await house.make(lines(2));
    const { id } = JSON.parse(made.text);
    await house.until(id, 'in_progress');
    expect(order).toEqual(['somebody']);
    release.resolve();
    expect((await somebody).status).toBe(200);
    await house.until(id, 'completed');
    expect(order).toEqual(['somebody', 'batch', 'batch']);
  });

  it('runs no more lines at once than it may, and two batches in turns', async () => {
    const house = await BatchFarm.start({ parts: { concurrent: 2 } });
    let running = 0;
    let most = 0;
    const asked: (string | undefined)[] = [];
    house.farm.script = async function* (call) {
      running += 1;
      most = Math.max(most, running);
      asked.push(call.parent);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      yield* answer(call, ['done']);
    };
    const made = await Promise.all([house.make(lines(10)), house.make(lines(10))]);
    const ids = made.map((one) => JSON.parse(one.text).id);
    for (const id of ids) {
      const done = await house.until(id, 'completed');
      expect(done['request_counts']).toEqual({ total: 10, completed: 10, failed: 0 });
    }
    expect(most).toBe(2);
    // The second batch did not wait for the end of the first.
    expect(asked.indexOf(asked[0] === ids[0] ? ids[1] : ids[0])).toBeLessThan(9);
  });
});

describe('the end of a batch', () => {
  it('is at once when it is cancelled: what was done is kept, the rest says so', async () => {
    const house = await BatchFarm.start();
    const stopped = Promise.withResolvers<void>();
    house.farm.script = async function* (call, signal) {
      if (contentOf(call as never) === 'question 1') {
        await untilAborted(signal);
        stopped.resolve();
        yield failed(call, 'cancelled');
      } else yield* answer(call, ['done']);
    };
    const { id } = JSON.parse((await house.make(lines(4))).text);
    await expect.poll(() => house.farm.calls.length).toBe(2);
    const answered = await send(house.port, { path: `/v1/batches/${id}/cancel`, method: 'POST' });
    expect(JSON.parse(answered.text)).toMatchObject({ id, status: 'cancelling' });
    await stopped.promise;
    const batch = await house.until(id, 'cancelled');
    expect(batch['request_counts']).toEqual({ total: 4, completed: 1, failed: 3 });
    expect(batch['cancelling_at']).toEqual(expect.any(Number));
    expect((await house.lines(batch['output_file_id'])).map((one) => one.custom_id)).toEqual([
      'line-0',
    ]);
    const errors = await house.lines(batch['error_file_id']);
    expect(errors.map((one) => [one.custom_id, one.error?.code])).toEqual([
      ['line-1', 'batch_cancelled'],
      ['line-2', 'batch_cancelled'],
      ['line-3', 'batch_cancelled'],
    ]);
    expect(house.farm.calls).toHaveLength(2);
    const again = await send(house.port, { path: `/v1/batches/${id}/cancel`, method: 'POST' });
    expect(again.status).toBe(200);
  });

  it('can be cancelled before it began, and not when it is over', async () => {
    const house = await BatchFarm.start({ isRunning: false });
    const { id } = JSON.parse((await house.make(lines(2))).text);
    await send(house.port, { path: `/v1/batches/${id}/cancel`, method: 'POST' });
    house.resume();
    const batch = await house.until(id, 'cancelled');
    expect(batch['request_counts']).toEqual({ total: 2, completed: 0, failed: 2 });
    const other = JSON.parse((await house.make(lines(1))).text).id;
    await house.until(other, 'completed');
    const late = await send(house.port, { path: `/v1/batches/${other}/cancel`, method: 'POST' });
    expect([late.status, errorOf(late).message]).toEqual([
      400,
      expect.stringContaining('completed cannot be cancelled'),
    ]);
  });

  it('comes with its window', async () => {
    const house = await BatchFarm.start({ isRunning: false });
    const { id } = JSON.parse((await house.make(lines(2))).text);
    const row = await house.farm.objects.doGetObject('batch', id);
    if (row === undefined) throw new Error('no batch');
    const body: BatchBody = { ...(row.body as BatchBody), deadline: Date.now() - 1 };
    await house.farm.objects.doPutObject({ ...row, body });
    house.farm.script = async function* (call, signal) {
      await untilAborted(signal);
      yield failed(call, 'cancelled');
    };
    house.resume();
    const batch = await house.until(id, 'expired');
    expect(batch['expired_at']).toEqual(expect.any(Number));
    const errors = await house.lines(batch['error_file_id']);
    expect(errors.map((one) => one.error?.code)).toEqual(['batch_expired', 'batch_expired']);
  });

  it('is failure when its input is deleted or its key revoked, with what was done', async () => {
    const house = await BatchFarm.start({
      isRunning: false,
      parts: { callerOf: async () => undefined },
    });
    const { id } = JSON.parse((await house.make(lines(1))).text);
    const gone = JSON.parse((await house.make(lines(1))).text);
    const path = `/v1/files/${gone.input_file_id}`;
    expect((await send(house.port, { path, method: 'DELETE' })).status).toBe(200);
    house.resume();
    expect((await house.until(id, 'failed'))['errors']).toMatchObject({
      data: [{ code: 'key_revoked' }],
    });
    expect((await house.until(gone.id, 'failed'))['errors']).toMatchObject({
      data: [{ code: 'input_file_gone' }],
    });
  });
});

it('lets others in between while lines are refused, which takes no waiting', async () => {
  const house = await BatchFarm.start({ isRunning: false });
  const { objects } = house.farm;
  let refused = 0;
  let most = 0;
  const { doPutPart } = objects;
  Object.assign(objects, {
    async doPutPart(...part: Parameters<typeof doPutPart>) {
      if (part[0] === 'batch') {
        if (refused === 0) setImmediate(() => (refused = 0));
        refused += 1;
        most = Math.max(most, refused);
      }
      return doPutPart(...part);
    },
  });
  const broken = Array.from({ length: 200 }, () => '{');
  const { id } = JSON.parse((await house.make([...broken, ...lines(1)])).text);
  house.resume();
  await house.until(id, 'completed');
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(32);
});
