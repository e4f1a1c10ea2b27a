import { expect, it } from 'vitest';
import { eventsOf, receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { failing, farm } from './remote-farm.ts';
import { ended, type Step, WAIT } from './scripted-model.ts';
import { ANYONE, ask, openWorld } from './scripted-parts.ts';

const BUYER = { ...ANYONE, budgetDaily: 1 };
/** Forty pieces came and are paid for, then the connection was cut. */
const CUT_LATE: readonly Step[] = [...Array<string>(40).fill('a word '), failing('cut')];

it('an answer that was cut stays a failure where the money does not hold another try', async () => {
  const config = farm({}, { fallback: [] });
  const world = await openWorld({ models: { far: CUT_LATE }, config });
  const events = await ask(world, 'far', 'Hi!', { caller: BUYER, whole: true });
  expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
  expect(typesOf(events)).not.toContain('answer-abstained');
  expect(eventsOf(events, 'attempt-failed')).toMatchObject([
    { next: { move: 'stop', why: 'the budget does not hold far any more' } },
  ]);
  expect(world.calls).toHaveLength(1);
  expect(receiptOf(events).outcome).toBe('failed');
});

it('it stays one where the money does not hold the stand-in', async () => {
  const config = farm({ retry: { most: 0 } }, { fallback: ['near'] });
  const usage = { promptTokens: 40, cachedTokens: 0, completionTokens: 4000 };
  const world = await openWorld({
    models: { far: [ended({ usage }), failing('cut')], near: ['Hello.'] },
    config,
  });
  const events = await ask(world, 'far', 'Hi!', { caller: BUYER, whole: true });
  expect(theOnly(events, 'request-failed').code).toBe('upstream_failed');
  expect(world.calls.map((call) => call.spoke)).toEqual(['far']);
});

it('a stand-in that costs nothing is asked after one that costs too much', async () => {
  const config = farm({ retry: { most: 0 } });
  const usage = { promptTokens: 40, cachedTokens: 0, completionTokens: 4000 };
  const world = await openWorld({
    models: { far: [ended({ usage }), failing('cut')], near: ['No.'], small: ['Hello there.'] },
    config,
  });
  const events = await ask(world, 'far', 'Hi!', { caller: BUYER, whole: true });
  expect(shownText(events)).toBe('Hello there.');
  expect(world.calls.map((call) => call.spoke)).toEqual(['far', 'small']);
});

it('a repetition beside a second spoke counts what that one may still cost', async () => {
  const config = farm(
    {},
    { hedge: { spoke: 'near', afterSeconds: 0.001 }, fallback: [], maxTokens: 100 },
  );
  const hedged = Promise.withResolvers<void>();
  const world = await openWorld({
    models: {
      far: [
        { type: 'prompt-read', promptTokens: 40, cachedTokens: 0, ms: 1 },
        hedged.promise,
        failing('cut'),
      ],
      near: () => {
        hedged.resolve();
        return [WAIT];
      },
    },
    config,
  });
  const events = await ask(world, 'far', 'Hi!', {
    caller: BUYER,
    whole: true,
    deadline: Date.now() + 500,
  });
  expect(world.calls.map((call) => call.spoke)).toEqual(['far', 'near']);
  expect(theOnly(events, 'request-failed')).toBeDefined();
});
