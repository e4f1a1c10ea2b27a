import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { theOnly } from './readings.ts';
import { ended, type Script } from './scripted-model.ts';
import { ANYONE, ask, callOf, openWorld, VENDOR } from './scripted-parts.ts';

const GREETING = 'Hello there, good morning!';
const NEVER = new AbortController().signal;

function openFarm() {
  return openWorld({ models: { small: ['Good morning.'], large: ['Good day.'] } });
}

describe('a session', () => {
  it('stays on its spoke', async () => {
    const world = await openFarm();
    const free = await ask(world, 'auto', GREETING, { id: 'req_free' });
    expect(theOnly(free, 'route-decided').decision.spoke).toBe('small');
    await ask(world, 'large', GREETING, { id: 'req_1', session: 'talk' });
    const pinned = await ask(world, 'auto', GREETING, { id: 'req_2', session: 'talk' });
    expect(theOnly(pinned, 'route-decided').decision).toMatchObject({
      spoke: 'large',
      stickiness: 'session',
    });
  });

  it('is not shared by keys that use the same name', async () => {
    const world = await openFarm();
    await ask(world, 'large', GREETING, { id: 'req_1', session: 'talk' });
    const caller = { ...ANYONE, key: 'key_other' };
    const other = await ask(world, 'auto', GREETING, { id: 'req_2', session: 'talk', caller });
    expect(theOnly(other, 'route-decided').decision.spoke).toBe('small');
    expect(theOnly(other, 'route-decided').decision.stickiness).toBeUndefined();
  });

  it('knows what its spoke has read when the conversation goes on', async () => {
    const world = await openFarm();
    const first = 'Please summarise this for me. '.repeat(40);
    await ask(world, 'large', first, { id: 'req_1', session: 'talk' });
    const messages = [
      ...callOf('auto', first).request.messages,
      { role: 'assistant' as const, content: textPart('Good day.') },
      { role: 'user' as const, content: textPart('Thanks!') },
    ];
    const next = { id: 'req_2', request: { messages } };
    const fresh = await ask(world, 'auto', '', next);
    const pinned = await ask(world, 'auto', '', { ...next, id: 'req_3', session: 'talk' });
    const { decision } = theOnly(pinned, 'route-decided');
    expect(decision.reasons[0]).toMatch(/stays on `large`.*has read 3\d\d tokens of it/);
    const unread = theOnly(fresh, 'route-decided').decision.candidates.find(
      (one) => one.spoke === 'large',
    );
    expect(decision.chosen.latencyMs).toBeLessThan(unread?.latencyMs ?? 0);
  });

  it('keeps a tool loop on the spoke that asked for the tool', async () => {
    const world = await openFarm();
    const tools = [{ name: 'clock' }];
    await ask(world, 'large', GREETING, { id: 'req_1', session: 'talk', request: { tools } });
    const messages = [
      ...callOf('auto', 'What time is it?').request.messages,
      {
        role: 'assistant' as const,
        content: [],
        toolCalls: [{ id: 'call_1', name: 'clock', arguments: '{}' }],
      },
      {
        role: 'tool' as const,
        toolCallId: 'call_1',
        content: [{ type: 'text' as const, text: '9:15' }],
      },
    ];
    const events = await ask(world, 'auto', '', {
      id: 'req_2',
      session: 'talk',
      request: { messages },
    });
    expect(theOnly(events, 'route-decided').decision).toMatchObject({
      spoke: 'large',
      stickiness: 'tool-loop',
    });
  });
});

describe('a tool loop without a session', () => {
  const CALL = 'call_8f2a61c09d3e';
  const tools = [
    { name: 'weather', parameters: { type: 'object', required: ['city'], properties: {} } },
  ];
  const toolCall = (args: string): ModelEvent[] => [
    { type: 'tool-call', index: 0, id: CALL, name: 'weather', arguments: args },
    ended({ finishReason: 'tool-calls' }),
  ];
  const loop = [
    ...callOf('auto', 'What is the weather in Oslo?').request.messages,
    {
      role: 'assistant' as const,
      content: [],
      toolCalls: [{ id: CALL, name: 'weather', arguments: '{"city":"Oslo"}' }],
    },
    { role: 'tool' as const, toolCallId: CALL, content: textPart('7 °C') },
  ];

  async function openCallers() {
    const spokes = ['large', 'larger'].map((id) => ({ id, model: 'vendor/big-70b', tools: true }));
    const [large, larger] = spokes;
    const config = {
      destinations: [VENDOR],
      spokes: [{ ...large, fallback: ['larger'] }, larger],
    };
    // The first one's call has no city, so the second one is asked and calls the tool.
    const models: Readonly<Record<string, Script>> = {
      large: (turn) => (turn === 0 ? toolCall('{}') : ['It is cold.']),
      larger: (turn) => (turn === 0 ? toolCall('{"city":"Oslo"}') : ['7 °C in Oslo.']),
    };
    const world = await openWorld({ config, models });
    const events = await ask(world, 'auto', 'What is the weather in Oslo?', {
      id: 'req_1',
      request: { tools },
    });
    expect(theOnly(events, 'route-decided').decision.spoke).toBe('large');
    expect(theOnly(events, 'tool-call-delta').id).toBe(CALL);
    return world;
  }

  it('goes back to the spoke that called, even where that was not the chosen one', async () => {
    const world = await openCallers();
    const events = await ask(world, 'auto', '', {
      id: 'req_2',
      request: { messages: loop, tools },
    });
    expect(theOnly(events, 'route-decided').decision).toMatchObject({
      spoke: 'larger',
      stickiness: 'tool-loop',
    });
  });

  it('is of one key alone', async () => {
    const world = await openCallers();
    const caller = { ...ANYONE, key: 'key_other' };
    const other = await ask(world, 'auto', '', {
      id: 'req_2',
      caller,
      request: { messages: loop, tools },
    });
    expect(theOnly(other, 'route-decided').decision.stickiness).toBeUndefined();
  });
});

describe('a decision without an answer', () => {
  it('is the one that the request would get', async () => {
    const world = await openFarm();
    const decision = await world.pipeline.decide(callOf('auto', GREETING), NEVER);
    const events = await ask(world, 'auto', GREETING);
    const { telling, ...decided } = decision;
    expect(telling?.length).toBeGreaterThan(0);
    expect(decided).toEqual(theOnly(events, 'route-decided').decision);
  });

  it('tells no word of a secret as one by which the task is known', async () => {
    const world = await openFarm();
    const decide = async (text: string) => {
      const { telling = [] } = await world.pipeline.decide(callOf('auto', text), NEVER);
      return telling.map((one) => one.word);
    };
    expect(await decide('greeting: Hello-World9')).toContain('Hello-World9');
    expect(await decide('password: Hello-World9')).not.toContain('Hello-World9');
  });

  it('calls no model, pins no session, reserves nothing and leaves no receipt', async () => {
    const world = await openFarm();
    const call = callOf('large', GREETING, {
      session: 'talk',
      caller: { ...ANYONE, budgetDaily: 1 },
    });
    expect((await world.pipeline.decide(call, NEVER)).spoke).toBe('large');
    expect(world.leases).toEqual([]);
    expect(world.reserved).toEqual([]);
    expect(await world.store.doGetReceipt(call.id)).toBeUndefined();
    const events = await ask(world, 'auto', GREETING, { id: 'req_2', session: 'talk' });
    expect(theOnly(events, 'route-decided').decision.spoke).toBe('small');
  });

  it('rejects with the error that the request would end with', async () => {
    const world = await openFarm();
    const decided = world.pipeline.decide(callOf('knowledge:nothing', GREETING), NEVER);
    await expect(decided).rejects.toMatchObject({ code: 'collection_not_found' });
  });
});
