import { describe, expect, it } from 'vitest';
import { type ChatRequest, textOf, textPart } from '../../src/core/chat.ts';
import { type SpokeConfig, spokeSchema } from '../../src/core/config-parts.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';

function spokeOf(more: Partial<SpokeConfig> = {}): SpokeConfig {
  return spokeSchema.parse({ id: 'one', model: 'm', system: 'Be brief.', ...more });
}

function requestOf(more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: 'one',
    messages: [
      { role: 'system', content: textPart('Speak German.') },
      { role: 'user', content: textPart('Hello') },
    ],
    sampling: {},
    ...more,
  };
}

const options = { contextLength: 4096 };
const tools = [{ name: 'now' }];

describe('buildModelRequest', () => {
  it("puts the spoke's words before the caller's, in one system message", () => {
    const { messages } = buildModelRequest(spokeOf(), requestOf(), options);
    expect(messages.map((one) => [one.role, textOf(one.content)])).toEqual([
      ['system', 'Be brief.\n\nSpeak German.'],
      ['user', 'Hello'],
    ]);
  });

  it("shows its demonstrations before a conversation without the caller's own instructions", () => {
    const spoke = spokeOf({ demonstrations: [{ user: 'Bye', assistant: 'Goodbye!' }] });
    const rolesOf = (request: ChatRequest) =>
      buildModelRequest(spoke, request, options).messages.map((one) => [
        one.role,
        textOf(one.content),
      ]);
    const asked = { role: 'user', content: textPart('Hello') } as const;
    expect(rolesOf(requestOf({ messages: [asked] }))).toEqual([
      ['system', 'Be brief.'],
      ['user', 'Bye'],
      ['assistant', 'Goodbye!'],
      ['user', 'Hello'],
    ]);
    expect(rolesOf(requestOf())).toHaveLength(2);
  });

  it('leaves the messages alone when the spoke has nothing to say', () => {
    const { system: _, ...silent } = spokeOf();
    const request = requestOf({ messages: [{ role: 'user', content: textPart('Hello') }] });
    expect(buildModelRequest(silent, request, options).messages).toEqual(request.messages);
  });

  it("prefers the caller's sampling and lengths to the spoke's", () => {
    const spoke = spokeOf({ sampling: { temperature: 0, topK: 40 }, maxTokens: 100 });
    const silent = buildModelRequest(spoke, requestOf(), options);
    expect(silent).toMatchObject({ sampling: { temperature: 0, topK: 40 }, maxTokens: 100 });
    const loud = buildModelRequest(
      spoke,
      requestOf({ sampling: { temperature: 1 }, maxTokens: 7, stop: ['END'], logprobs: 2 }),
      options,
    );
    expect(loud).toMatchObject({
      sampling: { temperature: 1, topK: 40 },
      maxTokens: 7,
      stop: ['END'],
      logprobs: 2,
    });
  });

  it('keeps at least half of the context for the prompt', () => {
    const request = requestOf({ maxTokens: 100_000 });
    expect(buildModelRequest(spokeOf(), request, { contextLength: 1000 }).maxTokens).toBe(500);
    expect(buildModelRequest(spokeOf(), request, { contextLength: 1 }).maxTokens).toBe(1);
  });

  it('gives tools only to a spoke that takes them', () => {
    const request = requestOf({ tools, toolChoice: 'required' });
    expect(buildModelRequest(spokeOf(), request, options).tools).toBeUndefined();
    expect(buildModelRequest(spokeOf({ tools: true }), request, options)).toMatchObject({
      tools,
      toolChoice: 'required',
    });
  });

  it.each([
    ['text', undefined, undefined],
    ['text', { type: 'json' }, true],
    ['json', undefined, true],
    ['json', { type: 'text' }, undefined],
    ['json', { type: 'json-schema', name: 'x', schema: { type: 'array' } }, { type: 'array' }],
  ] as const)('binds a %s spoke asked for %j to %j', (output, responseFormat, jsonSchema) => {
    const request = requestOf(responseFormat ? { responseFormat } : {});
    expect(buildModelRequest(spokeOf({ output }), request, options).jsonSchema).toEqual(jsonSchema);
  });
});
