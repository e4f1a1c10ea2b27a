import { describe, expect, it } from 'vitest';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import { requestText } from '../../src/run/request-key.ts';

const ASKED: ChatRequest = {
  model: 'auto',
  messages: [{ role: 'user', content: textPart('an "extra": word') }],
  sampling: { temperature: 0 },
};
const inDialects = (request: ChatRequest) =>
  new Set([
    requestText(request),
    requestText({ ...request, dialect: 'openai' }),
    requestText({ ...request, dialect: 'anthropic' }),
  ]).size;

describe('the text of a request', () => {
  it('is the same in every dialect where nothing of the dialect is in it', () => {
    expect(inDialects(ASKED)).toBe(1);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['unknown fields', { extra: { a: 1 } }],
    [
      'unknown fields of a part',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', extra: { a: 1 } }] }] },
    ],
    ['unknown fields of a tool', { tools: [{ name: 'f', extra: { strict: true } }] }],
    [
      'an answer that goes on in one and begins anew in the other',
      { messages: [...ASKED.messages, { role: 'assistant', content: textPart('One,') }] },
    ],
  ])('tells the dialects apart for %s', (_what, change) => {
    expect(inDialects({ ...ASKED, ...change })).toBe(2);
  });
});
