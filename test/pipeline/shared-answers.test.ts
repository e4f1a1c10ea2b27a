import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { ended, type Script, USAGE, WAIT } from './scripted-model.ts';
import {
  ANYONE,
  type AskOptions,
  ask,
  callOf,
  FRONTIER,
  openWorld,
  VENDOR,
  type World,
} from './scripted-parts.ts';

const COLD = { request: { sampling: { temperature: 0 } } };
const SHARING = { cache: { exact: true } };
const LATE = new CadreError('deadline_exceeded', 'the deadline passed');
const ANSWER = ['Good ', 'morning ', 'to you.'];

function openSharing(script: Script = ANSWER, config: object = SHARING): Promise<World> {
  return openWorld({
    models: { small: script, frontier: script, grounded: script, 'grounded-large': script },
    config: {
      ...config,
      destinations: [VENDOR],
      spokes: [
        { id: 'small', model: 'smollm2-135m-instruct-q4_1' },
        FRONTIER,
        { id: 'grounded', model: 'qwen2.5-coder-0.5b-instruct-q4_k_m', kind: 'grounded' },
      ],
    },
    collections: { manual: { sentences: PUMP } },
  });
}

/** Asks and reads in the background. */
function begin(world: World, id: string, options: AskOptions = COLD) {
  const events: CadreEvent[] = [];
  const stop = new AbortController();
  const done = (async () => {
    const call = callOf('frontier', 'Hello there!', { id, ...options });
    for await (const event of world.pipeline.ask(call, stop.signal)) events.push(event);
    return events;
  })();
  return { events, done, stop: (reason?: unknown) => stop.abort(reason) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('an equal request', () => {
  it('gets the equal answer again, for nothing, with a receipt that says so', async () => {
    const world = await openSharing();
    const first = await ask(world, 'frontier', 'Hello there!', { id: 'req_1', ...COLD });
    const again = await ask(world, 'frontier', 'Hello there!', { id: 'req_2', ...COLD });
    expect(world.calls).toHaveLength(1);
    expect(shownText(again)).toBe(shownText(first));
    expect(receiptOf(first).cache).toBeUndefined();
    const receipt = receiptOf(again);
    expect(receipt).toMatchObject({
      id: 'req_2',
      outcome: 'answered',
      cache: { kind: 'hit', receipt: 'req_1' },
      attempts: [],
      cost: { total: 0 },
      finishReason: 'stop',
    });
    expect(receipt.route?.spoke).toBe('frontier');
    expect(theOnly(again, 'answer-ended').usage).toEqual({ ...USAGE, cachedTokens: 40 });
    expect(receipt.usage.completionTokens).toBe(0);
    expect(world.settled.map((one) => one.id)).toEqual([]);
    expect(explainReceipt(receipt, []).join('\n')).toContain('cache hit: the answer of req_1');
    expect(await world.store.doGetReceipt('req_2')).toMatchObject({ cache: { kind: 'hit' } });
  });

  it.each<[string, Partial<AskOptions>]>([
    ['other words', { request: { ...COLD.request, messages: [] } }],
    ['another most of tokens', { request: { ...COLD.request, maxTokens: 5 } }],
    ['a seed', { request: { sampling: { temperature: 0, seed: 1 } } }],
    ['an unknown field', { request: { ...COLD.request, extra: { user: 'b' } } }],
    ['other rights', { caller: { ...ANYONE, principals: ['public', 'staff'] } }],
    ['a stricter label', { labelDeclared: 'internal' }],
    ['a collection', { collection: 'manual' }],
    ['the wish to be left out', { cache: 'off' }],
    ['the wish for a fresh answer', { cache: 'refresh' }],
  ])('with %s is another one', async (_what, change) => {
    const world = await openSharing();
    await ask(world, 'small', 'Hello there!', { id: 'req_1', ...COLD });
    const again = await ask(world, 'small', 'Hello there!', { id: 'req_2', ...COLD, ...change });
    expect(receiptOf(again).cache).toBeUndefined();
  });

  it('is answered anew where chance has a part, unless that is shared too', async () => {
    const warm = { request: { sampling: { temperature: 0.7 } } };
    for (const [config, calls] of [
      [SHARING, 2],
      [{ cache: { exact: true, sampled: true } }, 1],
      [{}, 2],
    ] as const) {
      const world = await openSharing(ANSWER, config);
      for (const id of ['req_1', 'req_2']) await ask(world, 'frontier', 'Hi', { id, ...warm });
      expect(world.calls).toHaveLength(calls);
    }
    const silent = await openSharing();
    for (const id of ['req_1', 'req_2']) await ask(silent, 'frontier', 'Hi', { id });
    expect(silent.calls).toHaveLength(2);
  });

  it('cites the same sentences again', async () => {
    const world = await openSharing(['The pump weighs 84 kg without its base plate [3].']);
    const options = { collection: 'manual', ...COLD };
    const [first, again] = [
      await ask(world, 'knowledge:manual', 'What does the pump weigh?', { id: 'r1', ...options }),
      await ask(world, 'knowledge:manual', 'What does the pump weigh?', { id: 'r2', ...options }),
    ];
    expect(world.calls).toHaveLength(1);
    expect(receiptOf(again).cache?.kind).toBe('hit');
    expect(receiptOf(again).sources).toEqual(receiptOf(first).sources);
    expect(shownText(again)).toBe(shownText(first));
  });

  it('after a failure or an answer that was cut is computed', async () => {
    const world = await openSharing((turn) =>
      turn === 0 ? [new CadreError('upstream_failed', 'it broke')] : ANSWER,
    );
    await ask(world, 'frontier', 'Hi', { id: 'req_1', ...COLD });
    const again = await ask(world, 'frontier', 'Hi', { id: 'req_2', ...COLD });
    expect(receiptOf(again)).toMatchObject({ outcome: 'answered' });
    expect(receiptOf(again).cache).toBeUndefined();
  });
});

describe('equal requests at once', () => {
  it('are computed once; each has its receipt and only one pays', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await openSharing(['Good ', gate.promise, 'morning.']);
    const buyer = { ...ANYONE, budgetDaily: 1 };
    const running = ['req_1', 'req_2', 'req_3'].map((id) =>
      begin(world, id, { ...COLD, caller: buyer }),
    );
    await until(() => running.every((one) => shownText(one.events) === 'Good '));
    gate.resolve();
    const all = await Promise.all(running.map((one) => one.done));
    expect(world.calls).toHaveLength(1);
    expect(all.map((events) => shownText(events))).toEqual(Array(3).fill('Good morning.'));
    const kinds = all.map((events) => receiptOf(events).cache?.kind);
    expect(kinds.filter((kind) => kind === 'shared')).toHaveLength(2);
    const costs = all.map((events) => receiptOf(events).cost.total);
    expect(costs.filter((cost) => cost > 0)).toHaveLength(1);
    const today = new Date().toISOString().slice(0, 10);
    expect(await world.store.doSpent('key_test', today)).toBeCloseTo(Math.max(...costs), 9);
  });

  it('go on when the caller of the one that is computed leaves: it is finished for the others', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await openSharing(['Good ', gate.promise, 'morning.']);
    const buyer = { ...ANYONE, budgetDaily: 1 };
    const [leader, second, third] = ['req_1', 'req_2', 'req_3'].map((id) =>
      begin(world, id, { ...COLD, caller: buyer }),
    );
    if (!leader || !second || !third) throw new Error('three were begun');
    await until(() => shownText(third.events) === 'Good ');
    leader.stop();
    second.stop();
    expect(receiptOf(await second.done).outcome).toBe('cancelled');
    gate.resolve();
    expect(shownText(await third.done)).toBe('Good morning.');
    expect(receiptOf(await third.done).cost.total).toBe(0);
    const receipt = receiptOf(await leader.done);
    expect(receipt).toMatchObject({ outcome: 'cancelled', attempts: [{ outcome: 'released' }] });
    expect(receipt.cost.total).toBeGreaterThan(0);
    expect(world.calls.map((call) => call.end)).toEqual(['finished']);
  });

  it.each(['stops reading', 'is cut off'])(
    'end with the last reader when the first %s',
    async (how) => {
      const world = await openSharing(['Good ', WAIT]);
      const stop = new AbortController();
      const call = callOf('frontier', 'Hello there!', { id: 'req_1', ...COLD });
      const leader = world.pipeline.ask(call, stop.signal)[Symbol.asyncIterator]();
      for (let seen = ''; seen !== 'text-delta'; ) seen = (await leader.next()).value.type;
      const follower = begin(world, 'req_2');
      await until(() => shownText(follower.events) === 'Good ');
      if (how === 'is cut off') stop.abort();
      const left = leader.return?.();
      follower.stop();
      expect(receiptOf(await follower.done).outcome).toBe('cancelled');
      await left;
      expect(await world.store.doGetReceipt('req_1')).toMatchObject({ outcome: 'cancelled' });
      expect(world.calls).toHaveLength(1);
      expect(world.leases.map((lease) => lease.releases)).toEqual([1]);
    },
  );

  it('go on when the time of the one that is computed is over: the next one computes', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await openSharing((turn) =>
      turn === 0 ? ['Good ', WAIT] : ['Go', 'od mor', gate.promise, 'ning.'],
    );
    const leader = begin(world, 'req_1');
    await until(() => shownText(leader.events) === 'Good ');
    const followers = ['req_2', 'req_3'].map((id) => begin(world, id));
    await until(() => followers.every((one) => shownText(one.events) === 'Good '));
    leader.stop(LATE);
    expect(theOnly(await leader.done, 'request-failed').code).toBe('deadline_exceeded');
    await until(() => followers.every((one) => shownText(one.events) === 'Good mor'));
    gate.resolve();
    const [second, third] = await Promise.all(followers.map((one) => one.done));
    expect(world.calls.map((call) => call.end)).toEqual(['aborted', 'finished']);
    expect([second, third].map((events) => shownText(events ?? []))).toEqual(
      Array(2).fill('Good morning.'),
    );
    const paying = [second, third].filter((events) => receiptOf(events ?? []).cache === undefined);
    expect(paying).toHaveLength(1);
    expect(receiptOf(paying[0] ?? []).attempts).toHaveLength(1);
  });

  it('never take back what was shown: a repetition that differs is an error', async () => {
    const world = await openSharing((turn) => (turn === 0 ? ['Good ', WAIT] : ['Bad morning.']));
    const leader = begin(world, 'req_1');
    await until(() => shownText(leader.events) === 'Good ');
    const follower = begin(world, 'req_2');
    await until(() => shownText(follower.events) === 'Good ');
    leader.stop(LATE);
    const events = await follower.done;
    expect(shownText(events)).toBe('Good ');
    expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
  });

  it('share a failure of the model, and each keeps its own deadline', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await openSharing([gate.promise, new CadreError('upstream_failed', 'it broke')]);
    const leader = begin(world, 'req_1');
    const follower = begin(world, 'req_2');
    const hasty = begin(world, 'req_3', { ...COLD, deadline: Date.now() + 30 });
    expect(theOnly(await hasty.done, 'request-failed').code).toBe('deadline_exceeded');
    gate.resolve();
    for (const one of [leader, follower])
      expect(theOnly(await one.done, 'request-failed').code).toBe('upstream_failed');
    expect(world.calls).toHaveLength(1);
  });

  it('do not wait for a leader who reads slowly', async () => {
    const world = await openSharing();
    const stop = new AbortController();
    const call = callOf('frontier', 'Hello there!', { id: 'req_1', ...COLD });
    const leader = world.pipeline.ask(call, stop.signal)[Symbol.asyncIterator]();
    for (let seen = ''; seen !== 'text-delta'; ) seen = (await leader.next()).value.type;
    const follower = await begin(world, 'req_2').done;
    expect(shownText(follower)).toBe('Good morning to you.');
    await leader.return?.();
    expect(await world.store.doGetReceipt('req_1')).toMatchObject({ outcome: 'cancelled' });
    expect(world.calls).toHaveLength(1);
  });

  it('do not share what only the leader’s money decided', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await openWorld({
      models: { small: [gate.promise, 'Cheap.'], frontier: [gate.promise, 'Dear.', ended()] },
      config: {
        ...SHARING,
        gate: { promise: 1, promiseCheap: 0 },
        destinations: [VENDOR],
        spokes: [
          { id: 'small', model: 'smollm2-135m-instruct-q4_1', sampling: { temperature: 0 } },
          { ...FRONTIER, sampling: { temperature: 0 } },
        ],
      },
    });
    const ask = (id: string, budgetLeft: number) => {
      const events: CadreEvent[] = [];
      const call = callOf('auto', 'Hello there!', { id, budgetLeft, ...COLD });
      const done = (async () => {
        for await (const event of world.pipeline.ask(call, new AbortController().signal))
          events.push(event);
        return events;
      })();
      return done;
    };
    const poor = ask('req_1', 0);
    const rich = ask('req_2', 1);
    await until(() => world.calls.length === 2);
    gate.resolve();
    expect(receiptOf(await poor).cache).toBeUndefined();
    expect(receiptOf(await rich).cache).toBeUndefined();
    expect(eventsOf(await rich, 'route-decided').at(-1)?.decision.spoke).toBe('frontier');
  });
});
