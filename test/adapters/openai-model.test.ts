import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { DestinationConfig } from '../../src/core/config.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendAnswer, sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};
const KEY = 'sk-very-secret';

function modelOf(vendor: Vendor, change: Partial<DestinationConfig> = {}) {
  const destination = vendor.destination(change);
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  return createOpenAiModel({ destination, model: 'm', key: KEY, egress });
}

async function ask(
  vendor: Vendor,
  request = REQUEST,
  change: Partial<DestinationConfig> = {},
): Promise<ModelEvent[]> {
  const signal = new AbortController().signal;
  const events: ModelEvent[] = [];
  const answer = modelOf(vendor, change).doChat(request, { signal, permit: PERMIT });
  for await (const event of answer) events.push(event);
  return events;
}

const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
const usage = {
  prompt_tokens: 7,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 4 },
};
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hé' }),
  chunk({ content: 'llo' }),
  chunk({}, 'stop'),
  `data: ${JSON.stringify({ choices: [], usage })}\n\n`,
  'data: [DONE]\n\n',
];
const streaming = (pieces: readonly (string | Uint8Array)[], end?: 'end' | 'cut' | 'hang') =>
  startVendor((_request, response) => sendPieces(response, pieces, end));
const textOf = (events: readonly ModelEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

describe('an answer', () => {
  it('is streamed with usage and one end', async () => {
    const vendor = await streaming(STREAM);
    const events = await ask(vendor);
    expect(textOf(events)).toBe('Héllo');
    expect(events.filter((event) => event.type === 'ended')).toEqual([events.at(-1)]);
    expect(events.at(-1)).toMatchObject({
      finishReason: 'stop',
      usage: { promptTokens: 7, cachedTokens: 4, completionTokens: 2 },
    });
    expect(vendor.requests[0]?.path).toBe('/v1/chat/completions');
    expect(vendor.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it('may arrive byte by byte, without usage, [DONE] or a last line end', async () => {
    const bytes = Buffer.from(STREAM.slice(0, 4).join('').trimEnd());
    const events = await ask(await streaming(Array.from(bytes, (byte) => Uint8Array.of(byte))));
    expect(textOf(events)).toBe('Héllo');
    expect(events.at(-1)).toMatchObject({ usage: { promptTokens: 1, completionTokens: 2 } });
  });

  it('counts as whole when the connection breaks after the finish reason', async () => {
    const events = await ask(await streaming(STREAM.slice(0, 4), 'cut'));
    expect(events.at(-1)).toMatchObject({ type: 'ended', finishReason: 'stop' });
  });

  it('does not wait for a connection that stays open after [DONE]', async () => {
    const events = await ask(await streaming(STREAM, 'hang'));
    expect(events.at(-1)).toMatchObject({ type: 'ended' });
  });

  it('may come at once from a server that does not stream', async () => {
    const message = {
      content: 'whole',
      tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }],
    };
    const body = { choices: [{ message, finish_reason: 'tool_calls' }], usage };
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 200, JSON.stringify(body)),
    );
    const events = await ask(vendor);
    expect(events.map((event) => event.type)).toEqual(['text', 'tool-call', 'ended']);
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });

  it('carries tool calls and log-probabilities', async () => {
    const call = (id: string | undefined, index: number | undefined, name: string, args: string) =>
      chunk({ tool_calls: [{ index, id, function: { name, arguments: args } }] });
    const logprobs = {
      content: [{ token: 'a', logprob: -0.1, top_logprobs: [{ token: 'b', logprob: -2 }] }],
    };
    const vendor = await streaming([
      `data: ${JSON.stringify({ choices: [{ delta: { content: 'a' }, logprobs }] })}\n\n`,
      call('c1', 0, 'f', '{"a"'),
      call(undefined, 0, '', ':1}'),
      call('c2', undefined, 'g', '{}'),
      chunk({}, 'tool_calls'),
    ]);
    const events = await ask(vendor, { ...REQUEST, logprobs: 1 });
    expect(events.slice(0, -1)).toEqual([
      {
        type: 'text',
        text: 'a',
        logprobs: [{ token: 'a', logprob: -0.1, top: [{ token: 'b', logprob: -2 }] }],
      },
      { type: 'tool-call', index: 0, id: 'c1', name: 'f', arguments: '{"a"' },
      { type: 'tool-call', index: 0, arguments: ':1}' },
      { type: 'tool-call', index: 1, id: 'c2', name: 'g', arguments: '{}' },
    ]);
  });

  it('is asked for in the words of the dialect', async () => {
    const vendor = await streaming(STREAM);
    await ask(vendor, {
      messages: [
        { role: 'system', content: textPart('be brief') },
        { role: 'user', content: [{ type: 'image', url: 'data:image/png;base64,AA==' }] },
        { role: 'assistant', content: [], toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'c', content: textPart('done') },
      ],
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: { name: 'f' },
      jsonSchema: { type: 'object' },
      sampling: { temperature: 0, topP: 0.5, seed: 1 },
      maxTokens: 4,
      stop: ['END'],
      logprobs: 2,
      extra: { user: 'u', model: 'stolen', stream: false },
    });
    expect(JSON.parse(vendor.requests[0]?.body ?? '')).toEqual({
      user: 'u',
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 4,
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'done' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' } },
      },
      temperature: 0,
      top_p: 0.5,
      seed: 1,
      stop: ['END'],
      logprobs: true,
      top_logprobs: 2,
    });
  });

  it('learns which name the limit of tokens has', async () => {
    const vendor = await startVendor((request, response) => {
      if (request.body.includes('max_completion_tokens')) return sendPieces(response, STREAM);
      const message = "Unsupported parameter: use 'max_completion_tokens' instead.";
      return sendAnswer(response, 400, JSON.stringify({ error: { message } }));
    });
    const model = modelOf(vendor);
    const signal = new AbortController().signal;
    for (let round = 0; round < 2; round += 1)
      for await (const event of model.doChat(REQUEST, { signal, permit: PERMIT }))
        expect(event).toBeDefined();
    expect(vendor.requests).toHaveLength(3);
  });
});

describe('a server that misbehaves', () => {
  it.each<[string, readonly string[], 'end' | 'cut', RegExp]>([
    ['cuts the stream', STREAM.slice(0, 3), 'cut', /connection to vendor failed/],
    ['ends without a finish reason', STREAM.slice(0, 3), 'end', /cut the answer short/],
    ['sends nothing', [], 'end', /cut the answer short/],
    ['breaks the JSON', ['data: {"choices":[{"del\n\n'], 'end', /not a JSON object/],
    ['sends a number', ['data: 5\n\n'], 'end', /not a JSON object/],
    [
      'reports an error within',
      [STREAM[1] ?? '', 'data: {"error":{"message":"overloaded"}}\n\n'],
      'end',
      /broke off.*overloaded/,
    ],
    ['sends a line without end', ['data: '.padEnd(11 * 1024 * 1024, 'x')], 'end', /a line longer/],
    ['says that it is done, and nothing else', ['data: [DONE]\n\n'], 'end', /cut the answer short/],
    [
      'ends with empty choices',
      [...STREAM.slice(0, 3), 'data: {"choices":[]}\n\n', 'data: [DONE]\n\n'],
      'end',
      /cut the answer short/,
    ],
  ])('%s', async (_what, pieces, end, message) => {
    const answered = ask(await streaming(pieces, end));
    await expect(answered).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.stringMatching(message),
    });
  });

  it.each<[number, string, string, string]>([
    [200, 'text/html', '<html>login</html>', 'upstream_failed'],
    [200, 'application/json', '{"error":"busy"}', 'upstream_failed'],
    [200, 'application/json', '{"choices":[]}', 'upstream_failed'],
    [302, 'text/html', '', 'upstream_failed'],
    [400, 'application/json', '{"error":{"message":"bad tool"}}', 'invalid_request'],
    [
      400,
      'application/json',
      '{"error":{"message":"x","code":"context_length_exceeded"}}',
      'context_length_exceeded',
    ],
    [
      400,
      'application/json',
      '{"error":"maximum context length is 8192 tokens"}',
      'context_length_exceeded',
    ],
    [401, 'application/json', `{"error":{"message":"bad key ${KEY}"}}`, 'config_invalid'],
    [404, 'text/plain', 'no such model', 'config_invalid'],
    [408, 'text/plain', '', 'upstream_timeout'],
    [429, 'application/json', '{}', 'upstream_overloaded'],

    [500, 'text/html', '<h1>oops</h1>', 'upstream_failed'],
    [504, 'text/plain', '', 'upstream_timeout'],
  ])('answers %i %s %s: %s', async (status, type, body, code) => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, status, body, { 'content-type': type }),
    );
    await expect(ask(vendor)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining(KEY),
    });
  });

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '999999' }, 3600],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1.5],
  ])('says when to come back: %j', async (headers, retryAfter) => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, 429, '{}', headers),
    );
    await expect(ask(vendor)).rejects.toMatchObject({ retryable: true, retryAfter });
  });

  it('is too slow', async () => {
    const vendor = await streaming(STREAM.slice(0, 2), 'hang');
    const answered = ask(vendor, REQUEST, { betweenBytesSeconds: 0.05 });
    await expect(answered).rejects.toMatchObject({ code: 'upstream_timeout' });
    await vendor.requests[0]?.gone;
  });

  it('is told to stop', async () => {
    const vendor = await streaming(STREAM.slice(0, 2), 'hang');
    const controller = new AbortController();
    const answer = modelOf(vendor).doChat(REQUEST, { signal: controller.signal, permit: PERMIT });
    const read = async () => {
      for await (const event of answer) if (event.type === 'text') controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
    await vendor.requests[0]?.gone;
  });

  it('gets nothing without a permit', async () => {
    const vendor = await streaming(STREAM);
    const answer = modelOf(vendor).doChat(REQUEST, { signal: new AbortController().signal });
    await expect(answer[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'egress_refused',
    });
    expect(vendor.requests).toEqual([]);
  });
});
