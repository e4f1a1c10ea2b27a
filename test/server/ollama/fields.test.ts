import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/chat.ts';
import { CadreError } from '../../../src/core/errors.ts';
import { parseChatBody, parseGenerateBody } from '../../../src/server/ollama/request.ts';

const USER = { role: 'user', content: 'hi' };
const PNG = 'iVBORw0KGgoAAA==';
const parse = (change: object) =>
  parseChatBody({ model: 'auto', messages: [USER], ...change } as JsonObject);

function refuse(run: () => unknown): { code: string; param: string | undefined } {
  try {
    run();
  } catch (error) {
    if (error instanceof CadreError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

const CALL = { function: { name: 'f', arguments: { x: 1 } } };

describe('fields of Ollama’s requests', () => {
  it.each<[object, string]>([
    [{ model: '' }, 'model'],
    [{ messages: {} }, 'messages'],
    [{ messages: ['hi'] }, 'messages[0]'],
    [{ messages: [{ role: 'king' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', images: ['nonsense'] }] }, 'messages[0].images[0]'],
    [{ messages: [{ role: 'assistant', tool_calls: [{}] }] }, 'messages[0].tool_calls[0]'],
    [
      { messages: [{ role: 'assistant', tool_calls: Array(129).fill(CALL) }] },
      'messages[0].tool_calls',
    ],
    [
      {
        messages: [
          { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
        ],
      },
      'messages[0].tool_calls[0].function.arguments',
    ],
    [{ messages: [USER, { role: 'tool', content: 'x', tool_name: 'f' }] }, 'messages[1]'],
    [
      {
        messages: [
          { role: 'assistant', tool_calls: [CALL] },
          { role: 'tool', tool_name: 'g', content: 'x' },
        ],
      },
      'messages[1]',
    ],
    [{ stream: 'yes' }, 'stream'],
    [{ format: 'xml' }, 'format'],
    [{ think: 'hard' }, 'think'],
    [{ keep_alive: true }, 'keep_alive'],
    [{ options: [] }, 'options'],
    [{ options: { temperature: 3 } }, 'options.temperature'],
    [{ options: { num_predict: 0 } }, 'options.num_predict'],
    [{ options: { num_predict: -3 } }, 'options.num_predict'],
    [{ options: { stop: [1] } }, 'options.stop[0]'],
    [{ options: { seed: 1.5 } }, 'options.seed'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ format: 'json', messages: [USER, { role: 'assistant', content: '{' }] }, 'messages'],
  ])('refuses %j at %s', (change, param) => {
    expect(refuse(() => parse(change))).toEqual({ code: 'invalid_request', param });
  });

  it.each<[object, string]>([
    [{ raw: true }, 'raw'],
    [{ suffix: 'end' }, 'suffix'],
    [{ prompt: 7 }, 'prompt'],
    [{ system: 7 }, 'system'],
  ])('refuses the prompt %j at %s', (change, param) => {
    const body = { model: 'auto', prompt: 'hi', ...change } as JsonObject;
    expect(refuse(() => parseGenerateBody(body))).toEqual({ code: 'invalid_request', param });
  });

  it('fetches no image that a caller names', () => {
    const messages = [{ role: 'user', content: '', images: ['https://example.org/a.png'] }];
    const refused = { code: 'unsupported_part', param: 'messages[0].images[0]' };
    expect(refuse(() => parse({ messages }))).toEqual(refused);
  });

  it('reads options, format, images and a conversation with calls that have no ids', () => {
    const { request, ignored, stream, showsThinking } = parse({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'See', images: [PNG, `data:image/x;base64,${PNG}`] },
        { role: 'assistant', content: '', thinking: 'Hm.', tool_calls: [CALL, CALL] },
        { role: 'tool', tool_name: 'f', content: 'one' },
        { role: 'tool', content: 'two' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      format: { type: 'object' },
      options: {
        num_predict: 7,
        temperature: 0.5,
        top_k: 0,
        top_p: 0.9,
        seed: 3,
        stop: ['END', ''],
        presence_penalty: 1,
        num_ctx: 4096,
      },
      think: 'low',
    });
    expect([stream, showsThinking, ignored.map((one) => one.split(':')[0])]).toEqual([
      true,
      true,
      ['options.num_ctx'],
    ]);
    expect(request).toEqual({
      model: 'auto',
      dialect: 'ollama',
      maxTokens: 7,
      stop: ['END'],
      sampling: { temperature: 0.5, topP: 0.9, seed: 3, presencePenalty: 1 },
      responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } },
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image', url: `data:image/png;base64,${PNG}` },
            { type: 'image', url: `data:image/png;base64,${PNG}` },
          ],
        },
        {
          role: 'assistant',
          content: [{ type: 'thinking', text: 'Hm.' }],
          toolCalls: [
            { id: 'call_2_0', name: 'f', arguments: '{"x":1}' },
            { id: 'call_2_1', name: 'f', arguments: '{"x":1}' },
          ],
        },
        { role: 'tool', toolCallId: 'call_2_0', content: [{ type: 'text', text: 'one' }] },
        { role: 'tool', toolCallId: 'call_2_1', content: [{ type: 'text', text: 'two' }] },
      ],
    });
  });

  it('reads a prompt as the message of a user, with no limit where it is negative', () => {
    const { request, stream } = parseGenerateBody({
      model: 'auto',
      prompt: 'hi',
      system: 'Be brief.',
      format: '',
      stream: false,
      options: { num_predict: -1 },
    });
    expect(stream).toBe(false);
    expect(request).toEqual({
      model: 'auto',
      dialect: 'ollama',
      sampling: {},
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      ],
    });
  });
});
