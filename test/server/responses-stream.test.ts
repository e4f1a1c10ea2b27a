import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import { breathe, checkGrammar, say, startResponses, type WireEvent } from './response-client.ts';
import { accepted, createScriptedFarm, failed } from './scripted-farm.ts';

const typesOf = (events: readonly WireEvent[]) => events.map((event) => event.type);
const call = (index: number, args: string, id?: string): CadreEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  index,
  arguments: args,
  ...(id === undefined ? {} : { id, name: `f${index}` }),
});
const text = (words: string): CadreEvent => ({ type: 'text-delta', choice: 0, text: words });
const thought = (words: string, more: object = {}): CadreEvent => ({
  type: 'thinking-delta',
  choice: 0,
  text: words,
  ...more,
});

async function startSaying(
  events: readonly CadreEvent[],
  finishReason: 'stop' | 'length' | 'tool-calls' | 'content-filter' = 'stop',
) {
  const farm = createScriptedFarm();
  farm.script = (one) => say(one, events, finishReason);
  return startResponses(farm);
}

describe('the events of a streamed response', () => {
  it('are those of the specification, in its order, for an answer in words', async () => {
    const { stream } = await startResponses();
    const events = await stream({});
    expect(typesOf(events)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    checkGrammar(events);
    expect(events[0]?.response).toMatchObject({ status: 'in_progress', output: [], usage: null });
    expect(events[2]?.item).toMatchObject({
      role: 'assistant',
      status: 'in_progress',
      content: [],
    });
    expect(events.at(-1)?.response).toMatchObject({
      status: 'completed',
      output: [{ status: 'completed', content: [{ type: 'output_text', text: 'Hello world' }] }],
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 5,
      },
      cadre: { spoke: 'small' },
    });
    const ids = new Set(events.flatMap((event) => event.response?.['id'] ?? []));
    expect(ids.size).toBe(1);
  });

  it('show thought as a summary of reasoning before the words', async () => {
    const { stream } = await startSaying([thought('Let me'), thought(' see'), text('Four')]);
    const events = await stream({});
    checkGrammar(events);
    expect(typesOf(events).slice(2, 9)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
    ]);
    const { output, usage } = (events.at(-1)?.response ?? {}) as {
      output: object[];
      usage: object;
    };
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Let me see' }] },
      { type: 'message', content: [{ text: 'Four' }] },
    ]);
    // Ten characters of fourteen were thought, of two tokens.
    expect(usage).toMatchObject({ output_tokens_details: { reasoning_tokens: 1 } });
  });

  it('carry function calls, one after the other', async () => {
    const { stream } = await startSaying(
      [text('I look.'), call(0, '{"a"', 'c0'), call(0, ':1}'), call(1, '{}', 'c1')],
      'tool-calls',
    );
    const events = await stream({ tools: [{ type: 'function', name: 'f0' }] });
    checkGrammar(events);
    expect(typesOf(events).slice(8)).toEqual([
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.at(-1)?.response?.['output']).toMatchObject([
      { type: 'message' },
      { type: 'function_call', call_id: 'c0', name: 'f0', arguments: '{"a":1}' },
      { type: 'function_call', call_id: 'c1', name: 'f1', arguments: '{}', status: 'completed' },
    ]);
  });

  it('keep calls apart whose arguments come mixed', async () => {
    const { stream } = await startSaying(
      [call(0, '{"a"', 'c0'), call(1, '{"b"', 'c1'), call(0, ':1}'), call(1, ':2}')],
      'tool-calls',
    );
    const events = await stream({});
    checkGrammar(events);
    expect(events.at(-1)?.response?.['output']).toMatchObject([
      { call_id: 'c0', arguments: '{"a":1}' },
      { call_id: 'c1', arguments: '{"b":2}' },
    ]);
  });

  it('end as incomplete where the tokens were used up or a filter stopped it', async () => {
    for (const [finish, reason] of [
      ['length', 'max_output_tokens'],
      ['content-filter', 'content_filter'],
    ] as const) {
      const { stream } = await startSaying([text('Half')], finish);
      const last = (await stream({})).at(-1);
      expect(last?.type).toBe('response.incomplete');
      expect(last?.response).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason },
        output: [{ status: 'incomplete' }],
      });
    }
  });

  it('end in response.failed when the stream breaks, never in response.completed', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (one) {
      yield accepted(one);
      yield text('half');
      await breathe();
      yield failed(one, 'no_spoke');
    };
    const { stream, client } = await startResponses(farm);
    const events = await stream({});
    expect(typesOf(events).at(-1)).toBe('response.failed');
    expect(typesOf(events)).not.toContain('response.completed');
    expect(events.at(-1)?.response).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
      output: [{ status: 'incomplete', content: [{ text: 'half' }] }],
      cadre: { code: 'no_spoke' },
    });
    const final = await client.responses.stream({ model: 'auto', input: 'hi' }).finalResponse();
    expect(final.status).toBe('failed');
  });

  it('are an ordinary error with its status before the first byte', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (one) {
      yield accepted(one);
      yield failed(one, 'no_spoke');
    };
    const { post } = await startResponses(farm);
    for (const stream of [true, false]) expect((await post({ stream })).status).toBe(503);
  });

  it('keep the words of a defect to themselves', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (one) {
      yield accepted(one);
      yield text('half');
      await breathe();
      yield failed(one, 'internal');
    };
    const { post, lines } = await startResponses(farm);
    expect((await post({ stream: true })).text).not.toContain('secret');
    expect(JSON.stringify(lines)).toContain('the secret reason');
  });

  it('give log-probabilities and citations with the words', async () => {
    const sentence = {
      number: 1,
      text: 'Quoted.',
      collection: 'law',
      documentId: 'doc_1',
      documentVersion: 2,
      path: 'a/b.md',
      headings: [],
      page: 3,
      start: 5,
      end: 12,
    };
    const { stream, farm } = await startSaying([
      {
        type: 'text-delta',
        choice: 0,
        text: 'é',
        logprobs: [{ token: 'é', logprob: -0.5, top: [{ token: 'e', logprob: -1 }] }],
        citations: [{ sentence, answerStart: 0, answerEnd: 1, support: 0.9 }],
      },
    ]);
    const include = ['message.output_text.logprobs'];
    const events = await stream({ include, top_logprobs: 1 });
    checkGrammar(events);
    expect(farm.calls[0]?.request.logprobs).toBe(1);
    expect(typesOf(events).slice(4, 6)).toEqual([
      'response.output_text.delta',
      'response.output_text.annotation.added',
    ]);
    const token = { token: 'é', logprob: -0.5, bytes: [195, 169] };
    expect(events[4]?.['logprobs']).toMatchObject([token]);
    const annotation = { type: 'file_citation', file_id: 'doc_1', filename: 'a/b.md', index: 1 };
    expect(events[5]).toMatchObject({ annotation_index: 0, content_index: 0, annotation });
    expect(events.at(-1)?.response?.['output']).toMatchObject([
      { content: [{ annotations: [annotation], logprobs: [token] }] },
    ]);
  });

  it('end well, with the reason in words, where an answer is declined', async () => {
    const abstention = { reason: 'nothing fits', nearest: [] };
    const { stream } = await startSaying([{ type: 'answer-abstained', abstention }]);
    const events = await stream({});
    checkGrammar(events);
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: {
        output: [{ content: [{ text: 'I cannot answer this reliably: nothing fits.' }] }],
        cadre: { abstained: abstention },
      },
    });
  });

  it('are what OpenAI’s client makes a whole response of', async () => {
    const { client } = await startSaying(
      [thought('Hm.'), text('I look.'), call(0, '{"a"', 'c0'), call(1, '{}', 'c1'), call(0, ':1}')],
      'tool-calls',
    );
    const stream = client.responses.stream({ model: 'auto', input: 'hi' });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', (event) => deltas.push(event.delta));
    const final = await stream.finalResponse();
    expect(deltas.join('')).toBe('I look.');
    expect(final.output_text).toBe('I look.');
    expect(final.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ]);
    const whole = await client.responses.create({ model: 'auto', input: 'hi' });
    const withoutLetters = (items: readonly { id?: string | undefined }[]) =>
      items.map((item) => ({ ...item, id: item.id?.replace(/_[a-z2-7]{24}_/, '_') }));
    // The client adds fields of its own to what it put together.
    expect(withoutLetters(final.output)).toMatchObject(withoutLetters(whole.output));
  });

  it('hide a vendor’s proof of thought from those who do not ask for it', async () => {
    const { stream } = await startSaying([
      thought('Hm.', { signature: 'sealed' }),
      thought('', { redacted: 'locked' }),
      text('So.'),
    ]);
    const hidden = await stream({});
    checkGrammar(hidden);
    expect(JSON.stringify(hidden)).not.toContain('encrypted_content');
    const shown = await stream({ include: ['reasoning.encrypted_content'] });
    const output = shown.at(-1)?.response?.['output'] as { encrypted_content?: string }[];
    expect(output.map((item) => item.encrypted_content !== undefined)).toEqual([true, true, false]);
  });
});
