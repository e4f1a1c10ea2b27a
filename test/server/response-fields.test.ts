import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import { toMessages } from '../../src/server/responses/response-messages.ts';
import { parseResponseBody } from '../../src/server/responses/response-request.ts';
import { startResponses } from './response-client.ts';
import { errorOf } from './running-server.ts';

const ID = `resp_${'a'.repeat(24)}`;
const TOOL = { type: 'function', name: 'f' };

const parse = (change: object) =>
  parseResponseBody({ model: 'auto', input: 'hi', ...change } as JsonObject, ID, 100);

function refuse(change: object): { code: string; param: string | undefined; message?: string } {
  try {
    parse(change);
  } catch (error) {
    if (error instanceof CadreError)
      return { code: error.code, param: error.param, message: error.message };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

const part = (one: object) => ({ input: [{ role: 'user', content: [one] }] });

describe('fields of a response', () => {
  it.each<[object, string]>([
    [{ model: 7 }, 'model'],
    [{ input: undefined }, 'input'],
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: Array(101).fill({ role: 'user', content: 'x' }) }, 'input'],
    [{ input: ['hi'] }, 'input[0]'],
    [{ input: [{ role: 'king', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ type: 7 }] }, 'input[0].type'],
    [{ input: [{ role: 'user', content: 5 }] }, 'input[0].content'],
    [{ input: [{ role: 'user', content: [] }] }, 'input[0].content'],
    [part({ type: 'input_text', text: 1 }), 'input[0].content[0].text'],
    [
      { input: [{ role: 'assistant', content: [{ type: 'input_image' }] }] },
      'input[0].content[0].type',
    ],
    [{ input: [{ id: 'x'.repeat(129), role: 'user', content: 'x' }] }, 'input[0].id'],
    [{ input: [{ type: 'function_call', name: 'f' }] }, 'input[0].call_id'],
    [{ input: [{ type: 'function_call', call_id: 'c' }] }, 'input[0].name'],
    [{ input: [{ type: 'function_call_output', call_id: 'c' }] }, 'input[0].output'],
    [{ input: [{ type: 'reasoning', summary: {} }] }, 'input[0].summary'],
    [{ input: [{ type: 'item_reference' }] }, 'input[0].id'],
    [{ instructions: 5 }, 'instructions'],
    [{ previous_response_id: 5 }, 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ tools: {} }, 'tools'],
    [{ tools: ['f'] }, 'tools[0]'],
    [{ tools: [{ name: 'f' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'function', name: 'no blank' }] }, 'tools[0].name'],
    [{ tools: [TOOL, TOOL] }, 'tools[1].name'],
    [{ tools: [{ ...TOOL, parameters: [] }] }, 'tools[0].parameters'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [{ tools: [TOOL, { type: 'computer_use_preview' }] }, 'tools[1].type'],
    [{ tools: [{ type: 'custom', name: 'x' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'file_search' }] }, 'tools[0].vector_store_ids'],
    [
      { tools: [{ type: 'file_search', vector_store_ids: ['a', 'b'] }] },
      'tools[0].vector_store_ids',
    ],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [TOOL], tool_choice: 'maybe' }, 'tool_choice'],
    [{ tools: [TOOL], tool_choice: { type: 'mcp' } }, 'tool_choice.type'],
    [{ tools: [TOOL], tool_choice: { type: 'function', name: 'g' } }, 'tool_choice.name'],
    [
      {
        tools: [TOOL],
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ name: 'g' }] },
      },
      'tool_choice.tools[0].name',
    ],
    [{ parallel_tool_calls: 'yes' }, 'parallel_tool_calls'],
    [{ max_tool_calls: 0 }, 'max_tool_calls'],
    [{ max_output_tokens: 0 }, 'max_output_tokens'],
    [{ temperature: 2.1 }, 'temperature'],
    [{ top_p: 0 }, 'top_p'],
    [{ top_logprobs: 21 }, 'top_logprobs'],
    [{ text: 'json' }, 'text'],
    [{ text: { format: 'json' } }, 'text.format'],
    [{ text: { format: { type: 'xml' } } }, 'text.format.type'],
    [{ text: { format: { type: 'json_schema', name: 'x' } } }, 'text.format.schema'],
    [{ include: 'reasoning' }, 'include'],
    [{ include: ['everything'] }, 'include[0]'],
    [{ metadata: [] }, 'metadata'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ metadata: { a: 'x'.repeat(513) } }, 'metadata.a'],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, 'x'])) }, 'metadata'],
    [{ background: 1 }, 'background'],
    [{ store: 'no' }, 'store'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: { include_obfuscation: false } }, 'stream_options'],
    [{ truncation: 'some' }, 'truncation'],
    [{ reasoning: 'high' }, 'reasoning'],
    [{ reasoning: { effort: 3 } }, 'reasoning.effort'],
  ])('refuses %j at %s', (change, param) => {
    expect(refuse(change)).toMatchObject({ code: 'invalid_request', param });
  });

  it.each<[object, string]>([
    [
      part({ type: 'input_image', image_url: 'https://example.org/a.png' }),
      'input[0].content[0].image_url',
    ],
    [part({ type: 'input_image', file_id: 'file_1' }), 'input[0].content[0].image_url'],
    [part({ type: 'input_file', file_id: 'file_1' }), 'input[0].content[0].type'],
    [{ input: [{ type: 'computer_call_output', call_id: 'c' }] }, 'input[0].type'],
  ])('cannot take the part of %j', (change, param) => {
    expect(refuse(change)).toMatchObject({ code: 'unsupported_part', param });
  });

  it.each(['web_search', 'computer_use_preview', 'code_interpreter', 'mcp', 'image_generation'])(
    'names the tool %s that the farm does not have',
    (type) => {
      expect(refuse({ tools: [{ type }] }).message).toContain(`“${type}”`);
    },
  );

  it('takes null for absent', () => {
    const names = [
      'instructions previous_response_id conversation prompt tools tool_choice text include store',
      'parallel_tool_calls max_tool_calls max_output_tokens temperature top_p top_logprobs stop',
      'metadata background stream stream_options truncation reasoning',
    ];
    const nothing = Object.fromEntries(
      names
        .join(' ')
        .split(' ')
        .map((name) => [name, null]),
    );
    const wanted = parse(nothing);
    expect(wanted.request).toEqual({ model: 'auto', sampling: {} });
    expect(wanted).not.toHaveProperty('store');
    expect(wanted.echo).toEqual(parse({}).echo);
  });

  it('keeps unknown fields, and gives effort and verbosity the names of chat completions', () => {
    const { request } = parse({
      reasoning: { effort: 'high', summary: 'auto' },
      text: { verbosity: 'low' },
      service_tier: 'flex',
      top_a: [1],
    });
    expect(request.extra).toEqual({
      reasoning_effort: 'high',
      verbosity: 'low',
      service_tier: 'flex',
      top_a: [1],
    });
  });

  it('leaves only the allowed tools', () => {
    const { request } = parse({
      tools: [TOOL, { type: 'function', name: 'g' }],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [{ type: 'function', name: 'g' }],
      },
    });
    expect(request).toMatchObject({ tools: [{ name: 'g' }], toolChoice: 'required' });
  });

  it('makes turns of items: thought, words and calls of one answer are one message', () => {
    const { input } = parse({
      input: [
        { role: 'system', content: 'rules' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'a' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
          ],
        },
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call', call_id: 'c2', name: 'f', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'c1',
          output: [{ type: 'input_text', text: '1' }],
        },
        { type: 'function_call_output', call_id: 'c2', output: '' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
        { role: 'assistant', content: 'yes' },
      ],
    });
    const messages = toMessages(input.flatMap((one) => (one.type === 'item_reference' ? [] : one)));
    expect(messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'rules' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'image', url: 'data:image/png;base64,AA==', detail: 'auto' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: 'b' },
        ],
        toolCalls: [
          { id: 'c1', name: 'f', arguments: '{}' },
          { id: 'c2', name: 'f', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: '1' }] },
      { role: 'tool', toolCallId: 'c2', content: [{ type: 'text', text: '' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'no' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'yes' }] },
    ]);
  });
});

describe('responses over the wire', () => {
  it('bound the items of one request and of a conversation', async () => {
    const { post } = await startResponses();
    const items = (count: number) => Array(count).fill({ role: 'user', content: 'x' });
    const huge = await post({ input: items(300_000) });
    expect([huge.status, errorOf(huge).param]).toEqual([400, 'input']);
    const first = JSON.parse((await post({ input: items(1500) })).text) as { id: string };
    const second = await post({ input: items(1500), previous_response_id: first.id });
    expect([second.status, errorOf(second).param]).toEqual([400, 'previous_response_id']);
    const text = 'x'.repeat(6_000_000);
    const long = JSON.parse((await post({ input: text })).text) as { id: string };
    const longer = await post({ input: text, previous_response_id: long.id });
    const { id } = JSON.parse(longer.text) as { id: string };
    const third = await post({ previous_response_id: id });
    expect([third.status, errorOf(third).param]).toEqual([400, 'previous_response_id']);
  });

  it('refuse names that do not exist, deep nesting and what is not JSON', async () => {
    const { post } = await startResponses();
    expect((await post({ model: 'nobody' })).status).toBe(404);
    expect((await post({ model: 'bge-small' })).status).toBe(400);
    const deep = JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`) as unknown;
    expect((await post({ metadata: { a: deep } })).status).toBe(400);
  });
});
