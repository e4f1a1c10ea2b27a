import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { failing, farm } from './remote-farm.ts';
import { ended, type Step, WAIT } from './scripted-model.ts';
import { ANYONE, ask, callOf, openWorld, type World } from './scripted-parts.ts';

/** Asks beside what runs and reads up to the first event of the type. */
async function firstEvents(world: World, type: CadreEvent['type']): Promise<CadreEvent[]> {
  const events: CadreEvent[] = [];
  const call = callOf('far', 'Hi!', { id: 'req_beside' });
  for await (const event of world.pipeline.ask(call, new AbortController().signal)) {
    events.push(event);
    if (event.type === type) break;
  }
  return events;
}

describe('a remote model that fails', () => {
  it('is asked again with a permit of its own, and the trace says why', async () => {
    const world = await openWorld({
      models: { far: (turn) => (turn === 0 ? [failing('server-error')] : ['Hello.']) },
      config: farm(),
    });
    const events = await ask(world, 'far', 'Hi!');
    expect(shownText(events)).toBe('Hello.');
    expect(eventsOf(events, 'attempt-failed')).toMatchObject([
      { spoke: 'far', fault: 'server-error', next: { move: 'retry', why: 'backoff' } },
    ]);
    const permits = world.calls.map((call) => call.permit);
    expect(new Set(permits).size).toBe(2);
    expect(permits.map((one) => one && world.permits.refusal(one, 'vendor'))).toEqual([
      undefined,
      undefined,
    ]);
    expect(receiptOf(events).attempts).toMatchObject([
      { outcome: 'failed', fault: 'server-error' },
      { outcome: 'released', cause: 'retry', waitedMs: expect.any(Number) },
    ]);
    expect(explainReceipt(receiptOf(events), []).join('\n')).toMatch(
      /1\. far .* failed \(failed inside\).*\n.*2\. far .* asked again after .* released/,
    );
  });

  it('is not asked again once a word was shown', async () => {
    const world = await openWorld({
      models: { far: ['Hel', failing('cut')], near: ['Hello.'] },
      config: farm(),
    });
    const events = await ask(world, 'far', 'Hi!');
    expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
    expect(world.calls).toHaveLength(1);
  });

  it('is replaced in the middle for a caller who reads only whole answers', async () => {
    const world = await openWorld({
      models: { far: ['Hel', failing('stalled')], near: ['Hello.'] },
      config: farm(),
    });
    const events = await ask(world, 'far', 'Hi!', { whole: true });
    expect(shownText(events)).toBe('Hello.');
    expect(receiptOf(events)).toMatchObject({ usage: { promptTokens: 40, completionTokens: 20 } });
  });

  it.each(['unauthorized', 'unknown-model', 'silent', 'out-of-quota'] as const)(
    'with %s goes straight to the fallback, and the operator sees why',
    async (fault) => {
      const world = await openWorld({
        models: { far: [failing(fault, 'config_invalid')], near: ['Hello.'] },
        config: farm(),
      });
      const events = await ask(world, 'far', 'Hi!');
      expect(world.calls.map((call) => call.spoke)).toEqual(['far', 'near']);
      expect(receiptOf(events).attempts[0]).toMatchObject({ outcome: 'failed', fault });
      expect(theOnly(events, 'route-escalated')).toMatchObject({ to: 'near', failed: true });
    },
  );

  it.each(['refused', 'content-filter'] as const)('with %s is not routed around', async (fault) => {
    const world = await openWorld({
      models: { far: [failing(fault)], near: ['Hello.'] },
      config: farm(),
    });
    const events = await ask(world, 'far', 'Hi!');
    expect(theOnly(events, 'request-failed').message).toBe(`scripted ${fault}`);
    expect(world.calls).toHaveLength(1);
  });

  it('keeps the finish reason of a filter that stopped an answer within a cascade', async () => {
    const world = await openWorld({
      models: {
        small: [' ', ended({ finishReason: 'content-filter' })],
        large: ['Something else.'],
      },
    });
    const events = await ask(world, 'auto', 'Hi!');
    expect(theOnly(events, 'choice-ended').finishReason).toBe('content-filter');
    expect(world.calls).toHaveLength(1);
  });

  it('hides nothing of the first trouble behind that of its stand-ins', async () => {
    const world = await openWorld({
      models: {
        far: [failing('unauthorized', 'config_invalid')],
        near: [failing('silent')],
        small: [failing('malformed')],
      },
      config: farm(),
    });
    const events = await ask(world, 'far', 'Hi!');
    expect(theOnly(events, 'request-failed').message).toBe('scripted unauthorized');
  });
});

describe('repetitions', () => {
  it('never become a storm: a share of requests and a small reserve, however many fail', async () => {
    const world = await openWorld({
      models: { far: [failing('overloaded')] },
      config: farm(
        {
          retry: { most: 5, share: 0.1, reserve: 4, firstSeconds: 0.001 },
          breaker: { failures: 1e6 },
        },
        { fallback: [] },
      ),
    });
    const requests = Array.from({ length: 40 }, (_, index) =>
      ask(world, 'far', 'Hi!', { id: `req_${index}` }),
    );
    for (const events of await Promise.all(requests))
      expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
    expect(world.calls.length).toBeGreaterThan(40);
    expect(world.calls.length).toBeLessThanOrEqual(40 + 4 + 4);
  });

  it('stay within what was set aside of the key’s day', async () => {
    const half: readonly Step[] = ['word '.repeat(10), failing('cut')];
    const world = await openWorld({
      models: { far: half },
      config: farm({ prices: { m: { input: 1000, output: 1000 } } }, { fallback: [] }),
    });
    const buyer = { ...ANYONE, budgetDaily: 100 };
    await ask(world, 'far', 'Hi!', { caller: buyer, whole: true, request: { maxTokens: 300 } });
    const [{ amount = 0 } = {}] = world.reserved;
    const [{ spent = Number.NaN } = {}] = world.settled;
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(amount);
  });
});

describe('a circuit that is open', () => {
  it('turns requests to the stand-in, and the gate says why', async () => {
    const world = await openWorld({
      models: { far: [failing('overloaded')], near: ['Hello.'] },
      config: farm({ retry: { most: 0 } }),
    });
    for (let count = 0; count < 3; count += 1)
      await ask(world, 'far', 'Hi!', { id: `req_${count}` });
    const events = await ask(world, 'far', 'Hi!');
    expect(world.calls.filter((call) => call.spoke === 'far')).toHaveLength(3);
    const { decision } = theOnly(events, 'route-decided');
    expect(decision).toMatchObject({
      spoke: 'near',
      fallback: ['small'],
      rejected: [{ id: 'far', code: 'health' }],
    });
    expect(decision.rejected[0]?.reason).toContain('is overloaded or down');
    expect(decision.reasons[0]).toBe('stands in for `far`, which cannot serve now');
  });

  it('is told to the caller where nobody stands in', async () => {
    const world = await openWorld({
      models: { far: [failing('overloaded')] },
      config: farm({ retry: { most: 0 } }, { fallback: [] }),
    });
    for (let count = 0; count < 3; count += 1)
      await ask(world, 'far', 'Hi!', { id: `req_${count}` });
    const failed = theOnly(await ask(world, 'far', 'Hi!'), 'request-failed');
    expect(failed).toMatchObject({ code: 'no_spoke', retryAfter: 5 });
    expect(failed.message).toContain('far is out of order');
  });

  it('closes with the first word of its probe, not with the last one', async () => {
    const world = await openWorld({
      models: {
        far: (turn) => (turn < 3 ? [failing('overloaded')] : ['Hello.', WAIT]),
        near: ['No.'],
      },
      config: farm({ retry: { most: 0 }, breaker: { failures: 3, seconds: 0.001 } }),
    });
    for (let count = 0; count < 3; count += 1)
      await ask(world, 'far', 'Hi!', { id: `req_${count}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const stop = new AbortController();
    const call = callOf('far', 'Hi!');
    for await (const event of world.pipeline.ask(call, stop.signal)) {
      if (event.type !== 'text-delta') continue;
      const { decision } = theOnly(await firstEvents(world, 'route-decided'), 'route-decided');
      expect(decision.spoke).toBe('far');
      stop.abort();
    }
    expect((await world.store.doGetReceipt('req_test'))?.attempts).toMatchObject([
      { spoke: 'far', probe: true, outcome: 'cancelled' },
    ]);
  });
});

describe('a probe', () => {
  /** A world whose `far` failed three times in a row and may be probed again. */
  async function tripped(answer: readonly Step[]): Promise<World> {
    const world = await openWorld({
      models: { far: (turn) => (turn < 3 ? [failing('overloaded')] : answer), near: ['No.'] },
      config: farm({ retry: { most: 0 }, breaker: { failures: 3, seconds: 0.001 } }),
    });
    for (let count = 0; count < 3; count += 1)
      await ask(world, 'far', 'Hi!', { id: `req_${count}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return world;
  }

  it('that is left before it was sent is not waited for', async () => {
    const world = await tripped(['Hello.']);
    const left = await firstEvents(world, 'circuit-changed');
    expect(theOnly(left, 'circuit-changed')).toMatchObject({ state: 'half-open' });
    expect(shownText(await ask(world, 'far', 'Hi!', { id: 'req_after' }))).toBe('Hello.');
  });

  it('with a whole answer shuts others out only until its first word', async () => {
    const spoken = Promise.withResolvers<void>();
    const read = { type: 'prompt-read', promptTokens: 1, cachedTokens: 0, ms: 1 } as const;
    const world = await tripped(['Hel', read, spoken.promise, 'lo.']);
    const call = callOf('far', 'Hi!', { whole: true });
    let beside: string | undefined;
    for await (const event of world.pipeline.ask(call, new AbortController().signal)) {
      if (event.type !== 'prompt-read') continue;
      const events = await firstEvents(world, 'route-decided');
      beside = theOnly(events, 'route-decided').decision.spoke;
      spoken.resolve();
    }
    expect(beside).toBe('far');
  });
});

describe('what a label forbids', () => {
  it('stays forbidden for stand-ins and hedges', async () => {
    const config = farm({}, { hedge: { spoke: 'near', afterSeconds: 0.001 } }, 'public');
    const world = await openWorld({
      models: { far: [failing('silent')], near: ['Leaked.'], small: ['Hello.'] },
      config,
    });
    const events = await ask(world, 'far', 'Hi!');
    expect(theOnly(events, 'route-decided').decision.fallback).toEqual(['small']);
    expect(theOnly(events, 'route-decided').decision).not.toHaveProperty('hedge');
    expect(world.calls.map((call) => call.spoke)).toEqual(['far', 'small']);
    expect(shownText(events)).toBe('Hello.');
  });
});

describe('answers that equal requests share', () => {
  const COLD = { request: { sampling: { temperature: 0 } } };
  const shared = () => ({ ...farm({ retry: { most: 0 } }), cache: { exact: true } });

  it('are not those of a stand-in: it is asked for while its trouble lasts, no longer', async () => {
    const world = await openWorld({
      models: {
        far: (turn) => (turn === 0 ? [failing('overloaded')] : ['The right one.']),
        near: ['A stand-in.'],
      },
      config: shared(),
    });
    const first = await ask(world, 'far', 'Hi!', { id: 'req_1', ...COLD });
    const second = await ask(world, 'far', 'Hi!', { id: 'req_2', ...COLD });
    expect([shownText(first), shownText(second)]).toEqual(['A stand-in.', 'The right one.']);
  });

  it('are streamed at once to one who streams, though another waits for the whole', async () => {
    const world = await openWorld({ models: { far: ['Hello.', WAIT] }, config: shared() });
    const stop = new AbortController();
    const whole = ask(world, 'far', 'Hi!', {
      id: 'req_1',
      whole: true,
      signal: stop.signal,
      ...COLD,
    });
    while (world.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for await (const event of world.pipeline.ask(callOf('far', 'Hi!', COLD), stop.signal))
      if (event.type === 'text-delta') stop.abort();
    expect(receiptOf(await whole).outcome).toBe('cancelled');
    expect(world.calls).toHaveLength(2);
  });
});
