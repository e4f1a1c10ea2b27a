import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { eventsOf, receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { ended, type Script } from './scripted-model.ts';
import { ask, openWorld, VENDOR } from './scripted-parts.ts';

const GREETING = 'Hello there, good morning!';

describe('several choices', () => {
  it('come one after the other from the spoke that answered, each with its end', async () => {
    const script: Script = (turn) => [`Answer ${turn}.`];
    const world = await openWorld({ models: { small: script } });
    const request = { choiceCount: 3, sampling: { seed: 7 } };
    const events = await ask(world, 'small', GREETING, { request });
    expect([0, 1, 2].map((choice) => shownText(events, choice))).toEqual([
      'Answer 0.',
      'Answer 1.',
      'Answer 2.',
    ]);
    expect(eventsOf(events, 'choice-ended').map((one) => one.choice)).toEqual([0, 1, 2]);
    expect(world.calls.map((call) => call.request.sampling.seed)).toEqual([7, 8, 9]);
    expect(world.leases.map((lease) => lease.releases)).toEqual([1, 1, 1]);
    expect(receiptOf(events).usage.completionTokens).toBe(60);
  });

  it('all come from the rung that answered, not from the one that was left', async () => {
    const world = await openWorld({
      models: { small: ["I'm sorry, but I cannot help with that."], large: ['Good morning.'] },
    });
    const events = await ask(world, 'auto', GREETING, { request: { choiceCount: 2 } });
    expect(world.calls.map((call) => call.spoke)).toEqual(['small', 'large', 'large']);
    expect(shownText(events, 1)).toBe('Good morning.');
  });
});

describe('log-probabilities', () => {
  const token = (text: string): ModelEvent => ({
    type: 'text',
    text,
    logprobs: [{ token: text, logprob: -0.05 }],
  });

  it.each(['small', 'auto'])('of %s cover the whole answer', async (model) => {
    const world = await openWorld({ models: { small: [token('Good '), token('morning.')] } });
    const events = await ask(world, model, GREETING, { request: { logprobs: 0 } });
    const told = eventsOf(events, 'text-delta').flatMap((one) => one.logprobs ?? []);
    expect(told.map((one) => one.token).join('')).toBe(shownText(events));
    expect(shownText(events)).toBe('Good morning.');
  });

  it('are not told to who did not ask', async () => {
    const world = await openWorld({ models: { small: [token('Hello.')] } });
    const events = await ask(world, 'small', GREETING);
    expect(eventsOf(events, 'text-delta').some((one) => one.logprobs !== undefined)).toBe(false);
  });
});

const WEATHER: Partial<ChatRequest> = {
  tools: [
    {
      name: 'weather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  ],
};

function toolCall(...pieces: readonly string[]): ModelEvent[] {
  return [
    ...pieces.map(
      (piece, place): ModelEvent => ({
        type: 'tool-call',
        index: 0,
        ...(place === 0 ? { id: 'call_1', name: 'weather' } : {}),
        arguments: piece,
      }),
    ),
    ended({ finishReason: 'tool-calls' }),
  ];
}

const QUESTION = 'What is the weather in Oslo?';

describe('tool calls', () => {
  it('are released whole after their check to who reads the answer whole', async () => {
    const world = await openWorld({ models: { large: toolCall('{"city":', '"Oslo"}') } });
    const events = await ask(world, 'large', QUESTION, { request: WEATHER, whole: true });
    expect(theOnly(events, 'tool-call-delta')).toEqual({
      type: 'tool-call-delta',
      choice: 0,
      index: 0,
      id: 'call_1',
      name: 'weather',
      arguments: '{"city":"Oslo"}',
    });
    expect(theOnly(events, 'choice-ended').finishReason).toBe('tool-calls');
    expect(world.calls[0]?.request.tools).toEqual(WEATHER.tools);
    expect(receiptOf(events).finishReason).toBe('tool-calls');
  });

  it('with wrong arguments are never shown to him', async () => {
    const world = await openWorld({ models: { large: toolCall('{"town":"Oslo"}') } });
    const events = await ask(world, 'large', QUESTION, { request: WEATHER, whole: true });
    expect(typesOf(events)).not.toContain('tool-call-delta');
    expect(theOnly(events, 'answer-ended').receipt.outcome).toBe('abstained');
  });

  it('wait for their check where another spoke could still answer', async () => {
    const config = {
      destinations: [VENDOR],
      spokes: [
        { id: 'large', model: 'vendor/big-70b', tools: true, fallback: ['larger'] },
        { id: 'larger', model: 'vendor/big-70b', tools: true },
      ],
    };
    const models = { large: toolCall('{"town":', '1}'), larger: toolCall('{"city":', '"Oslo"}') };
    const world = await openWorld({ config, models });
    const events = await ask(world, 'auto', QUESTION, { request: WEATHER });
    expect(theOnly(events, 'route-escalated').to).toBe('larger');
    expect(theOnly(events, 'tool-call-delta').arguments).toBe('{"city":"Oslo"}');
  });

  it('are not asked of a spoke that cannot call tools', async () => {
    const world = await openWorld({ models: { small: ['Sunny.'] } });
    const events = await ask(world, 'small', 'What is the weather?', { request: WEATHER });
    expect(theOnly(events, 'request-failed').code).toBe('invalid_request');
    expect(world.calls).toEqual([]);
  });
});

describe('an answer under a JSON Schema', () => {
  const request: Partial<ChatRequest> = {
    responseFormat: {
      type: 'json-schema',
      name: 'town',
      schema: {
        type: 'object',
        properties: { town: { type: 'string' } },
        required: ['town'],
        additionalProperties: false,
      },
    },
  };
  const right = '{"town":"Oslo"}';
  const text = 'Extract the town: We met in Oslo.';

  it('is released whole, even from a named spoke', async () => {
    const world = await openWorld({ models: { small: [...right] } });
    const events = await ask(world, 'small', text, { request });
    expect(theOnly(events, 'text-delta').text).toBe(right);
    expect(world.calls[0]?.request.jsonSchema).toMatchObject({ required: ['town'] });
  });

  it.each(['{"city":"Oslo"}', '{"town":"Os', 'Oslo'])('%s goes to the next rung', async (wrong) => {
    const world = await openWorld({ models: { small: [wrong], large: [right] } });
    const events = await ask(world, 'auto', text, { request });
    expect(theOnly(events, 'route-escalated').from).toBe('small');
    expect(theOnly(events, 'text-delta').text).toBe(right);
  });

  it('is declined, never shown, when the last rung breaks it too', async () => {
    const world = await openWorld({ models: { small: ['{}'], large: ['{}'] } });
    const events = await ask(world, 'auto', text, { request });
    expect(shownText(events)).toBe('');
    expect(receiptOf(events).outcome).toBe('abstained');
  });
});
