import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createAiSdkModel } from '../../src/adapters/models/ai-sdk-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import type { VendorName } from '../../src/core/vendors.ts';
import { PERMIT, sendAnswer, sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';

const KEY = 'sk-very-secret';
const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};

function modelOf(vendor: Vendor, name: VendorName, path: string) {
  const destination = vendor.destination({ vendor: name, kind: 'ai-sdk', url: vendor.url + path });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  return createAiSdkModel({ destination, model: 'some-model', key: KEY, egress });
}

async function ask(model: ReturnType<typeof modelOf>, request = REQUEST): Promise<ModelEvent[]> {
  const { signal } = new AbortController();
  const events: ModelEvent[] = [];
  for await (const event of model.doChat(request, { signal, permit: PERMIT })) events.push(event);
  return events;
}

const line = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const bodyOf = (vendor: Vendor) => JSON.parse(vendor.requests[0]?.body ?? '{}');

describe('Mistral’s own dialect', () => {
  const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
    line({
      id: 'm1',
      created: 1,
      model: 'some-model',
      choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: finish }],
      ...more,
    });
  const STREAM = [
    chunk({ content: '' }),
    chunk({ content: 'Hé' }),
    chunk({ content: 'llo' }),
    chunk({ content: '' }, 'stop', {
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    }),
    'data: [DONE]\n\n',
  ];
  const mistral = (vendor: Vendor) => modelOf(vendor, 'mistral-native', '/v1');
  const streaming = (pieces: readonly string[], end?: 'end' | 'cut' | 'hang') =>
    startVendor((_request, response) => sendPieces(response, pieces, end));

  it('is streamed with usage and one end, under the permit', async () => {
    const vendor = await streaming(STREAM);
    const events = await ask(mistral(vendor));
    expect(events.slice(0, -1)).toEqual([
      { type: 'text', text: 'Hé' },
      { type: 'text', text: 'llo' },
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      finishReason: 'stop',
      usage: { promptTokens: 7, cachedTokens: 0, completionTokens: 2 },
    });
    expect(vendor.requests[0]?.path).toBe('/v1/chat/completions');
    expect(vendor.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it('is asked for with tools, a schema and the house’s words', async () => {
    const vendor = await streaming(STREAM);
    await ask(mistral(vendor), {
      messages: [
        { role: 'system', content: textPart('be brief') },
        { role: 'user', content: textPart('two calls') },
        {
          role: 'assistant',
          content: [],
          toolCalls: [
            { id: 'aaaaaaaaa', name: 'f', arguments: '{"x":1}' },
            { id: 'bbbbbbbbb', name: 'g', arguments: '{}' },
          ],
        },
        { role: 'tool', toolCallId: 'aaaaaaaaa', content: textPart('one') },
        { role: 'tool', toolCallId: 'bbbbbbbbb', content: textPart('two') },
      ],
      tools: [{ name: 'f', description: 'does f', parameters: { type: 'object' } }],
      toolChoice: 'required',
      parallelToolCalls: false,
      sampling: { temperature: 0.1, topP: 0.5, seed: 4 },
      maxTokens: 5,
      stop: ['END'],
    });
    expect(bodyOf(vendor)).toMatchObject({
      model: 'some-model',
      stream: true,
      max_tokens: 5,
      temperature: 0.1,
      top_p: 0.5,
      random_seed: 4,
      stop: ['END'],
      parallel_tool_calls: false,
      tool_choice: 'any',
      tools: [{ type: 'function', function: { name: 'f', description: 'does f' } }],
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: [{ type: 'text', text: 'two calls' }] },
        {
          role: 'assistant',
          tool_calls: [
            { id: 'aaaaaaaaa', function: { name: 'f', arguments: '{"x":1}' } },
            { id: 'bbbbbbbbb', function: { name: 'g', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'aaaaaaaaa', name: 'f', content: 'one' },
        { role: 'tool', tool_call_id: 'bbbbbbbbb', name: 'g', content: 'two' },
      ],
    });
  });

  it('binds the answer to a schema', async () => {
    const vendor = await streaming(STREAM);
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    await ask(mistral(vendor), { ...REQUEST, jsonSchema: schema });
    expect(bodyOf(vendor).response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'answer', schema },
    });
  });

  it('carries parallel tool calls', async () => {
    const calls = ['a', 'b'].map((name, index) => ({
      id: name.repeat(9),
      index,
      function: { name, arguments: `{"n":${index}}` },
    }));
    const vendor = await streaming([
      chunk({ tool_calls: calls }, 'tool_calls', {
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      }),
      'data: [DONE]\n\n',
    ]);
    const events = await ask(mistral(vendor));
    const read = new Map<number, { id?: string; name?: string; arguments: string }>();
    for (const event of events) {
      if (event.type !== 'tool-call') continue;
      const { type: _type, index, ...call } = event;
      const known = read.get(index);
      read.set(index, { ...call, ...known, arguments: (known?.arguments ?? '') + call.arguments });
    }
    expect([...read.values()]).toEqual([
      { id: 'aaaaaaaaa', name: 'a', arguments: '{"n":0}' },
      { id: 'bbbbbbbbb', name: 'b', arguments: '{"n":1}' },
    ]);
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });

  it.each<[string, readonly string[], 'end' | 'cut']>([
    ['cut by the connection', STREAM.slice(0, 3), 'cut'],
    ['without an end', STREAM.slice(0, 3), 'end'],
    ['with broken JSON', [STREAM[1] ?? '', 'data: {"choi\n\n', ...STREAM.slice(2)], 'end'],
    ['that is empty', [], 'end'],
  ])('a stream %s is a failure', async (_what, pieces, end) => {
    const vendor = await streaming(pieces, end);
    await expect(ask(mistral(vendor))).rejects.toMatchObject({ code: 'upstream_failed' });
  });

  it.each([
    [401, 'config_invalid'],
    [400, 'invalid_request'],
    [500, 'upstream_failed'],
    [429, 'upstream_overloaded'],
  ])('status %i is %s, asked once, without the key in its words', async (status, code) => {
    const vendor = await startVendor((_request, response) =>
      sendAnswer(response, status, `{"message":"no ${KEY}"}`, { 'retry-after': '7' }),
    );
    const error = await ask(mistral(vendor)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toContain(KEY);
    expect(vendor.requests).toHaveLength(1);
  });

  it('gets nothing without a permit', async () => {
    const vendor = await streaming(STREAM);
    const { signal } = new AbortController();
    const answer = mistral(vendor).doChat(REQUEST, { signal })[Symbol.asyncIterator]();
    await expect(answer.next()).rejects.toMatchObject({ code: 'egress_refused' });
    expect(vendor.requests).toEqual([]);
  });

  it('is told to stop', async () => {
    const vendor = await streaming(STREAM.slice(0, 2), 'hang');
    const controller = new AbortController();
    const { signal } = controller;
    const read = async () => {
      for await (const event of mistral(vendor).doChat(REQUEST, { signal, permit: PERMIT }))
        if (event.type === 'text') controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
    await vendor.requests[0]?.gone;
  });
});

describe('Gemini’s dialect', () => {
  const usageMetadata = {
    promptTokenCount: 5,
    candidatesTokenCount: 2,
    totalTokenCount: 8,
    cachedContentTokenCount: 2,
    thoughtsTokenCount: 1,
  };
  const content = (parts: readonly object[], more: object = {}) =>
    line({ candidates: [{ content: { role: 'model', parts }, ...more }], usageMetadata });
  const gemini = (vendor: Vendor) => modelOf(vendor, 'gemini', '/v1beta');

  it('gives thought with its proof, text and tool calls', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [
        content([{ text: 'Hm.', thought: true, thoughtSignature: 'proof' }]),
        content([{ text: 'Hello' }]),
        content([{ functionCall: { name: 'f', args: { x: 1 } } }], { finishReason: 'STOP' }),
      ]),
    );
    const events = await ask(gemini(vendor), { ...REQUEST, tools: [{ name: 'f' }] });
    expect(events.filter((event) => event.type === 'thinking')).toEqual([
      { type: 'thinking', text: 'Hm.' },
      { type: 'thinking', text: '', signature: 'proof' },
    ]);
    expect(events.find((event) => event.type === 'text')).toEqual({ type: 'text', text: 'Hello' });
    expect(events.find((event) => event.type === 'tool-call')).toMatchObject({ name: 'f' });
    expect(events.at(-1)).toMatchObject({
      finishReason: 'tool-calls',
      usage: { promptTokens: 5, cachedTokens: 2, completionTokens: 3, reasoningTokens: 1 },
    });
    expect(vendor.requests[0]?.path).toBe(
      '/v1beta/models/some-model:streamGenerateContent?alt=sse',
    );
    expect(vendor.requests[0]?.headers['x-goog-api-key']).toBe(KEY);
  });

  it('gets images, and results of tools in one turn', async () => {
    const vendor = await startVendor((_request, response) =>
      sendPieces(response, [content([{ text: 'ok' }], { finishReason: 'STOP' })]),
    );
    await ask(gemini(vendor), {
      ...REQUEST,
      extra: { reasoning_effort: 'low', user: 'u' },
      messages: [
        { role: 'user', content: [{ type: 'image', url: 'data:image/png;base64,AA==' }] },
        {
          role: 'assistant',
          content: [{ type: 'thinking', text: 'Hm.', signature: 'proof' }],
          toolCalls: [
            { id: 'a', name: 'f', arguments: '{"x":1}' },
            { id: 'b', name: 'g', arguments: '' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: textPart('one') },
        { role: 'tool', toolCallId: 'b', content: textPart('two') },
      ],
    });
    expect(bodyOf(vendor)).not.toHaveProperty('user');
    expect(bodyOf(vendor).generationConfig.thinkingConfig).toBeDefined();
    expect(bodyOf(vendor).contents).toMatchObject([
      { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] },
      {
        role: 'model',
        parts: [
          { text: 'Hm.', thought: true, thoughtSignature: 'proof' },
          { functionCall: { name: 'f', args: { x: 1 } } },
          { functionCall: { name: 'g' } },
        ],
      },
      {
        role: 'user',
        parts: [{ functionResponse: { name: 'f' } }, { functionResponse: { name: 'g' } }],
      },
    ]);
  });
});

describe('a package that is not installed', () => {
  it.each<[VendorName, string]>([
    ['cohere', '@ai-sdk/cohere'],
    ['bedrock', '@ai-sdk/amazon-bedrock'],
  ])('%s is named with the line that installs it', async (name, packageName) => {
    const vendor = await startVendor((_request, response) => sendAnswer(response, 200, '{}'));
    const error = await ask(modelOf(vendor, name, '/v2')).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`npm install --no-save ${packageName}@`),
      param: 'destinations.vendor.package',
    });
  });
});
