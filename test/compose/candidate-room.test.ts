import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { CandidateRoom } from '../../src/compose/candidate-room.ts';
import type { Generations } from '../../src/compose/generations.ts';
import { TrialEnds } from '../../src/compose/trial-ends.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { draftOf, newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { callOf } from '../pipeline/scripted-parts.ts';

const waits = { timeout: 10_000 };

type Shadow = Generations['shadow'];

/** Version 1 of pets serves, version 2 answers unseen as `shadow` does. */
async function openRoom(shadow: Shadow, { isPrivate = false } = {}) {
  const home = newSpecialistRoom();
  await home.add(null);
  if (isPrivate) await home.addPrivate(null);
  else await home.leave();
  await home.room.promote({ name: 'pets', version: 2, caller: LOOPBACK, shadow: true });
  const busy = { count: 0 };
  const dealt: string[] = [];
  const specialists = {
    isShadowed: true,
    shadowOf: (spoke: string) =>
      spoke === 'pets'
        ? { spoke: 'pets@2', ...(isPrivate && { readers: ['key:key_a'] }) }
        : undefined,
  };
  const generations = {
    current: { specialists },
    get activeCount() {
      return busy.count;
    },
    shadow,
  } as unknown as Generations;
  const room = new CandidateRoom({
    ...home,
    generations,
    random: { id: (length) => 'x'.repeat(length) },
    textDays: () => 30,
    isDraining: () => false,
    log: (line) => dealt.push(line),
  });
  const ending = new AbortController();
  const ended = room.run(ending.signal);
  const close = async () => {
    ending.abort();
    await ended;
  };
  onTestFinished(close);
  /** A request that the live version answers at once. */
  const ask = async (id: string, spoke = 'pets', change: object = {}) => {
    const receipt = {
      id,
      at: Date.now(),
      outcome: 'answered',
      policy: { label: 'internal' },
      route: { spoke, tasks: [] },
      attempts: [{ spoke, outcome: 'released' }],
      stages: [{ stage: 'run', ms: 3 }],
    };
    const events = [
      { type: 'text-delta', choice: 0, text: 'dog' },
      { type: 'choice-ended', choice: 0, finishReason: 'stop' },
      { type: 'answer-ended', usage: {}, receipt },
    ] as unknown as CadreEvent[];
    const call = callOf('pets', `a bark ${id}`, { id, ...change });
    const seen: CadreEvent[] = [];
    async function* given() {
      yield* events;
    }
    for await (const event of room.watch(call, given())) seen.push(event);
    expect(seen).toEqual(events);
  };
  const standing = async () => (await home.room.lineage('pets')).versions[0]?.shadow;
  return { ...home, ask, standing, busy, close };
}

/** What an unseen answer leaves. */
function answered(agreement?: number): Receipt {
  const shadow = agreement === undefined ? {} : { agreement };
  return { outcome: 'answered', at: 0, stages: [{ stage: 'run', ms: 1 }], shadow } as never;
}

it('asks with the words of the request and nobody as its caller, and keeps what came of it', async () => {
  const orders: Parameters<Shadow>[] = [];
  const { ask, standing } = await openRoom(async (...order) => {
    orders.push(order);
    return answered(1);
  });
  await ask('req_a');
  await ask('req_b', 'large');
  await ask('req_c', 'pets', { request: { tools: [{ name: 'x', parameters: {} }] } });
  await ask('req_d', 'pets', { depth: 1 });
  await expect.poll(async () => (await standing())?.answers, waits).toBe(1);
  await pause(500);
  expect(orders).toHaveLength(1);
  expect(orders[0]?.[0]).toMatchObject({
    request: { model: 'pets@2' },
    caller: { key: 'candidate', keepsText: false, budgetDaily: 0 },
    parent: 'req_a',
    priority: 'background',
  });
  expect(orders[0]?.[1]).toMatchObject({
    of: 'req_a',
    served: 'pets',
    text: 'dog',
    isVersion: true,
  });
  expect(await standing()).toMatchObject({ answers: 1, ownMs: 1, liveMs: 3, kept: 0 });
});

it('asks one of a key alone in its name, and leaves it closed to the others', async () => {
  const calls: Parameters<Shadow>[] = [];
  const { ask, standing, registry } = await openRoom(
    async (...order) => {
      calls.push(order);
      return answered(1);
    },
    { isPrivate: true },
  );
  await ask('req_a');
  await expect.poll(async () => (await standing())?.answers, waits).toBe(1);
  expect(calls[0]?.[0].caller).toMatchObject({ key: 'candidate', principals: ['key:key_a'] });
  expect(calls[0]?.[1]).not.toHaveProperty('readers');
  expect((await registry.versions('pets'))[0]?.body).toMatchObject({
    stage: 'shadow',
    isPrivate: true,
  });
});

it('never holds a request up, gives way to one and is begun again', async () => {
  const begun: string[] = [];
  const { ask, standing, busy } = await openRoom(async ({ parent = '' }, _order, signal) => {
    begun.push(parent);
    if (begun.length > 1) return answered(0);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return { ...answered(), outcome: 'cancelled' };
  });
  busy.count = 1;
  await ask('req_a');
  await pause(1000);
  expect(begun).toEqual([]);
  busy.count = 0;
  await expect.poll(() => begun.length, waits).toBe(1);
  // It hangs until the next request comes.
  await ask('req_b', 'large');
  await expect.poll(async () => (await standing())?.answers, waits).toBe(1);
  expect(begun).toEqual(['req_a', 'req_a']);
  expect(await standing()).toMatchObject({ differing: 1, failed: 0 });
});

it('loses the run in flight alone where the farm stops', async () => {
  const { ask, standing, close } = await openRoom(async ({ parent }, _order, signal) => {
    if (parent === 'req_a') return answered(1);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return { ...answered(), outcome: 'cancelled' };
  });
  await ask('req_a');
  await expect.poll(async () => (await standing())?.answers, waits).toBe(1);
  await ask('req_b');
  await close();
  expect(await standing()).toMatchObject({ answers: 1, failed: 0, agreement: 1 });
});

it('counts what the candidate could not answer, and forgets one whose live version went', async () => {
  const home = await openRoom(async () => ({ ...answered(), outcome: 'failed' }));
  await home.ask('req_a');
  await expect.poll(async () => (await home.standing())?.failed, waits).toBe(1);
  await home.room.retire({ name: 'pets', version: 1, caller: LOOPBACK });
  const ends = new TrialEnds({ ...home, read: async () => undefined, log: () => undefined });
  await home.shelf.refresh();
  await ends.look();
  expect(await home.lastMove(2)).toMatchObject({
    from: 'shadow',
    to: 'candidate',
    reason: expect.stringMatching(
      /^version 1, .*, serves no more; it answers unseen .* 0 requests, 1 more/,
    ),
  });
  expect(await home.standing()).toBeUndefined();
});

it('is not for one that orders passages, which would wait for ever', async () => {
  const { room, registry } = newSpecialistRoom();
  const content = { bytes: Buffer.from('a model'), taught: Buffer.alloc(8) };
  const move = { by: 'loopback', reason: 'a test' };
  const add = () => registry.add({ ...draftOf(null), kind: 'rank' }, 'loopback', content, move);
  await room.admit(await add(), false);
  await add();
  const wish = { name: 'pets', version: 2, caller: LOOPBACK, shadow: true };
  await expect(room.promote(wish)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/^pets@2 orders passages: .* try it with `canary`/),
  });
});
