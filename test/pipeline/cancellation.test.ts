import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { receiptOf, theOnly, typesOf } from './readings.ts';
import { farm } from './remote-farm.ts';
import { PUMP } from './scripted-knowledge.ts';
import { WAIT } from './scripted-model.ts';
import { ANYONE, ask, callOf, openWorld, type World } from './scripted-parts.ts';

const BUYER = { ...ANYONE, budgetDaily: 1 };

/** Reads until an event of the type came, then aborts; returns all events. */
async function abortAt(
  world: World,
  model: string,
  type: CadreEvent['type'],
): Promise<CadreEvent[]> {
  const stop = new AbortController();
  const events: CadreEvent[] = [];
  const call = callOf(model, 'Hello there!', { caller: BUYER });
  for await (const event of world.pipeline.ask(call, stop.signal)) {
    events.push(event);
    if (event.type === type) stop.abort();
  }
  return events;
}

/** Reads until an event of the type came and leaves the loop, which returns the iterator. */
async function leaveAt(world: World, model: string, type: CadreEvent['type']): Promise<void> {
  const call = callOf(model, 'Hello there!', { caller: BUYER });
  for await (const event of world.pipeline.ask(call, new AbortController().signal))
    if (event.type === type) return;
}

describe('a caller who aborts', () => {
  it('while the model loads: nothing is lent, the receipt says cancelled', async () => {
    const world = await openWorld({
      models: { small: ['Hello.'] },
      loading: { small: [0.2, WAIT] },
    });
    const events = await abortAt(world, 'small', 'model-loading');
    expect(theOnly(events, 'request-failed').code).toBe('cancelled');
    expect(receiptOf(events)).toMatchObject({ outcome: 'cancelled' });
    expect(receiptOf(events).attempts.map((one) => one.outcome)).toEqual(['cancelled']);
    expect(world.calls).toEqual([]);
    expect(world.leases).toEqual([]);
    expect(world.settled).toEqual([{ id: 'req_test', spent: 0 }]);
  });

  it.each(['small', 'auto'])('while %s streams: the model sees it', async (model) => {
    const world = await openWorld({ models: { small: ['Hello. ', 'And ', WAIT] } });
    const events = await abortAt(world, model, 'text-delta');
    expect(world.calls.map((call) => call.end)).toEqual(['aborted']);
    expect(theOnly(events, 'request-failed').code).toBe('cancelled');
    expect(typesOf(events)).not.toContain('choice-ended');
    expect(receiptOf(events).outcome).toBe('cancelled');
    expect(world.leases).toEqual([{ spoke: 'small', releases: 1 }]);
    expect(world.settled).toHaveLength(1);
  });

  it('before anything was shown: no other spoke is asked', async () => {
    const world = await openWorld({
      models: {
        grounded: [{ type: 'prompt-read', promptTokens: 9, cachedTokens: 0, ms: 1 }, WAIT],
        'grounded-large': ['The pump weighs 84 kg.'],
      },
      collections: { manual: { sentences: PUMP } },
    });
    const events = await abortAt(world, 'knowledge:manual', 'prompt-read');
    expect(theOnly(events, 'request-failed').code).toBe('cancelled');
    expect(world.calls.map((call) => call.spoke)).toEqual(['grounded']);
  });
});

describe('a caller who leaves while a retry is waited for', () => {
  it('waits no longer, and nothing is asked again', async () => {
    const busy = new CadreError('upstream_overloaded', 'busy', {
      fault: 'rate-limited',
      retryAfter: 50,
    });
    const world = await openWorld({ models: { far: [busy] }, config: farm({}, { fallback: [] }) });
    const stop = new AbortController();
    const events: CadreEvent[] = [];
    const call = callOf('far', 'Hello there!', { caller: BUYER });
    for await (const event of world.pipeline.ask(call, stop.signal)) {
      events.push(event);
      if (event.type === 'attempt-failed') setImmediate(() => stop.abort());
    }
    expect(theOnly(events, 'attempt-failed').next).toMatchObject({ why: 'retry-after' });
    expect(receiptOf(events).outcome).toBe('cancelled');
    expect(world.calls).toHaveLength(1);
    expect(world.settled).toEqual([{ id: 'req_test', spent: 0 }]);
  });
});

describe('a reader who leaves the loop', () => {
  it.each(['small', 'auto'])(
    'while %s streams: the model is stopped and recorded',
    async (model) => {
      const world = await openWorld({ models: { small: ['Hello. ', 'And ', 'more.'] } });
      await leaveAt(world, model, 'text-delta');
      expect(world.calls.map((call) => call.end)).toEqual(['left']);
      expect(world.leases).toEqual([{ spoke: 'small', releases: 1 }]);
      expect(world.settled).toHaveLength(1);
      expect(await world.store.doGetReceipt('req_test')).toMatchObject({
        outcome: 'cancelled',
        attempts: [{ spoke: 'small', outcome: 'cancelled' }],
      });
    },
  );

  it('while the model loads: the lease is given back', async () => {
    const world = await openWorld({ models: { small: ['Hello.'] }, loading: { small: [0.5] } });
    await leaveAt(world, 'small', 'model-loading');
    expect(world.calls).toEqual([]);
    expect(world.leases).toEqual([{ spoke: 'small', releases: 1 }]);
    expect((await world.store.doGetReceipt('req_test'))?.outcome).toBe('cancelled');
  });

  it.each(['request-accepted', 'policy-judged', 'route-decided'] as const)(
    'at %s: no model is asked, a receipt is there all the same',
    async (type) => {
      const world = await openWorld({ models: { small: ['Hello.'] } });
      await leaveAt(world, 'small', type);
      expect(world.calls).toEqual([]);
      expect((await world.store.doGetReceipt('req_test'))?.outcome).toBe('cancelled');
      expect(world.settled).toHaveLength(world.reserved.length);
    },
  );

  it('at the last event: the request stays answered', async () => {
    const world = await openWorld({ models: { small: ['Hello.'] } });
    await leaveAt(world, 'small', 'answer-ended');
    expect((await world.store.doGetReceipt('req_test'))?.outcome).toBe('answered');
  });
});

describe('the deadline', () => {
  it.each([
    ['while a model loads', { models: { small: ['Hello.'] }, loading: { small: [WAIT] } }],
    ['while a model is silent', { models: { small: ['Hel', WAIT] } }],
  ] as const)('%s ends the request', async (_, options) => {
    const world = await openWorld(options);
    const events = await ask(world, 'small', 'Hello!', { deadline: Date.now() + 30 });
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
    expect(receiptOf(events)).toMatchObject({
      outcome: 'failed',
      error: { code: 'deadline_exceeded' },
    });
    expect(world.leases.every((lease) => lease.releases === 1)).toBe(true);
  });

  it('that passed long ago still ends in order', async () => {
    const world = await openWorld({ models: { small: [WAIT] } });
    const events = await ask(world, 'small', 'Hello!', { deadline: 0 });
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
  });
});
