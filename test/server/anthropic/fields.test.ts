import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/chat.ts';
import { CadreError } from '../../../src/core/errors.ts';
import { parseMessagesBody } from '../../../src/server/anthropic/request.ts';

const USER = { role: 'user', content: 'hi' };
const TOOL = { name: 'f', input_schema: { type: 'object' } };
const parse = (change: object) =>
  parseMessagesBody({ model: 'auto', max_tokens: 9, messages: [USER], ...change } as JsonObject);

function refuse(change: object): { code: string; param: string | undefined } {
  try {
    parse(change);
  } catch (error) {
    if (error instanceof CadreError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

const said = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
const answered = (...content: object[]) => ({
  messages: [USER, { role: 'assistant', content }, USER],
});

describe('fields of a messages request', () => {
  it.each<[object, string]>([
    [{ model: '' }, 'model'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: ['hi'] }, 'messages[0]'],
    [{ messages: [{ role: 'system', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    [said({ type: 'text' }), 'messages[0].content[0].text'],
    [said({ type: 'tool_result', content: 'x' }), 'messages[0].content[0].tool_use_id'],
    [said({ type: 'tool_result', tool_use_id: 'a', content: 7 }), 'messages[0].content[0].content'],
    [
      said({ type: 'tool_result', tool_use_id: 'a', is_error: 'yes' }),
      'messages[0].content[0].is_error',
    ],
    [
      said({ type: 'image', source: { type: 'base64', media_type: 'text/html', data: 'A' } }),
      'messages[0].content[0].source.media_type',
    ],
    [said({ type: 'image' }), 'messages[0].content[0].source'],
    [
      answered({ type: 'tool_use', id: 'a', name: 'f', input: 'x' }),
      'messages[1].content[0].input',
    ],
    [{ system: [{ type: 'image' }] }, 'system[0].type'],
    [{ system: 7 }, 'system'],
    [{ temperature: 1.1 }, 'temperature'],
    [{ top_p: 0 }, 'top_p'],
    [{ top_k: -1 }, 'top_k'],
    [{ stop_sequences: 'END' }, 'stop_sequences'],
    [{ stop_sequences: [''] }, 'stop_sequences[0]'],
    [{ stream: 'yes' }, 'stream'],
    [{ thinking: {} }, 'thinking.type'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    [{ tools: [{ ...TOOL, name: 'no blank' }] }, 'tools[0].name'],
    [{ tools: [TOOL, TOOL] }, 'tools[1].name'],
    [{ tool_choice: { type: 'any' } }, 'tool_choice'],
    [{ tools: [TOOL], tool_choice: { type: 'some' } }, 'tool_choice.type'],
    [{ tools: [TOOL], tool_choice: { type: 'tool', name: 'g' } }, 'tool_choice.name'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
    [{ output_config: { format: { type: 'json_schema' } } }, 'output_config.format.schema'],
    [
      {
        messages: [USER, { role: 'assistant', content: '{' }],
        output_config: { format: { type: 'json_schema', schema: {} } },
      },
      'messages',
    ],
  ])('refuses %j at %s', (change, param) => {
    expect(refuse(change)).toEqual({ code: 'invalid_request', param });
  });

  it.each<[object, string]>([
    [
      said({ type: 'image', source: { type: 'url', url: 'https://example.org' } }),
      'messages[0].content[0].source.type',
    ],
    [
      said({ type: 'document', source: { type: 'base64', data: 'AA==' } }),
      'messages[0].content[0].source.type',
    ],
    [said({ type: 'tool_use' }), 'messages[0].content[0].type'],
    [answered({ type: 'server_tool_use' }), 'messages[1].content[0].type'],
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
  ])('cannot take %j', (change, param) => {
    expect(refuse(change)).toEqual({ code: 'unsupported_part', param });
  });

  it('reads a conversation with tools, thought and marks for the vendor’s cache', () => {
    const extra = { cache_control: { type: 'ephemeral' } };
    const { request, showsThinking } = parse({
      system: [{ type: 'text', text: 'Be brief.', ...extra }],
      messages: [
        USER,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
            { type: 'redacted_thinking', data: 'sealed' },
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 }, ...extra },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'one', ...extra },
            {
              type: 'tool_result',
              tool_use_id: 'b',
              is_error: true,
              content: [
                { type: 'text', text: 'no' },
                {
                  type: 'image',
                  source: { type: 'base64', media_type: 'image/png', data: 'AA==' },
                },
              ],
            },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      tools: [{ ...TOOL, type: 'custom', strict: true }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      stop_sequences: ['END'],
      top_k: 0,
      metadata: { user_id: 'u' },
      thinking: { type: 'enabled', budget_tokens: 1024 },
      output_config: { effort: 'low' },
    });
    expect(showsThinking).toBe(true);
    expect(request).toEqual({
      model: 'auto',
      dialect: 'anthropic',
      maxTokens: 9,
      sampling: {},
      stop: ['END'],
      tools: [{ name: 'f', parameters: { type: 'object' }, extra: { strict: true } }],
      toolChoice: 'required',
      parallelToolCalls: false,
      extra: {
        metadata: { user_id: 'u' },
        thinking: { type: 'enabled', budget_tokens: 1024 },
        output_config: { effort: 'low' },
      },
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', extra }] },
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', text: 'Hm.', signature: 'sig' },
            { type: 'thinking', text: '', redacted: 'sealed' },
            { type: 'text', text: 'Let me look.' },
          ],
          toolCalls: [
            { id: 'a', name: 'f', arguments: '{"x":1}', extra },
            { id: 'b', name: 'f', arguments: '{}' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'one' }], extra },
        {
          role: 'tool',
          toolCallId: 'b',
          isError: true,
          content: [
            { type: 'text', text: 'no' },
            { type: 'image', url: 'data:image/png;base64,AA==' },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'go on' }] },
      ],
    });
  });

  it('reads a document of plain text, and the schema under its new and its old name', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const source = { type: 'text', media_type: 'text/plain', data: 'Rule 1.' };
    const { request } = parse({
      ...said({ type: 'document', source, title: 'Rules' }),
      output_config: { format },
    });
    expect(request.messages[0]?.content).toEqual([{ type: 'text', text: 'Rules\n\nRule 1.' }]);
    const bound = { type: 'json-schema', name: 'answer', schema: { type: 'object' } };
    expect(request.responseFormat).toEqual(bound);
    expect(request.extra).toBeUndefined();
    expect(parse({ output_format: format }).request.responseFormat).toEqual(bound);
  });
});
