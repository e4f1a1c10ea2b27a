import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { eventsOf, receiptOf, theOnly, typesOf } from './readings.ts';
import { ended } from './scripted-model.ts';
import { ask, openWorld } from './scripted-parts.ts';

const REASON = 'I cannot help with that person.';
const SAID: readonly ModelEvent[] = [
  { type: 'refusal', text: 'I cannot help ' },
  { type: 'refusal', text: 'with that person.' },
];
const SCHEMA: Partial<ChatRequest> = {
  responseFormat: { type: 'json-schema', name: 'town', schema: { type: 'object' } },
};

describe('a model that says apart from its text that it does not answer', () => {
  it.each([
    ['under a schema, with another spoke at hand', 'auto', SCHEMA],
    ['asked for by its name', 'small', {}],
  ])('is shown as such and not routed around: %s', async (_, model, request) => {
    const world = await openWorld({ models: { small: SAID, large: ['{}'] } });
    const events = await ask(world, model, 'Where does she live?', { request });
    const shown = eventsOf(events, 'text-delta');
    expect(shown.map((one) => one.text).join('')).toBe(REASON);
    expect(shown.every((one) => one.refusal)).toBe(true);
    expect(typesOf(events)).not.toContain('route-escalated');
    expect(world.calls.map((call) => call.spoke)).toEqual(['small']);
    const receipt = receiptOf(events);
    expect(receipt.outcome).toBe('answered');
    expect(receipt.checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['refusal', false],
    ]);
  });
});

it('a call of a tool is no answer that the schema binds; its unknown fields are kept', async () => {
  const extra = { extra_content: { seal: 'abc' } };
  const call: ModelEvent = {
    type: 'tool-call',
    index: 0,
    id: 'c',
    name: 'f',
    arguments: '{}',
    extra,
  };
  const world = await openWorld({
    models: { large: [call, ended({ finishReason: 'tool-calls' })] },
  });
  const request = { ...SCHEMA, tools: [{ name: 'f' }] };
  const events = await ask(world, 'large', 'Where?', { request });
  expect(theOnly(events, 'tool-call-delta')).toMatchObject({ id: 'c', extra });
});
