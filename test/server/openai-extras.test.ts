import { describe, expect, it } from 'vitest';
import { OpenAiChunks } from '../../src/adapters/models/openai-chunks.ts';
import { toOpenAiBody } from '../../src/adapters/models/openai-request.ts';
import type { Call } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/core/chat.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { requestText } from '../../src/policy/request-text.ts';
import { OpenAiAnswer } from '../../src/server/openai-answer.ts';
import { parseChatBody } from '../../src/server/openai-chat-request.ts';
import { OpenAiStream } from '../../src/server/openai-stream.ts';
import { ended } from './scripted-farm.ts';

const SEAL = { extra_content: { seal: 'DE89 3704 0044 0532 0130 00' } };
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const ASKED: Call = {
  id: 'req_1',
  request: { model: 'remote', messages: [], sampling: {} },
  caller: { key: 'k', principals: ['public'], keepsText: false },
  deadline: 0,
  depth: 0,
};
const ANSWER = { id: 'req_1', created: 1, model: 'remote' };

/** What both forms of an answer say of these events. */
function printed(events: readonly CadreEvent[]) {
  const fold = new OpenAiAnswer(ANSWER);
  const stream = new OpenAiStream({ ...ANSWER, includeUsage: false, showEvents: false });
  const text = events.map((event) => stream.print(event)).join('');
  for (const event of events) fold.add(event);
  fold.add(ended(ASKED));
  const deltas = text
    .split('\n\n')
    .filter((one) => one.startsWith('data: {'))
    .map(
      (one) => (JSON.parse(one.slice(6)) as { choices: [{ delta: JsonObject }] }).choices[0].delta,
    );
  return { message: fold.print().body.choices[0]?.message, deltas };
}

describe('unknown fields of a tool call', () => {
  it('go to a server of the dialect, and policy reads them', () => {
    const { request } = parseChatBody({
      model: 'remote',
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, tool_calls: [{ ...CALL, ...SEAL, index: 0 }] },
      ],
    });
    const body = toOpenAiBody('m', { ...request, maxTokens: 5 }, 'max_tokens');
    expect(body['messages']).toMatchObject([{}, { tool_calls: [{ ...SEAL, ...CALL }] }]);
    const read = requestText(request).pieces.map((piece) => piece.text);
    expect(read.join('\n')).toContain(SEAL.extra_content.seal);
  });

  it('come back to the caller, whole and streamed', () => {
    const chunks = new OpenAiChunks('vendor', undefined);
    const piece = { choices: [{ delta: { tool_calls: [{ index: 0, ...CALL, ...SEAL }] } }] };
    expect(chunks.read(JSON.stringify(piece))).toMatchObject([{ type: 'tool-call', extra: SEAL }]);
    const { message, deltas } = printed([
      {
        type: 'tool-call-delta',
        choice: 0,
        index: 0,
        id: 'c1',
        name: 'f',
        arguments: '{}',
        extra: SEAL,
      },
    ]);
    expect(message?.tool_calls).toEqual([{ ...CALL, ...SEAL }]);
    expect(deltas.at(-1)).toEqual({ tool_calls: [{ index: 0, ...CALL, ...SEAL }] });
  });
});

describe('a refusal', () => {
  it.each(['message', 'delta'])('is read from a %s', (name) => {
    const chunks = new OpenAiChunks('vendor', undefined);
    const piece = { choices: [{ [name]: { content: null, refusal: 'no' } }] };
    expect(chunks.read(JSON.stringify(piece))).toEqual([{ type: 'refusal', text: 'no' }]);
  });

  it('is told in the dialect’s own field', () => {
    const { message, deltas } = printed([
      { type: 'text-delta', choice: 0, text: 'no', refusal: true },
    ]);
    expect(message).toMatchObject({ content: null, refusal: 'no' });
    expect(deltas.at(-1)).toEqual({ refusal: 'no' });
  });
});
