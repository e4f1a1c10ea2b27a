import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createAnthropicModel } from '../../src/adapters/models/anthropic-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendAnswer, sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};

async function ask(vendor: Vendor, request = REQUEST, base = '/v1'): Promise<ModelEvent[]> {
  const destination = vendor.destination({ kind: 'anthropic', url: vendor.url + base });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const model = createAnthropicModel({ destination, model: 'm', key: 'sk-a', egress });
  const signal = new AbortController().signal;
  const events: ModelEvent[] = [];
  for await (const event of model.doChat(request, { signal, permit: PERMIT })) events.push(event);
  return events;
}

const event = (fields: { type: string; [key: string]: unknown }) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const begin = event({
  type: 'message_start',
  message: { usage: { input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 1 } },
});
const text = (words: string) =>
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } });
const stop = (reason: string) =>
  event({ type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 4 } }) +
  event({ type: 'message_stop' });
const json = (index: number, partial: string) =>
  event({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json: partial },
  });
const tool = (index: number, name: string) =>
  event({
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
  });
const streaming = (...pieces: string[]) =>
  startVendor((_request, response) => sendPieces(response, pieces));

describe('the Messages dialect', () => {
  it.each([
    [{}, { fiveMinutes: 7, hour: 0 }],
    [
      { cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 } },
      { fiveMinutes: 3, hour: 4 },
    ],
  ])('tells what was read from the cache and written into it %o', async (split, cacheWrites) => {
    const counts = { input_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 7 };
    const usage = { ...counts, ...split, output_tokens: 1 };
    const vendor = await streaming(
      event({ type: 'message_start', message: { usage } }),
      text('Hello'),
      stop('end_turn'),
    );
    expect((await ask(vendor)).at(-1)).toMatchObject({
      usage: { promptTokens: 15, cachedTokens: 3, cacheWrites, completionTokens: 4 },
    });
  });

  it('streams text, usage and the end', async () => {
    const vendor = await streaming(
      begin,
      event({ type: 'ping' }),
      text('Hel'),
      text('lo'),
      stop('max_tokens'),
    );
    const events = await ask(vendor);
    expect(events.slice(0, 2)).toEqual([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      finishReason: 'length',
      usage: { promptTokens: 8, cachedTokens: 3, completionTokens: 4 },
    });
    expect(vendor.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-a', 'anthropic-version': '2023-06-01' },
    });
  });

  it('finds the path below a bare address', async () => {
    const vendor = await streaming(begin, text('a'), stop('end_turn'));
    await ask(vendor, REQUEST, '');
    expect(vendor.requests[0]?.path).toBe('/v1/messages');
  });

  it('streams tool calls, numbered among themselves', async () => {
    const vendor = await streaming(
      begin,
      text('calling'),
      tool(1, 'f'),
      json(1, '{"a"'),
      json(1, ':1}'),
      tool(2, 'g'),
      stop('tool_use'),
    );
    const events = await ask(vendor, { ...REQUEST, tools: [{ name: 'f' }, { name: 'g' }] });
    expect(events.slice(1, -1)).toEqual([
      { type: 'tool-call', index: 0, id: 'toolu_1', name: 'f', arguments: '' },
      { type: 'tool-call', index: 0, arguments: '{"a"' },
      { type: 'tool-call', index: 0, arguments: ':1}' },
      { type: 'tool-call', index: 1, id: 'toolu_2', name: 'g', arguments: '' },
    ]);
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });

  it('binds an answer to a schema by a tool whose arguments are the text', async () => {
    const vendor = await streaming(begin, tool(0, 'answer'), json(0, '{"x":1}'), stop('tool_use'));
    const events = await ask(vendor, { ...REQUEST, jsonSchema: { type: 'object', title: 'T' } });
    expect(events[0]).toEqual({ type: 'text', text: '{"x":1}' });
    expect(events.at(-1)).toMatchObject({ finishReason: 'stop' });
    expect(JSON.parse(vendor.requests[0]?.body ?? '')).toMatchObject({
      tools: [{ name: 'answer', input_schema: { type: 'object', title: 'T' } }],
      tool_choice: { type: 'tool', name: 'answer' },
    });
  });

  it('is asked in the words of the dialect', async () => {
    const vendor = await streaming(begin, stop('end_turn'));
    await ask(vendor, {
      messages: [
        { role: 'system', content: textPart('one') },
        { role: 'system', content: textPart('two') },
        { role: 'user', content: [{ type: 'image', url: 'data:image/png;base64,AA==' }] },
        {
          role: 'assistant',
          content: textPart(''),
          toolCalls: [
            { id: 'a', name: 'f', arguments: '{"x":1}' },
            { id: 'b', name: 'f', arguments: 'broken' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: textPart('1') },
        { role: 'tool', toolCallId: 'b', content: textPart('2') },
        { role: 'user', content: textPart('go on') },
      ],
      tools: [{ name: 'f', description: 'd' }],
      toolChoice: 'required',
      sampling: { temperature: 1.5, topK: 4, seed: 1 },
      maxTokens: 4,
      stop: ['END'],
    });
    expect(JSON.parse(vendor.requests[0]?.body ?? '')).toEqual({
      model: 'm',
      max_tokens: 4,
      stream: true,
      system: 'one\n\ntwo',
      temperature: 1,
      top_k: 4,
      stop_sequences: ['END'],
      tools: [{ name: 'f', description: 'd', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'f', input: { arguments: 'broken' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: '1' }] },
            { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: '2' }] },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
    });
  });

  it('refuses sound and images from elsewhere before it sends', async () => {
    const vendor = await streaming();
    for (const part of [
      { type: 'audio', data: 'AA==', format: 'wav' },
      { type: 'image', url: 'https://example.org/a.png' },
    ] as const) {
      const asked = ask(vendor, { ...REQUEST, messages: [{ role: 'user', content: [part] }] });
      await expect(asked).rejects.toMatchObject({ code: 'unsupported_part' });
    }
    expect(vendor.requests).toEqual([]);
  });

  it.each<[string, string[]]>([
    ['cuts the answer', [begin, text('half')]],
    [
      'reports an error',
      [begin, event({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } })],
    ],
    ['breaks the JSON', [begin, 'data: {"type":\n\n']],
  ])('fails when the server %s', async (_what, pieces) => {
    await expect(ask(await streaming(...pieces))).rejects.toMatchObject({
      code: expect.stringMatching(/^upstream_/),
    });
  });

  it.each([
    [400, 'prompt is too long: 300000 tokens', 'context_length_exceeded'],
    [401, 'invalid x-api-key', 'config_invalid'],
    [429, 'slow down', 'upstream_overloaded'],
    [529, 'Overloaded', 'upstream_overloaded'],
  ])('reads %i “%s” as %s', async (status, message, code) => {
    const body = JSON.stringify({ type: 'error', error: { type: 'x', message } });
    const vendor = await startVendor((_request, response) => sendAnswer(response, status, body));
    await expect(ask(vendor)).rejects.toMatchObject({ code });
  });

  it('fails on a page instead of a stream', async () => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 200, '<html>', { 'content-type': 'text/html' }),
    );
    await expect(ask(vendor)).rejects.toMatchObject({ code: 'upstream_failed' });
  });
});
