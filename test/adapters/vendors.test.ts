import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { relayBody } from '../../src/adapters/models/openai-relay.ts';
import { takesBody } from '../../src/adapters/models/takes-body.ts';
import { type JsonObject, textPart } from '../../src/core/chat.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { ModelRequest } from '../../src/core/ports.ts';
import { VENDOR_NAMES, VENDORS, type Vendor, type VendorName } from '../../src/core/vendors.ts';
import { parseJsonText } from '../../src/server/json-body.ts';
import { PERMIT, sendPieces, startVendor } from '../fixtures/vendor.ts';

const LIMITS = { jsonDepth: 64, messages: 1000 };
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const FULL: ModelRequest = {
  messages: [
    { role: 'system', content: textPart('be brief') },
    { role: 'user', content: textPart('hi') },
    { role: 'assistant', content: [{ type: 'thinking', text: 'Hm.' }, ...textPart('yes?')] },
    { role: 'user', content: textPart('go') },
  ],
  tools: [{ name: 'f' }],
  toolChoice: 'required',
  parallelToolCalls: false,
  jsonSchema: schema,
  sampling: { temperature: 0, topK: 3, seed: 1, presencePenalty: 1, frequencyPenalty: 1 },
  maxTokens: 5,
  logprobs: 2,
};
const STREAM = [
  `data: ${JSON.stringify({ choices: [{ delta: { content: 'ok' }, finish_reason: 'stop' }] })}\n\n`,
  'data: [DONE]\n\n',
];

/** What a server of the vendor gets for the request. */
async function sentTo(vendor: VendorName, change: object = {}, request = FULL) {
  const server = await startVendor((_request, response) => sendPieces(response, STREAM));
  const [destination] = parseConfig({
    destinations: [{ id: 'vendor', vendor, url: `${server.url}/base`, ...change }],
  }).destinations;
  if (destination === undefined) throw new Error('no destination');
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const model = createOpenAiModel({ destination, model: 'some/model', key: 'sk-1', egress });
  const { signal } = new AbortController();
  for await (const event of model.doChat(request, { signal, permit: PERMIT }))
    expect(event).toBeDefined();
  const [sent] = server.requests;
  return { ...sent, body: JSON.parse(sent?.body ?? '') as Record<string, unknown> };
}

const spoken = VENDOR_NAMES.filter((name) => VENDORS[name].kind === 'openai');

describe('a vendor of the table', () => {
  it.each(VENDOR_NAMES)('%s needs no more than its name, or says what is missing', (vendor) => {
    const row: Vendor = VENDORS[vendor];
    const parse = (more: object) =>
      parseConfig({ destinations: [{ id: 'one', vendor, keyEnv: 'KEY', ...more }] });
    const [destination] = parse(row.url === undefined ? { url: 'https://own.example' } : {})
      .destinations as [ReturnType<typeof parse>['destinations'][number]];
    expect(destination).toMatchObject({ kind: row.kind, url: row.url ?? 'https://own.example' });
    expect(destination.package).toBe(row.package);
    // A configuration that was parsed once is parsed again when flags are laid over it.
    expect(parseConfig({ destinations: [destination] }).destinations).toEqual([destination]);
    if (row.url === undefined) expect(() => parse({})).toThrow(/destinations\.0\.url/);
  });

  it.each(spoken)('%s gets none of the fields that it refuses', async (vendor) => {
    const row: Vendor = VENDORS[vendor];
    const { body } = await sentTo(vendor);
    for (const name of row.quirks?.refuses ?? []) expect(body).not.toHaveProperty(name);
    const limit = row.quirks?.limitField ?? 'max_tokens';
    expect(body[limit]).toBe(5);
  });

  it('may have its key in another header and its model in the path', async () => {
    const { path, headers } = await sentTo('azure-openai', { apiVersion: '2025-01-01-preview' });
    expect(path).toBe(
      '/base/openai/deployments/some%2Fmodel/chat/completions?api-version=2025-01-01-preview',
    );
    expect(headers).toMatchObject({ 'api-key': 'sk-1' });
    expect(headers).not.toHaveProperty('authorization');
  });

  it('may have other words for the same', async () => {
    const { body } = await sentTo('mistral');
    expect(body).toMatchObject({ random_seed: 1, tool_choice: 'any', parallel_tool_calls: false });
    expect(body).not.toHaveProperty('seed');
    expect(body).not.toHaveProperty('stream_options');
    expect(JSON.stringify(body)).not.toContain('Hm.');
  });

  it('may bind closed schemas strictly, or not know schemas at all', async () => {
    const strict = await sentTo('openai');
    expect(strict.body['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema, strict: true },
    });
    expect(strict.body['messages']).toMatchObject([
      { role: 'developer', content: 'be brief' },
      {},
      {},
      {},
    ]);
    const told = await sentTo('deepseek');
    expect(told.body['response_format']).toEqual({ type: 'json_object' });
    expect(told.body['messages']).toMatchObject([
      { role: 'system', content: expect.stringContaining(JSON.stringify(schema)) },
      { role: 'system', content: 'be brief' },
      {},
      { role: 'assistant', content: 'yes?', reasoning_content: 'Hm.' },
      {},
    ]);
  });

  it('sends an open schema as it is where only closed ones are bound strictly', async () => {
    const open = { type: 'object', properties: { city: { type: 'string' } } };
    const { body } = await sentTo('openai', {}, { ...FULL, jsonSchema: open });
    expect(body['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: open },
    });
  });

  it('gives way to quirks of the destination', async () => {
    const { body } = await sentTo('groq', { quirks: { limitField: 'max_tokens', refuses: [] } });
    expect(body).toMatchObject({ max_tokens: 5, top_logprobs: 2 });
  });
});

describe('relayed bodies', () => {
  const takes = (quirks: object, fields: JsonObject = {}) => {
    const [destination] = parseConfig({
      destinations: [{ id: 'vendor', kind: 'openai', url: 'http://127.0.0.1:1/v1', quirks }],
    }).destinations;
    if (destination === undefined) throw new Error('no destination');
    const messages = [{ role: 'system', content: 'brief' }];
    return takesBody(destination.quirks, { model: 'm', messages, ...fields });
  };
  const said = (message: JsonObject) => ({ messages: [message] });

  it.each<[object, JsonObject]>([
    [{ refuses: ['seed'] }, { seed: 1 }],
    [{ seedField: 'random_seed' }, { seed: 1 }],
    [{ requiredChoice: 'any' }, { tool_choice: 'required' }],
    [{ systemRole: 'developer' }, {}],
    [{ systemRole: 'system' }, said({ role: 'developer', content: 'brief' })],
    [{ schemas: 'prompt' }, { response_format: { type: 'json_object' } }],
    [{ thoughtField: 'none' }, said({ role: 'assistant', reasoning_content: 'hm' })],
  ])('are not for a server with %j where they hold %j', (quirks, fields) => {
    expect(takes(quirks, fields)).toBe(false);
  });

  it.each<[object, JsonObject]>([
    [{ limitField: 'max_completion_tokens' }, {}],
    [{ refuses: ['stream_options'] }, { stream: true, stream_options: { include_usage: true } }],
    [{ refuses: ['seed'], seedField: 'random_seed', systemRole: 'system' }, { temperature: 0 }],
    [{ requiredChoice: 'any', schemas: 'prompt' }, { tool_choice: 'auto' }],
    [{ thoughtField: 'none' }, said({ role: 'assistant', content: 'hm' })],
  ])('are for a server with %j where they hold %j', (quirks, fields) => {
    expect(takes(quirks, fields)).toBe(true);
  });

  it('ask for usage only where that is not refused', () => {
    const fields = { model: 'm', messages: [], stream: true };
    const { bytes, members } = parseJsonText(Buffer.from(JSON.stringify(fields)), LIMITS);
    const sink = { piece: () => undefined, whole: () => undefined };
    const relay = { dialect: 'openai' as const, stream: true, body: bytes, members, fields, sink };
    const body = (refuses: string[]) =>
      JSON.parse(
        relayBody('m', { relay, maxTokens: 5, promptTokens: 1 }, 'max_tokens', {
          refuses,
        }).toString(),
      );
    expect(body([]).stream_options).toEqual({ include_usage: true });
    expect(body(['stream_options'])).toEqual({ ...fields, max_tokens: 5 });
  });
});

describe('a destination', () => {
  it.each([
    [{ url: 'http://127.0.0.1:1' }, 'kind'],
    [{ kind: 'openai' }, 'url'],
    [{ kind: 'ai-sdk', url: 'http://127.0.0.1:1' }, 'package'],
    [{ vendor: 'grok' }, 'vendor'],
  ])('%j lacks %s', (fields, param) => {
    const parse = () => parseConfig({ destinations: [{ id: 'one', ...fields }] });
    expect(parse).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(parse).toThrow(expect.objectContaining({ param: `destinations.0.${param}` }));
  });
});
