import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { receiptOf, shownText, theOnly } from './readings.ts';
import { failing, farm } from './remote-farm.ts';
import { ask, FARM, openWorld } from './scripted-parts.ts';

const stuck = new CadreError('model_stuck', 'small made no progress for 12 s');
const full = new CadreError('overloaded', 'the queue of small is full', { retryAfter: 3 });
const PROMISE = { gate: { promise: 0.99 } };

describe('a local model that cannot answer', () => {
  it.each([
    ['is stuck', stuck],
    ['has a full queue', full],
  ])('that %s leaves the request to the fallback of its spoke', async (_, trouble) => {
    const world = await openWorld({ models: { small: [trouble], large: ['Good morning.'] } });
    const events = await ask(world, 'small', 'Say hello.');
    expect(shownText(events)).toBe('Good morning.');
    const receipt = receiptOf(events);
    expect(receipt.attempts).toMatchObject([
      { spoke: 'small', outcome: 'failed', code: trouble.code, reason: trouble.message },
      { spoke: 'large', outcome: 'released', cause: 'fallback' },
    ]);
    const told = explainReceipt(receipt, []).join('\n');
    expect(told).toContain(`failed: ${trouble.message}`);
    expect(told).toMatch(/large .*asked instead, released/);
    expect(world.leases.map(({ releases }) => releases)).toEqual([1, 1]);
  });

  it('leaves a request for `auto` to the next candidate, where nobody better is there', async () => {
    const config = { ...PROMISE, spokes: [{ ...FARM.spokes[0], fallback: [] }, FARM.spokes[1]] };
    const world = await openWorld({ models: { large: [stuck], small: ['Morning.'] }, config });
    const events = await ask(world, 'auto', 'Say hello.');
    expect(theOnly(events, 'route-decided').decision).toMatchObject({
      spoke: 'large',
      cascade: [],
    });
    expect(shownText(events)).toBe('Morning.');
    expect(receiptOf(events).attempts).toMatchObject([
      { spoke: 'large', outcome: 'failed' },
      { spoke: 'small', outcome: 'released', cause: 'fallback' },
    ]);
  });

  it('tells the first trouble where the others cannot answer either', async () => {
    const config = { ...PROMISE, spokes: [{ ...FARM.spokes[0], fallback: [] }, FARM.spokes[1]] };
    const world = await openWorld({ models: { large: [stuck], small: [full] }, config });
    const failed = theOnly(await ask(world, 'auto', 'Say hello.'), 'request-failed');
    expect(failed).toMatchObject({ code: 'model_stuck', message: stuck.message });
    expect(world.calls.map(({ spoke }) => spoke)).toEqual(['large', 'small']);
  });

  it('asks nobody else where the request names it and its spoke has no fallback', async () => {
    const world = await openWorld({ models: { large: [stuck], small: ['Morning.'] } });
    const events = await ask(world, 'large', 'Say hello.');
    expect(theOnly(events, 'request-failed')).toMatchObject({ message: stuck.message });
    expect(world.calls).toHaveLength(1);
  });

  it('ends the stream with the error once a word was shown', async () => {
    const world = await openWorld({ models: { small: ['Good ', stuck], large: ['Morning.'] } });
    const events = await ask(world, 'small', 'Say hello.');
    expect(shownText(events)).toBe('Good ');
    expect(events.at(-1)).toMatchObject({
      type: 'request-failed',
      code: 'model_stuck',
      message: stuck.message,
    });
    expect(world.calls).toHaveLength(1);
  });

  it('is no stand-in of a remote model by itself: the operator names that', async () => {
    const config = farm({}, { fallback: [] });
    const world = await openWorld({
      models: { far: [failing('refused')], small: ['No.'] },
      config,
    });
    expect(theOnly(await ask(world, 'far', 'Hi!'), 'request-failed').message).toContain('refused');
    expect(world.calls.map(({ spoke }) => spoke)).not.toContain('small');
  });
});
