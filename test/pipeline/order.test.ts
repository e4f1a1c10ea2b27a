import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { receiptOf, theOnly, typesOf } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { CUT, type Script } from './scripted-model.ts';
import { type AskOptions, ask, callOf, openWorld, type WorldOptions } from './scripted-parts.ts';

interface Ending {
  readonly title: string;
  readonly model: string;
  readonly world: WorldOptions;
  readonly options?: AskOptions;
  readonly outcome: string;
  readonly last: string;
}

const says = (text: string): Script => [text];
const QUESTION = 'How much does the Halvard 300 pump weigh?';

const ENDINGS: readonly Ending[] = [
  {
    title: 'an answer',
    model: 'small',
    world: { models: { small: says('Hello.') } },
    outcome: 'answered',
    last: 'answer-ended',
  },
  {
    title: 'an answer that is declined',
    model: 'knowledge:manual',
    world: { collections: { manual: { sentences: [] } } },
    outcome: 'abstained',
    last: 'answer-ended',
  },
  {
    title: 'a name that no spoke has',
    model: 'nobody',
    world: {},
    outcome: 'failed',
    last: 'request-failed',
  },
  {
    title: 'a collection that is not there',
    model: 'knowledge:nothing',
    world: {},
    outcome: 'failed',
    last: 'request-failed',
  },
  {
    title: 'a prompt that nobody can hold',
    model: 'small',
    world: { models: { small: says('Hello.') } },
    options: {
      request: {
        messages: [{ role: 'user', content: [{ type: 'text', text: 'word '.repeat(9000) }] }],
      },
    },
    outcome: 'failed',
    last: 'request-failed',
  },
  {
    title: 'a model that dies in its answer',
    model: 'small',
    world: { models: { small: ['Hel', new CadreError('worker_crashed', 'it stopped')] } },
    outcome: 'failed',
    last: 'request-failed',
  },
  {
    title: 'a spoke that throws a stranger’s error',
    model: 'small',
    world: {},
    outcome: 'failed',
    last: 'request-failed',
  },
  {
    title: 'a caller who was gone before',
    model: 'small',
    world: { models: { small: says('Hello.') } },
    options: { signal: AbortSignal.abort() },
    outcome: 'cancelled',
    last: 'request-failed',
  },
];

describe('the one stream of events', () => {
  it.each(ENDINGS)('$title: begins with acceptance and ends exactly once', async (ending) => {
    const world = await openWorld(ending.world);
    const events = await ask(world, ending.model, QUESTION, ending.options);
    expect(events[0]).toMatchObject({ type: 'request-accepted', id: 'req_test', depth: 0 });
    const ends = events.filter((one) => ['answer-ended', 'request-failed'].includes(one.type));
    expect(typesOf(ends)).toEqual([ending.last]);
    expect(events.at(-1)).toBe(ends[0]);
    expect(receiptOf(events).outcome).toBe(ending.outcome);
  });

  it.each(ENDINGS)(
    '$title: the receipt is stored before the last event and not sooner',
    async (ending) => {
      const world = await openWorld(ending.world);
      const call = callOf(ending.model, QUESTION, ending.options);
      const signal = ending.options?.signal ?? new AbortController().signal;
      for await (const event of world.pipeline.ask(call, signal)) {
        const stored = await world.store.doGetReceipt(call.id);
        const isLast = event.type === 'answer-ended' || event.type === 'request-failed';
        expect(stored?.outcome, event.type).toBe(isLast ? ending.outcome : undefined);
        if (isLast) expect(stored).toEqual(event.receipt);
      }
    },
  );

  it('tells the life of a grounded request in its order', async () => {
    const world = await openWorld({
      models: { grounded: ['The pump weighs 84 kg without its base plate. [3]'] },
      collections: { manual: { sentences: PUMP } },
      loading: { grounded: [0.5] },
    });
    const events = await ask(world, 'knowledge:manual', QUESTION);
    const firsts = [...new Set(typesOf(events))];
    expect(firsts).toEqual([
      'request-accepted',
      'policy-judged',
      'route-decided',
      'source-found',
      'model-loading',
      'check-passed',
      'text-delta',
      'choice-ended',
      'answer-ended',
    ]);
    const { receipt, usage } = theOnly(events, 'answer-ended');
    expect(usage).toEqual(receipt.usage);
    expect(receipt.stages.map((one) => one.stage)).toEqual([
      'ground',
      'policy',
      'gate',
      'load',
      'run',
      'verify',
    ]);
  });

  it('keeps what it yielded for the replay', async () => {
    const world = await openWorld({ models: { small: ['Hello.', CUT] } });
    const events = await ask(world, 'small', 'Hello!');
    const kept = await world.store.doGetEvents('req_test');
    expect(typesOf(kept ?? [])).toEqual(
      typesOf(events).filter((type) => type !== 'text-delta' && type !== 'request-failed'),
    );
  });
});
