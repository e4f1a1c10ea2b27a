import { describe, expect, it } from 'vitest';
import { receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { failing, farm } from './remote-farm.ts';
import { type Step, WAIT } from './scripted-model.ts';
import { ANYONE, ask, openWorld } from './scripted-parts.ts';

const BUYER = { ...ANYONE, budgetDaily: 1 };

describe('a hedge', () => {
  const hedged = farm({}, { hedge: { spoke: 'near', afterSeconds: 0.005 } });

  it('asks a second spoke when the first is slow; the loser is stopped and not counted', async () => {
    const world = await openWorld({ models: { far: [WAIT], near: ['Hello.'] }, config: hedged });
    const events = await ask(world, 'far', 'Hi!', { caller: BUYER });
    expect(shownText(events)).toBe('Hello.');
    expect(typesOf(events)).toEqual(expect.arrayContaining(['hedge-started', 'hedge-won']));
    expect(theOnly(events, 'hedge-won')).toMatchObject({ spoke: 'near', loser: 'far' });
    expect(world.calls.map((call) => call.end)).toEqual(['aborted', 'finished']);
    expect(world.leases.every((lease) => lease.releases === 1)).toBe(true);
    const receipt = receiptOf(events);
    expect(receipt.attempts.toSorted((a, b) => (a.spoke < b.spoke ? -1 : 1))).toMatchObject([
      { spoke: 'far', outcome: 'cancelled', reason: 'near began to answer sooner' },
      { spoke: 'near', outcome: 'released', cause: 'hedge' },
    ]);
    expect(receipt.usage).toMatchObject({ promptTokens: 40, completionTokens: 20 });
    expect(world.settled).toHaveLength(1);
  });

  it('is not begun when the first speaks in time', async () => {
    const config = farm({}, { hedge: { spoke: 'near', afterSeconds: 60 } });
    const world = await openWorld({ models: { far: ['Hello.'], near: ['No.'] }, config });
    const events = await ask(world, 'far', 'Hi!');
    expect(shownText(events)).toBe('Hello.');
    expect(world.calls).toHaveLength(1);
  });

  it('leaves the answer to the other when one fails', async () => {
    const slow: readonly Step[] = [
      { type: 'prompt-read', promptTokens: 1, cachedTokens: 0, ms: 1 },
      WAIT,
    ];
    const world = await openWorld({
      models: { far: slow, near: [failing('refused')] },
      config: hedged,
    });
    const events = await ask(world, 'far', 'Hi!', { deadline: Date.now() + 200 });
    // The first is still waited for, to the deadline.
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
    expect(world.calls.map((call) => call.end)).toEqual(['aborted', 'failed']);
  });

  it('ends both when the caller leaves', async () => {
    const world = await openWorld({ models: { far: [WAIT], near: [WAIT] }, config: hedged });
    const stop = new AbortController();
    const call = ask(world, 'far', 'Hi!', { caller: BUYER, signal: stop.signal });
    while (world.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort();
    expect(receiptOf(await call).outcome).toBe('cancelled');
    expect(world.calls.map((one) => one.end)).toEqual(['aborted', 'aborted']);
    expect(world.leases.map((lease) => lease.releases)).toEqual([1, 1]);
    expect(world.settled).toHaveLength(1);
  });

  it('is called off once the first speaks, though a whole answer is held to its end', async () => {
    const end = Promise.withResolvers<void>();
    const config = farm({}, { hedge: { spoke: 'near', afterSeconds: 0.5 } });
    const world = await openWorld({ models: { far: ['Hel', end.promise, 'lo.'] }, config });
    const call = ask(world, 'far', 'Hi!', { whole: true });
    while (world.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // Longer than the hedge would wait.
    setTimeout(end.resolve, 700);
    expect(shownText(await call)).toBe('Hello.');
    expect(world.calls.map((one) => one.spoke)).toEqual(['far']);
  });

  it('holds whole answers: the first complete one wins', async () => {
    const asked = Promise.withResolvers<void>();
    const near = () => {
      asked.resolve();
      return ['Hello.'];
    };
    const world = await openWorld({
      models: { far: [asked.promise, 'Hel', WAIT], near },
      config: hedged,
    });
    const events = await ask(world, 'far', 'Hi!', { whole: true });
    expect(shownText(events)).toBe('Hello.');
    expect(receiptOf(events).usage).toMatchObject({ completionTokens: 20 });
  });
});
