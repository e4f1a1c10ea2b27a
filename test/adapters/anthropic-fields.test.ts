import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import type { ModelRequest } from '../../src/core/ports.ts';
import { askVendor, bodyOf, REQUEST, streaming } from './asked-vendor.ts';

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
const tool = (index: number, name: string) =>
  event({
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
  });

describe('a server of the Messages dialect', () => {
  it('gives a call without arguments an empty object, and takes arguments that come at once', async () => {
    const whole = event({
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'b', name: 'g', input: { x: 1 } },
    });
    const closed = (index: number) => event({ type: 'content_block_stop', index });
    const vendor = await streaming(
      begin,
      tool(0, 'f'),
      closed(0),
      whole,
      closed(1),
      stop('tool_use'),
    );
    const events = await askVendor(vendor, 'anthropic', {
      ...REQUEST,
      tools: [{ name: 'f' }, { name: 'g' }],
    });
    expect(events.filter((one) => one.type === 'tool-call')).toEqual([
      { type: 'tool-call', index: 0, id: 'toolu_0', name: 'f', arguments: '' },
      { type: 'tool-call', index: 0, arguments: '{}' },
      { type: 'tool-call', index: 1, id: 'b', name: 'g', arguments: '' },
      { type: 'tool-call', index: 1, arguments: '{"x":1}' },
    ]);
  });

  it('hands thought on with its signature, and thought that only the vendor can read', async () => {
    const delta = (fields: object) =>
      event({ type: 'content_block_delta', index: 0, delta: fields });
    const vendor = await streaming(
      begin,
      event({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '' },
      }),
      delta({ type: 'thinking_delta', thinking: 'Let me ' }),
      delta({ type: 'thinking_delta', thinking: 'see.' }),
      delta({ type: 'signature_delta', signature: 'sig' }),
      event({
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'redacted_thinking', data: 'sealed' },
      }),
      text('Four.'),
      stop('end_turn'),
    );
    expect((await askVendor(vendor, 'anthropic')).slice(0, -1)).toEqual([
      { type: 'thinking', text: 'Let me ' },
      { type: 'thinking', text: 'see.' },
      { type: 'thinking', text: '', signature: 'sig' },
      { type: 'thinking', text: '', redacted: 'sealed' },
      { type: 'text', text: 'Four.' },
    ]);
  });

  it('says which stop sequence ended the answer', async () => {
    const end = { stop_reason: 'stop_sequence', stop_sequence: 'END' };
    const vendor = await streaming(
      begin,
      text('a'),
      event({ type: 'message_delta', delta: end, usage: { output_tokens: 1 } }),
      event({ type: 'message_stop' }),
    );
    expect((await askVendor(vendor, 'anthropic')).at(-1)).toMatchObject({
      finishReason: 'stop',
      stopSequence: 'END',
    });
  });

  it.each<[Partial<ModelRequest>, object | undefined]>([
    [{}, undefined],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { toolChoice: 'required', parallelToolCalls: true },
      { type: 'any', disable_parallel_tool_use: false },
    ],
    [
      { toolChoice: { name: 'f' }, parallelToolCalls: false },
      { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: 'none', parallelToolCalls: false }, { type: 'none' }],
  ])('asks for the calls of %j', async (change, choice) => {
    const vendor = await streaming(begin, stop('end_turn'));
    await askVendor(vendor, 'anthropic', { ...REQUEST, tools: [{ name: 'f' }], ...change });
    expect(bodyOf(vendor).tool_choice).toEqual(choice);
  });

  it('makes ids of other servers’ calls ones that the dialect takes', async () => {
    const vendor = await streaming(begin, stop('end_turn'));
    const call = { id: 'functions.f:0', name: 'f', arguments: '{}' };
    await askVendor(vendor, 'anthropic', {
      ...REQUEST,
      messages: [
        { role: 'assistant', content: [], toolCalls: [call] },
        { role: 'tool', toolCallId: call.id, content: textPart('1') },
      ],
    });
    expect(bodyOf(vendor).messages).toMatchObject([
      { content: [{ type: 'tool_use', id: 'functions_f_0' }] },
      { content: [{ type: 'tool_result', tool_use_id: 'functions_f_0' }] },
    ]);
  });

  it('is given a schema natively by who asks in its dialect', async () => {
    const vendor = await streaming(begin, text('{"x":1}'), stop('end_turn'));
    const schema = { type: 'object' };
    const events = await askVendor(vendor, 'anthropic', {
      ...REQUEST,
      jsonSchema: schema,
      dialect: 'anthropic',
      extra: { output_config: { effort: 'low' }, thinking: { type: 'adaptive' } },
    });
    expect(events[0]).toEqual({ type: 'text', text: '{"x":1}' });
    const body = bodyOf(vendor);
    expect(body.output_config).toEqual({ effort: 'low', format: { type: 'json_schema', schema } });
    expect(body.tools).toBeUndefined();
  });

  it('passes unknown fields on, at every place, to their own dialect alone', async () => {
    const extra = { cache_control: { type: 'ephemeral' } };
    const request: ModelRequest = {
      ...REQUEST,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'long', extra }] },
        { role: 'user', content: [{ type: 'text', text: 'hi', extra }] },
        {
          role: 'assistant',
          content: [],
          toolCalls: [{ id: 'a', name: 'f', arguments: '', extra }],
        },
        { role: 'tool', toolCallId: 'a', content: textPart('no'), isError: true, extra },
      ],
      tools: [{ name: 'f', extra }],
      extra: { metadata: { user_id: 'u' } },
    };
    const bodyIn = async (dialect: 'anthropic' | 'openai') => {
      const vendor = await streaming(begin, stop('end_turn'));
      await askVendor(vendor, 'anthropic', { ...request, dialect });
      return bodyOf(vendor);
    };
    expect(await bodyIn('anthropic')).toMatchObject({
      system: [{ type: 'text', text: 'long', ...extra }],
      metadata: { user_id: 'u' },
      tools: [{ name: 'f', ...extra }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi', ...extra }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', input: {}, ...extra }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'a', is_error: true, ...extra }],
        },
      ],
    });
    const other = await bodyIn('openai');
    expect(other.system).toBe('long');
    expect(JSON.stringify(other)).not.toMatch(/cache_control|metadata/);
  });

  it('is told a schema in words beside tools of another dialect, where none can be forced', async () => {
    const vendor = await streaming(begin, text('{}'), stop('end_turn'));
    const jsonSchema = { type: 'object', properties: { city: { type: 'string' } } };
    await askVendor(vendor, 'anthropic', {
      ...REQUEST,
      messages: [{ role: 'system', content: textPart('be brief') }, ...REQUEST.messages],
      tools: [{ name: 'f' }],
      jsonSchema,
    });
    const { system, tools } = bodyOf(vendor);
    expect(system).toMatch(/^be brief\n\nAnswer with one JSON object/);
    expect(system).toContain(JSON.stringify(jsonSchema));
    expect(tools).toMatchObject([{ name: 'f' }]);
  });
});
