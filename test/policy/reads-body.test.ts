import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayBody } from '../../src/adapters/models/openai-relay.ts';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import { readsBody } from '../../src/policy/reads-body.ts';
import { requestText } from '../../src/policy/request-text.ts';
import { parseJsonText } from '../../src/server/json-body.ts';
import { parseChatBody } from '../../src/server/openai-chat-request.ts';

const IBAN = 'DE89 3704 0044 0532 0130 00';
const SINK = { piece: () => undefined, whole: () => undefined };
const HI = { role: 'user', content: 'hi' };
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };

const reads = (fields: JsonObject) => {
  const body: JsonObject = { model: 'remote', messages: [HI], ...fields };
  return readsBody(parseChatBody(body).request, body);
};
const said = (fields: JsonObject) =>
  reads({ messages: [HI, { role: 'assistant', content: 'so', ...fields }, HI] });

describe('a body leaves as it came', () => {
  it.each<[string, boolean]>([
    ['a plain chat', reads({ temperature: 0.5, seed: 12345678901, stop: 'x', stream: true })],
    ['unknown fields', reads({ user: IBAN, logit_bias: { 50256: -100 }, metadata: { a: [1.5] } })],
    ['an earlier answer', said({ refusal: null, annotations: [], name: 'anna' })],
    ['parts', reads({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] })],
    ['tools', reads({ tools: [TOOL], tool_choice: 'auto', parallel_tool_calls: false })],
    ['calls', said({ content: null, tool_calls: [CALL] })],
    ['a thought', said({ reasoning_content: 'hm' })],
    ['the house’s own fields', reads({ cadre: { label: 'public' } })],
  ])('where policy has read all of it: %s', (_, isRead) => expect(isRead).toBe(true));

  it.each<[string, boolean]>([
    ['annotations', said({ annotations: [{ quote: IBAN }] })],
    ['a number in annotations', said({ annotations: [4111111111111111] })],
    ['the house’s own part of an answer', said({ cadre: { citations: [IBAN] } })],
    ['a refusal beside content', said({ refusal: IBAN })],
    ['a format’s further fields', reads({ response_format: { type: 'text', note: IBAN } })],
    ['a tool’s further fields', reads({ tools: [{ ...TOOL, note: IBAN }] })],
    ['a name of a field', said({ annotations: [{ [IBAN]: true }] })],
    ['more digits than a number holds', reads({ odd: 1e300 })],
  ])('not where policy has not read %s', (_, isRead) => expect(isRead).toBe(false));

  it('only with what policy has read, whatever stands where', () => {
    const some = fc.dictionary(
      fc.oneof(
        fc.string(),
        fc.constantFrom('text', 'refusal', 'annotations', 'cadre', 'id', 'x', 'detail'),
      ),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 2 },
    );
    const odd = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, some);
    const mixed = (known: JsonObject) => odd.map((more) => ({ ...more, ...known }) as JsonObject);
    const text = fc.string({ minLength: 1 });
    const part = fc.oneof(
      text.chain((one) => mixed({ type: 'text', text: one })),
      odd.map((more) => ({
        type: 'image_url',
        image_url: { ...more, url: 'data:image/png;base64,AA' },
      })),
    );
    const content = fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }));
    const call = fc
      .tuple(mixed({ name: 'f', arguments: '{"a":1}' }), text)
      .chain(([spoken, id]) => mixed({ id, type: 'function', function: spoken }));
    const message = fc.oneof(
      content.chain((one) => mixed({ role: 'user', content: one as JsonValue })),
      fc
        .tuple(text, fc.array(call, { maxLength: 2 }))
        .chain(([one, calls]) => mixed({ role: 'assistant', content: one, tool_calls: calls })),
      text.chain((id) => mixed({ role: 'tool', tool_call_id: id, content: 'done' })),
    );
    const format = fc.oneof(
      mixed({ type: 'text' }),
      odd.chain((schema) => mixed({ type: 'json_schema', json_schema: { schema } as JsonObject })),
    );
    const tools = odd.map((more) => [{ ...more, type: 'function', function: { name: 'f' } }]);
    const body = fc
      .tuple(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.option(format, { nil: undefined }),
        fc.option(tools, { nil: undefined }),
      )
      .chain(([messages, response_format, tools]) =>
        mixed({
          messages,
          ...(response_format === undefined ? {} : { response_format }),
          ...(tools === undefined ? {} : { tools: tools as JsonValue }),
          model: 'remote',
        }),
      );
    let relayed = 0;
    fc.assert(
      fc.property(body, (fields) => {
        const sent = relayOf(fields);
        if (sent === undefined) return;
        relayed += 1;
        const { pieces } = requestText(sent.request);
        const read = pieces.map((piece) => piece.text).join('\0');
        for (const one of stringsOf(sent.body))
          if (!read.includes(one)) expect(CONSTANTS).toContain(one);
      }),
      { numRuns: 1000 },
    );
    expect(relayed).toBeGreaterThan(50);
  });
});

/** What stands in the bodies above and says nothing. */
const CONSTANTS = `remote model messages role content name user assistant tool type text function
  arguments tool_calls tool_call_id image_url url data:image/png;base64,AA id detail refusal
  annotations response_format json_schema schema tools parameters max_tokens json_object`.split(
  /\s+/,
);

function relayOf(fields: JsonObject) {
  try {
    const { bytes, members, value } = parseJsonText(Buffer.from(JSON.stringify(fields)), {
      jsonDepth: 64,
      messages: 100,
    });
    const { request, stream } = parseChatBody(value);
    if (!readsBody(request, value)) return undefined;
    const relay = { dialect: 'openai' as const, stream, body: bytes, members, fields: value };
    const wish = { relay: { ...relay, sink: SINK }, maxTokens: 5, promptTokens: 1 };
    const sent = relayBody('remote', wish, 'max_tokens').toString();
    return { request, body: JSON.parse(sent) as JsonValue };
  } catch {
    return undefined;
  }
}

function stringsOf(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]: [string, JsonValue]) => [
    ...(Array.isArray(value) ? [] : [name]),
    ...stringsOf(one),
  ]);
}
