import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import { parseChatBody } from '../../src/server/openai-chat-request.ts';

const USER = { role: 'user', content: 'hi' };
const TOOL = { type: 'function', function: { name: 'f' } };

function refuse(change: object): { code: string; param: string | undefined } {
  try {
    parseChatBody({ model: 'auto', messages: [USER], ...change } as JsonObject);
  } catch (error) {
    if (error instanceof CadreError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

const image = (url: string) => [
  USER,
  { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
];

describe('fields of a chat request', () => {
  it.each<[object, string]>([
    [{ model: '' }, 'model'],
    [{ model: 7 }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: ['hi'] }, 'messages[0]'],
    [{ messages: [USER, USER, { role: 'user', content: 5 }] }, 'messages[2].content'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    [{ messages: [{ role: 'king', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'function', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'assistant' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'assistant', tool_calls: [{}] }] }, 'messages[0].tool_calls[0]'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [
      { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
      'messages[0].content[0].text',
    ],
    [{ temperature: 2.1 }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ top_p: 0 }, 'top_p'],
    [{ top_k: 0 }, 'top_k'],
    [{ n: 0 }, 'n'],
    [{ n: 17 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ seed: 1.5 }, 'seed'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_completion_tokens: -1 }, 'max_completion_tokens'],
    [{ presence_penalty: 3 }, 'presence_penalty'],
    [{ frequency_penalty: -3 }, 'frequency_penalty'],
    [{ stop: '' }, 'stop'],
    [{ stop: ['a', 1] }, 'stop[1]'],
    [{ stop: Array(17).fill('a') }, 'stop'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ stream: true, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ logprobs: 5 }, 'logprobs'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ type: 'custom' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'function', function: { name: 'no blank' } }] }, 'tools[0].function.name'],
    [{ tools: [TOOL, TOOL] }, 'tools[1].function.name'],
    [
      { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] },
      'tools[0].function.parameters',
    ],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [TOOL], tool_choice: 'maybe' }, 'tool_choice'],
    [
      { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'g' } } },
      'tool_choice.function.name',
    ],
    [{ response_format: 'json' }, 'response_format'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema.schema'],
    [{ functions: [] }, 'functions'],
  ])('refuses %j at %s', (change, param) => {
    expect(refuse(change)).toEqual({ code: 'invalid_request', param });
  });

  it.each<[object, string]>([
    [{ messages: image('https://example.org/a.png') }, 'messages[1].content[0].image_url.url'],
    [{ messages: image('file:///etc/passwd') }, 'messages[1].content[0].image_url.url'],
    [{ messages: [{ role: 'user', content: [{ type: 'file' }] }] }, 'messages[0].content[0].type'],
  ])('cannot take the part of %j', (change, param) => {
    expect(refuse(change)).toEqual({ code: 'unsupported_part', param });
  });

  it('takes null for absent and drops choices about tools that are not there', () => {
    const { request } = parseChatBody({
      model: 'auto',
      messages: [USER],
      temperature: null,
      tools: null,
      tool_choice: 'none',
      stop: null,
      n: null,
      response_format: null,
      stream_options: null,
    });
    const content = [{ type: 'text', text: 'hi' }];
    expect(request).toEqual({ model: 'auto', messages: [{ role: 'user', content }], sampling: {} });
  });

  it('keeps unknown fields as they are, whatever they are called', () => {
    const body = JSON.parse(
      '{"model":"auto","messages":[{"role":"user","content":"hi"}],"__proto__":{"a":1},"top_a":[1,null]}',
    );
    const { extra } = parseChatBody(body).request;
    expect(Object.keys(extra ?? {})).toEqual(['__proto__', 'top_a']);
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype);
  });

  it('takes images and sound that travel with the request', () => {
    const { request } = parseChatBody({
      model: 'auto',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
          ],
        },
      ],
    });
    expect(request.messages[0]?.content).toEqual([
      { type: 'image', url: 'data:image/png;base64,AA==', detail: 'low' },
      { type: 'audio', data: 'AA==', format: 'wav' },
    ]);
  });
});
