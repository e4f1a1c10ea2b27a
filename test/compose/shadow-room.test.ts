import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { Generation } from '../../src/compose/generation.ts';
import { Generations } from '../../src/compose/generations.ts';
import { readCatalogue } from '../../src/compose/models.ts';
import { ShadowRoom } from '../../src/compose/shadow-room.ts';
import { ShadowFile } from '../../src/compose/shadow-settings.ts';
import { readSpokes } from '../../src/compose/spokes.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ShadowWish } from '../../src/core/shadow.ts';
import { type Script, WAIT } from '../pipeline/scripted-model.ts';
import {
  type AskOptions,
  callOf,
  FARM,
  FRONTIER,
  openWorld,
  VENDOR,
} from '../pipeline/scripted-parts.ts';

/** Two local spokes: `small` answers all that is asked as `auto`, `large` is the better one. */
async function openRoom(
  models: Readonly<Record<string, Script>> = {},
  wish: ShadowWish = { rate: 0.1 },
  remote: readonly object[] = [],
) {
  const spokes = [...FARM.spokes.slice(0, 2), ...remote];
  const destinations = [VENDOR];
  const world = await openWorld({
    config: { spokes, destinations },
    models: { small: ['41'], large: ['42'], ...models },
  });
  const folder = mkdtempSync(join(tmpdir(), 'cadre-shadow-'));
  const file = join(folder, 'shadow.json');
  const config = parseConfig({ ...FARM, spokes, destinations });
  const time = { aheadMs: 0 };
  const catalogue = readCatalogue();
  const views = readSpokes({
    config,
    spokes: config.spokes,
    entryOf: (id) => catalogue.find(id),
    statusOf: (id) => ({ ...catalogue.get(id), state: 'resident' }) as never,
    classifierOf: () => undefined,
    memoryBudget: 8e9,
    threads: 2,
    problemOf: () => undefined,
  });
  const generation: Partial<Generation> = {
    settings: { config, home: folder, environment: {} },
    pipeline: world.pipeline,
    spokes: () => views,
    names: { list: () => [], targetOf: (name) => name, resolve: (call) => call },
    close: async () => {},
  };
  const learned: Receipt[] = [];
  let ids = 0;
  const open = () =>
    new ShadowRoom({
      file: new ShadowFile(file),
      generations: new Generations(generation as Generation),
      store: world.store,
      models: { threads: 2, mayLoad: () => false },
      clock: { now: () => Date.now() + time.aheadMs, elapsed: () => performance.now() },
      random: {
        id: () => {
          ids += 1;
          return `shadow${ids}`;
        },
      },
      draw: () => 0.05,
      reference: () => undefined,
      learn: (receipt) => learned.push(receipt),
      isDraining: () => false,
      log: () => undefined,
    });
  const room = open();
  await room.change(wish);
  const ending = new AbortController();
  const ended = room.run(ending.signal);
  const close = async () => {
    ending.abort();
    await ended;
  };
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  const ask = async (id: string, options: AskOptions = {}) => {
    const events: CadreEvent[] = [];
    const call = callOf('auto', 'What is 17 + 25?', { id, ...options });
    for await (const event of room.ask(call, new AbortController().signal)) events.push(event);
    return events;
  };
  const asked = () => world.calls.map((call) => call.spoke).join();
  return { world, room, open, ask, asked, close, learned, file, time };
}

const waits = { timeout: 10_000 };

it('asks again when the farm is idle, and remembers what came of it', async () => {
  const { room, open, ask, asked, learned } = await openRoom();
  const events = await ask('req_one');
  expect(asked()).toBe('small');
  expect(events.at(-1)).toMatchObject({ type: 'answer-ended', receipt: { id: 'req_one' } });
  await expect.poll(async () => (await room.status()).answers, waits).toBe(1);
  expect(asked()).toBe('small,large');
  const status = await room.status();
  expect(status).toMatchObject({ sampled: 1, waiting: 0, graded: 1, failed: 0 });
  expect(status.today.seconds).toBeGreaterThan(0);
  expect(status.agreements).toMatchObject([
    { spoke: 'small', beside: 'large', answers: 1, compared: 1, agreement: 0 },
  ]);
  expect(learned.map(({ parent }) => parent)).toEqual(['req_one']);
  // Another process on the same home reads it out of the receipts.
  const { today, agreements } = await open().status();
  expect({ today, agreements }).toEqual({ today: status.today, agreements: status.agreements });
});

it('gives way to a request that comes, and waits until that is over', async () => {
  let isServed = false;
  const begunAfter: boolean[] = [];
  const large: Script = (turn) => {
    begunAfter.push(isServed);
    return turn === 0 ? ['4', WAIT] : ['42'];
  };
  // Longer than an idle farm waits.
  const small: Script = (turn) => (turn === 0 ? ['41'] : [pause(1500), '41']);
  const { room, ask, asked, world } = await openRoom({ small, large });
  await ask('req_one');
  await expect.poll(asked, waits).toBe('small,large');
  const second = ask('req_two');
  await expect.poll(() => world.calls[1]?.end, waits).toBe('aborted');
  expect((await second).at(-1)?.type).toBe('answer-ended');
  isServed = true;
  await expect.poll(async () => (await room.status()).answers, waits).toBe(2);
  expect(asked()).toBe('small,large,small,large,large');
  expect(begunAfter).toEqual([false, true, true]);
  expect((await room.status()).dropped).toEqual({});
});

it('asks another machine at last also where the farm is never idle, and this one not', async () => {
  const busy = Promise.withResolvers<void>();
  const small: Script = (turn) => (turn === 0 ? ['41'] : [busy.promise, '41']);
  const models = { small, frontier: ['42'] };
  const far = await openRoom(models, { rate: 0.1, budget: 1 }, [FRONTIER]);
  const near = await openRoom(models);
  const running = [far, near].map(async ({ ask, time }) => {
    await ask('req_one');
    const second = ask('req_two');
    // The first one has waited so long.
    time.aheadMs = 61_000;
    return second;
  });
  await expect.poll(far.asked, waits).toBe('small,small,frontier');
  await pause(1500);
  expect(near.asked()).toBe('small,small');
  expect(await near.room.status()).toMatchObject({ waiting: 1, dropped: {} });
  busy.resolve();
  await Promise.all(running);
  await expect.poll(async () => (await near.room.status()).answers, waits).toBe(2);
});

it('keeps the newest where too many wait, and forgets all of them at the end', async () => {
  const { room, ask, asked, close } = await openRoom({ large: ['4', WAIT] });
  await ask('req_first');
  await expect.poll(asked, waits).toBe('small,large');
  for (let at = 0; at < 40; at += 1) await ask(`req_${at}`);
  const { sampled, waiting, dropped } = await room.status();
  expect([sampled, waiting, dropped]).toEqual([41, 32, { 'queue-full': 9 }]);
  await close();
  expect(await room.status()).toMatchObject({ waiting: 0, answers: 0 });
});

it('spends no more than its seconds', async () => {
  const { room, ask, asked } = await openRoom({}, { rate: 0.1, seconds: 0.5 });
  await ask('req_one');
  await expect.poll(async () => (await room.status()).dropped, waits).toEqual({ budget: 1 });
  expect(asked()).toBe('small');
});

it.each([
  ['that brings tools', { request: { tools: [{ name: 'find' }] } }],
  ['that is a step of another', { depth: 1 }],
  ['that names its spoke', { request: { model: 'large' } }],
  [
    'that reads a tool’s result',
    { request: { messages: [{ role: 'tool' as const, toolCallId: 'a', content: [] }] } },
  ],
])('leaves a request alone %s', async (_, options) => {
  const { room, ask } = await openRoom({ large: ['42'] });
  await ask('req_one', options);
  expect(await room.status()).toMatchObject({ sampled: 0, waiting: 0 });
});

it('asks nobody again what the yardstick itself has answered in free text', async () => {
  const { room, ask, asked } = await openRoom({ large: ['Rain falls on the roof.'] });
  await ask('req_one', { request: { model: 'auto:best' } });
  expect(asked()).toBe('large');
  await expect.poll(async () => (await room.status()).dropped, waits).toEqual({ 'free-text': 1 });
  expect(asked()).toBe('large');
});

it('asks nobody again who was asked for that request and gave no good answer', async () => {
  const { room, ask, asked } = await openRoom({ small: ["I'm sorry, but I cannot help you."] });
  await ask('req_one');
  expect(asked()).toBe('small,large');
  const nobody = { 'no-other-spoke': 1 };
  await expect.poll(async () => (await room.status()).dropped, waits).toEqual(nobody);
  expect(asked()).toBe('small,large');
});

it('draws its share of the requests, and none when it is off', async () => {
  const { room, ask } = await openRoom({}, { rate: 0.04 });
  await ask('req_one');
  expect((await room.status()).sampled).toBe(0);
  await room.change({ rate: 0 });
  await ask('req_two');
  expect(await room.status()).toMatchObject({ sampled: 0, rate: 0 });
});

it('keeps what was set over a restart; a damaged file leaves the configuration in force', async () => {
  const { open, file } = await openRoom({}, { rate: 0.02, spokes: ['large'], seconds: 7 });
  expect(await open().status()).toMatchObject({
    rate: 0.02,
    spokes: ['large'],
    seconds: 7,
    setBy: 'command',
  });
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
  const status = await open().status();
  expect(status).toMatchObject({ rate: 0, seconds: 600, setBy: 'configuration' });
  expect(status.notes[0]).toMatch(/shadow.json is damaged/);
});
