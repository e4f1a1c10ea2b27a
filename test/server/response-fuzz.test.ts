import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import { parseCompletionBody } from '../../src/server/completion-request.ts';
import { toMessages } from '../../src/server/responses/response-messages.ts';
import { parseResponseBody } from '../../src/server/responses/response-request.ts';
import { RESPONSE_BODY } from '../../src/server/responses/response-schema.ts';
import { startResponses } from './response-client.ts';
import { errorOf, send } from './running-server.ts';

const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
const word = fc.constantFrom(
  ...['message', 'function_call', 'function_call_output', 'reasoning', 'item_reference'],
  ...['user', 'assistant', 'system', 'input_text', 'output_text', 'input_image', 'refusal'],
  ...['function', 'file_search', 'auto', 'allowed_tools', 'json_schema', 'c1', 'f', ''],
);
const name = fc.constantFrom(
  ...['type', 'role', 'content', 'text', 'call_id', 'name', 'arguments', 'output', 'summary'],
  ...['id', 'image_url', 'refusal', 'encrypted_content', 'tools', 'mode', 'format', 'schema'],
);
/** JSON that looks like parts of a request more often than chance would have it. */
const { near } = fc.letrec<{ near: JsonValue }>((tie) => ({
  near: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    word,
    anything,
    fc.array(tie('near'), { maxLength: 3 }),
    fc.dictionary(name, tie('near'), { maxKeys: 5 }) as fc.Arbitrary<JsonValue>,
  ),
}));
const fields = Object.keys(RESPONSE_BODY['properties'] as JsonObject);
const change = fc.dictionary(
  fc.constantFrom(...fields, 'conversation', 'stop', '__proto__'),
  near,
  {
    maxKeys: 3,
  },
) as fc.Arbitrary<JsonObject>;

/** Refusals of the caller are the only way out. */
function isTaken(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof CadreError && error.status >= 400 && error.status < 500) {
      if (error.code === 'invalid_request') expect(error.param).toBeDefined();
      return false;
    }
    throw error;
  }
}

describe('bodies of all kinds', () => {
  it('of a response are read or refused with the field', () => {
    fc.assert(
      fc.property(change, (body) => {
        isTaken(() => {
          const wanted = parseResponseBody(
            { model: 'auto', input: 'hi', ...body },
            `resp_${'a'.repeat(24)}`,
            100,
          );
          const items = wanted.input.flatMap((one) => (one.type === 'item_reference' ? [] : one));
          toMessages(items);
          JSON.stringify(wanted.echo);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('of a completion are read or refused with the field', () => {
    const completion = fc.dictionary(
      fc.constantFrom('prompt', 'suffix', 'echo', 'logprobs', 'n', 'best_of', 'stop', 'stream'),
      near,
      { maxKeys: 3 },
    ) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(completion, (body) => {
        isTaken(() => parseCompletionBody({ model: 'auto', prompt: 'hi', ...body }));
      }),
      { numRuns: 1000 },
    );
  });

  it('never end in a defect or without an answer', async () => {
    const { post, lines } = await startResponses();
    await fc.assert(
      fc.asyncProperty(change, async (body) => {
        const answer = await post(body);
        expect([200, 400, 404, 422]).toContain(answer.status);
        if (answer.status !== 200) expect(errorOf(answer).message).not.toBe('');
      }),
      { numRuns: 60 },
    );
    expect(lines).toEqual([]);
  });

  it.each([
    ['GET', '/v1/responses/..%2F..%2Fetc'],
    ['GET', '/v1/responses/%00'],
    ['GET', `/v1/responses/resp_${'x'.repeat(4000)}`],
    ['GET', '/v1/responses/resp_none?stream=true&starting_after=x'],
    ['GET', '/v1/responses/resp_none/input_items?limit=0'],
    ['DELETE', '/v1/responses/resp_none'],
    ['POST', '/v1/responses/resp_none/cancel'],
  ])('%s %s is not found', async (method, path) => {
    const { port } = await startResponses();
    expect((await send(port, { method, path })).status).toBe(404);
  });

  it('refuses pages that are none', async () => {
    const { client, port } = await startResponses();
    const { id } = await client.responses.create({ model: 'auto', input: 'hi' });
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_none']) {
      const answer = await send(port, { path: `/v1/responses/${id}/input_items?${query}` });
      expect([query, answer.status]).toEqual([query, 400]);
      expect(errorOf(answer).param).toBe(query.split('=')[0]);
    }
    const wrong = await send(port, { path: `/v1/responses/${id}?stream=perhaps` });
    expect([wrong.status, errorOf(wrong).param]).toEqual([400, 'stream']);
  });
});
