import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { startCrossFarm } from './farms.ts';

const PNG = 'iVBORw0KGgoAAA==';
const CACHED = { cache_control: { type: 'ephemeral' } };
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };

async function post(url: string, path: string, body: JsonObject, headers: object = {}) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** A conversation with everything in it that the dialect has, as its clients send it. */
const CONVERSATION = {
  max_tokens: 64,
  system: [{ type: 'text', text: 'Be brief.', ...CACHED }],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See this.' },
        { ...image, ...CACHED },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
        { type: 'redacted_thinking', data: 'sealed' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' }, ...CACHED },
        { type: 'tool_use', id: 'toolu_2', name: 'weather', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [{ type: 'text', text: '7 °C' }, image],
          ...CACHED,
        },
        {
          type: 'tool_result',
          tool_use_id: 'toolu_2',
          is_error: true,
          content: [{ type: 'text', text: 'no such city' }],
        },
        { type: 'text', text: 'Go on.', ...CACHED },
      ],
    },
  ],
  tools: [
    {
      name: 'weather',
      description: 'Weather of a city.',
      input_schema: { type: 'object' },
      strict: true,
      ...CACHED,
    },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 1024 },
  stop_sequences: ['END'],
  temperature: 1,
  top_p: 0.9,
  top_k: 5,
  metadata: { user_id: 'u' },
  service_tier: 'auto',
};

describe('a conversation in Anthropic’s dialect', () => {
  it('reaches a server of the dialect as it was sent', async () => {
    const { url, model, heard } = await startCrossFarm('anthropic');
    const { status } = await post(url, '/v1/messages', { ...CONVERSATION, model });
    expect(status).toBe(200);
    expect(JSON.parse(heard()[0] ?? '')).toEqual({ ...CONVERSATION, model: 'big', stream: true });
  });

  it('reaches a server of OpenAI’s dialect in its words, with nothing of its own', async () => {
    const { url, model, heard } = await startCrossFarm('openai');
    expect((await post(url, '/v1/messages', { ...CONVERSATION, model })).status).toBe(200);
    const shown = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
    const call = (id: string, text: string) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: text },
    });
    expect(JSON.parse(heard()[0] ?? '')).toEqual({
      model: 'big',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 64,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'See this.' }, shown] },
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [call('toolu_1', '{"city":"Oslo"}'), call('toolu_2', '{}')],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: '7 °C' },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'no such city' },
        // The dialect has no images in results: they follow.
        { role: 'user', content: [shown] },
        { role: 'user', content: 'Go on.' },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'Weather of a city.',
            parameters: { type: 'object' },
          },
        },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      stop: ['END'],
      temperature: 1,
      top_p: 0.9,
      top_k: 5,
    });
  });

  it('shows the vendor’s seal, and takes it back', async () => {
    const { url, model, heard } = await startCrossFarm('anthropic');
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const first = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
    const asked = { model, max_tokens: 9, thinking };
    const { body } = await post(url, '/v1/messages', { ...asked, messages: [first] });
    expect(body.content[0]).toEqual({
      type: 'thinking',
      thinking: 'They greet me.',
      signature: 'sig',
    });
    const messages = [first, { role: 'assistant', content: body.content }, first];
    await post(url, '/v1/messages', { ...asked, messages });
    expect(JSON.parse(heard()[1] ?? '').messages).toEqual(messages);
  });
});

describe('a test feature of the vendor', () => {
  const asked = (model: string) => ({
    model,
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  });

  it('is asked for where its dialect is spoken', async () => {
    const { url, model, headers } = await startCrossFarm('anthropic');
    const wanted = { 'anthropic-beta': 'context-1m-2025-08-07, interleaved-thinking-2025-05-14' };
    expect((await post(url, '/v1/messages', asked(model), wanted)).status).toBe(200);
    expect(headers()[0]?.['anthropic-beta']).toBe(
      'context-1m-2025-08-07,interleaved-thinking-2025-05-14',
    );
  });

  it('that is no name is refused', async () => {
    const { url, model } = await startCrossFarm('openai');
    const { status } = await post(url, '/v1/messages', asked(model), { 'anthropic-beta': 'a b' });
    expect(status).toBe(400);
  });
});

describe('an answer that was begun', () => {
  const begun = (role: string, content: string) => ({ role, content });
  const messages = [begun('user', 'Count.'), begun('assistant', 'One,')];

  it('is continued by a server that can', async () => {
    const { url, model, heard } = await startCrossFarm('anthropic');
    const asked = { model, max_tokens: 9, messages };
    expect((await post(url, '/v1/messages', asked)).status).toBe(200);
    expect(JSON.parse(heard()[0] ?? '').messages.at(-1)).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'One,' }],
    });
  });

  it.each([
    ['/v1/messages', { max_tokens: 9 }],
    ['/api/chat', { stream: false }],
  ])(
    'is refused at %s where only a server stands behind that would answer anew',
    async (path, more) => {
      const { url, model, heard } = await startCrossFarm('openai');
      const { status, body } = await post(url, path, { model, messages, ...more });
      expect([status, JSON.stringify(body)]).toEqual([
        422,
        expect.stringContaining('cannot go on from the beginning of an answer'),
      ]);
      expect(heard()).toEqual([]);
    },
  );
});
