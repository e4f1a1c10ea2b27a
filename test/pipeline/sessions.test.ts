import { describe, expect, it } from 'vitest';
import { theOnly } from './readings.ts';
import { ANYONE, ask, callOf, openWorld } from './scripted-parts.ts';

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

describe('a decision without an answer', () => {
  it('is the one that the request would get', async () => {
    const world = await openFarm();
    const decision = await world.pipeline.decide(callOf('auto', GREETING), NEVER);
    const events = await ask(world, 'auto', GREETING);
    expect(decision).toEqual(theOnly(events, 'route-decided').decision);
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
