import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { eventsOf, receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { PUMP } from './scripted-knowledge.ts';
import { ended, WAIT } from './scripted-model.ts';
import { ANYONE, ask, callOf, FARM, FRONTIER, openWorld, VENDOR } from './scripted-parts.ts';

const crash = new CadreError('worker_crashed', 'the process stopped');
const GREETING = 'Hello there, good morning!';
const REFUSAL = ["I'm sorry, but I cannot help with that."];

describe('a cascade of unlike rungs, and what was cut', () => {
  it('a grounded rung below a chat spoke reads the passages or is no rung', async () => {
    const world = await openWorld({
      models: {
        small: REFUSAL,
        grounded: ['The pump weighs 99 kg. [3]'],
        'grounded-large': ['NOT IN DOCUMENTS'],
      },
      collections: { manual: { sentences: PUMP, strength: 0.4 } },
      config: { spokes: [{ ...FARM.spokes[0], fallback: [] }, ...FARM.spokes.slice(1)] },
    });
    const events = await ask(
      world,
      'auto',
      'Who must service the Halvard 300 pump, and how often?',
    );
    expect(shownText(events)).not.toContain('99 kg');
  });
  it('a chat rung below a grounded spoke is not checked against passages it never saw', async () => {
    const world = await openWorld({
      models: {
        large: ['Trained staff should look after it twice a year.'],
        grounded: ['The pump weighs 97 kg. [3]'],
      },
      collections: { manual: { sentences: PUMP, strength: 0.4 } },
      config: { spokes: [{ ...FARM.spokes[2], fallback: ['large'] }, FARM.spokes[1]] },
    });
    const events = await ask(
      world,
      'auto',
      'Who must service the Halvard 300 pump, and how often?',
    );
    const { cascade } = theOnly(events, 'route-decided').decision;
    if (cascade.includes('large')) expect(shownText(events)).not.toBe('');
  });
  it.each([0.006, 0.0065])(
    '3 a budget of $%d that the gate took for enough does not fail a local answer',
    async (budgetDaily) => {
      const world = await openWorld({
        models: { small: ['Hi.'] },
        config: {
          ...FARM,
          spokes: [{ ...FARM.spokes[0], fallback: ['frontier'] }, FARM.spokes[1], FRONTIER],
          destinations: [VENDOR],
        },
      });
      const events = await ask(world, 'auto', GREETING, { caller: { ...ANYONE, budgetDaily } });
      expect(shownText(events)).toBe('Hi.');
    },
  );
  it('two remote rungs that only together pass the budget do not fail a local answer', async () => {
    const world = await openWorld({
      models: { small: ['Hi.'] },
      config: {
        ...FARM,
        spokes: [
          { ...FARM.spokes[0], fallback: ['frontier', 'second'] },
          FRONTIER,
          { ...FRONTIER, id: 'second' },
        ],
        destinations: [VENDOR],
      },
    });
    const events = await ask(world, 'auto', GREETING, { caller: { ...ANYONE, budgetDaily: 0.01 } });
    expect(shownText(events)).toBe('Hi.');
  });
  it('a remote answer that was cut is paid for', async () => {
    const words = Array.from({ length: 50 }, () => 'word ');
    const world = await openWorld({
      models: { frontier: [...words, WAIT] },
      config: { ...FARM, spokes: [FRONTIER], destinations: [VENDOR] },
    });
    const stop = new AbortController();
    let shown = 0;
    const call = callOf('frontier', GREETING, { caller: { ...ANYONE, budgetDaily: 1 } });
    for await (const event of world.pipeline.ask(call, stop.signal)) {
      if (event.type === 'text-delta') shown += 1;
      if (shown === words.length) stop.abort();
    }
    expect(world.settled[0]?.spent).toBeGreaterThan(0);
  });
  it('a later choice that dies before its first byte is no clean, empty choice', async () => {
    const world = await openWorld({
      models: { small: (turn) => (turn === 0 ? ['Hello.'] : [crash]) },
    });
    const events = await ask(world, 'small', GREETING, { request: { choiceCount: 2 } });
    expect(eventsOf(events, 'choice-ended').map((one) => one.choice)).toEqual([0]);
    expect(theOnly(events, 'request-failed').code).toBe('worker_crashed');
  });
  it('a tool call that failed its check is not shown because words stood before it', async () => {
    const world = await openWorld({
      models: {
        large: [
          'Sure, I will look it up. ',
          { type: 'tool-call', index: 0, id: 'call_1', name: 'nope', arguments: '{' },
          ended({ finishReason: 'tool-calls' }),
        ],
      },
    });
    const events = await ask(world, 'large', 'Weather?', {
      request: { tools: [{ name: 'weather' }] },
    });
    expect(typesOf(events)).not.toContain('tool-call-delta');
  });
  it('a deadline that passed is told as such for a remote spoke too', async () => {
    const world = await openWorld({
      models: { frontier: ['Hi'] },
      config: { ...FARM, spokes: [FRONTIER], destinations: [VENDOR] },
    });
    const events = await ask(world, 'frontier', GREETING, { deadline: 0 });
    expect(theOnly(events, 'request-failed').code).toBe('deadline_exceeded');
  });
  it('an embedder that dies is no reason to give up an answer that words support', async () => {
    const world = await openWorld({
      models: { grounded: ['The pump weighs 84 kg without its base plate. [3]'] },
      collections: { manual: { sentences: PUMP } },
      embed: () => Promise.reject(new Error('the embedder is gone')),
    });
    const events = await ask(world, 'knowledge:manual', 'What does the Halvard pump weigh?');
    expect(receiptOf(events).outcome).toBe('answered');
  });
});
