import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Citation } from '../../src/core/evidence.ts';
import { chat, dataOf, errorOf, HELLO, startServer } from './running-server.ts';
import { accepted, answer, createScriptedFarm, ended, failed } from './scripted-farm.ts';

const MESSAGES = [{ role: 'user' as const, content: 'hi' }];
const CITATION: Citation = {
  sentence: {
    number: 1,
    text: 'Quoted.',
    collection: 'law',
    documentId: 'doc_1',
    documentVersion: 2,
    path: 'a/b.md',
    headings: [],
    page: 3,
    line: 4,
    start: 5,
    end: 12,
  },
  answerStart: 0,
  answerEnd: 6,
  support: 0.9,
};

async function start(farm = createScriptedFarm()) {
  const running = await startServer(farm);
  const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none', maxRetries: 0 });
  return { farm, client, ...running };
}

describe('chat completions through the OpenAI client', () => {
  it('answers whole', async () => {
    const { client } = await start();
    const { data, response } = await client.chat.completions
      .create({ model: 'auto', messages: MESSAGES })
      .withResponse();
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Hello world' });
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
    expect(data.usage?.prompt_tokens_details?.cached_tokens).toBe(1);
    expect(data).toHaveProperty('cadre.receipt', data.id);
    expect(data).toHaveProperty('cadre.spoke', 'small');
    expect(response.headers.get('x-request-id')).toBe(data.id);
    expect(response.headers.get('x-cadre-receipt')).toBe(data.id);
    expect(response.headers.get('x-cadre-spoke')).toBe('small');
    expect(data.id).toMatch(/^req_[a-z0-9]{24}$/);
  });

  it('streams with usage, and the receipt with the last content-free chunk', async () => {
    const { client } = await start();
    const stream = await client.chat.completions.create({
      model: 'auto',
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe('Hello world');
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    const finish = chunks.find((chunk) => chunk.choices[0]?.finish_reason);
    expect(finish?.choices[0]?.finish_reason).toBe('stop');
    expect(finish).toMatchObject({ cadre: { receipt: finish?.id, spoke: 'small', citations: [] } });
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(5);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('sends no usage chunk that nobody asked for', async () => {
    const { port } = await start();
    const data = dataOf((await chat(port, { ...HELLO, stream: true })).text);
    expect(data.at(-1)).toBe('[DONE]');
    expect(data.some((one) => one.includes('"usage"'))).toBe(false);
  });

  it('hands the request over in the words of the house', async () => {
    const { client, farm } = await start();
    await client.chat.completions.create({
      model: 'small',
      messages: [
        { role: 'developer', content: 'be brief' },
        { role: 'user', content: [{ type: 'text', text: 'look' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'done' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { a: 1 } } },
      n: 2,
      seed: 7,
      stop: 'END',
      max_tokens: 5,
      max_completion_tokens: 9,
      temperature: 0.5,
      logprobs: true,
      top_logprobs: 3,
      user: 'somebody',
    });
    expect(farm.calls[0]?.request).toEqual({
      model: 'small',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
        { role: 'user', content: [{ type: 'text', text: 'look' }] },
        {
          role: 'assistant',
          content: [],
          toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }],
        },
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'done' }] },
      ],
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: { name: 'f' },
      responseFormat: { type: 'json-schema', name: 'x', schema: { a: 1 } },
      choiceCount: 2,
      stop: ['END'],
      maxTokens: 9,
      sampling: { temperature: 0.5, seed: 7 },
      logprobs: 3,
      extra: { user: 'somebody' },
    });
  });

  it('folds and streams choices, tool calls and log-probabilities', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      const logprobs = [{ token: 'é', logprob: -0.5, top: [{ token: 'e', logprob: -1 }] }] as const;
      yield { type: 'text-delta', choice: 0, text: 'é', logprobs };
      const start = { type: 'tool-call-delta' as const, choice: 1, index: 0 };
      yield { ...start, id: 'call_1', name: 'f', arguments: '{"a"' };
      yield { type: 'choice-ended', choice: 0, finishReason: 'length' };
      yield { ...start, arguments: ':1}' };
      yield { type: 'choice-ended', choice: 1, finishReason: 'tool-calls' };
      yield ended(call);
    };
    const { client, port } = await start(farm);
    const whole = await client.chat.completions.create({ model: 'auto', messages: MESSAGES, n: 2 });
    expect(whole.choices[0]?.finish_reason).toBe('length');
    expect(whole.choices[0]?.logprobs?.content?.[0]).toEqual({
      token: 'é',
      logprob: -0.5,
      bytes: [195, 169],
      top_logprobs: [{ token: 'e', logprob: -1, bytes: [101] }],
    });
    expect(whole.choices[1]?.message.content).toBeNull();
    expect(whole.choices[1]?.message.tool_calls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
    ]);

    const streamed = client.chat.completions.stream({ model: 'auto', messages: MESSAGES, n: 2 });
    const final = await streamed.finalChatCompletion();
    expect(final.choices.map((choice) => choice.finish_reason)).toEqual(['length', 'tool_calls']);
    expect(final.choices[1]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'f', arguments: '{"a":1}' },
    });
    const raw = dataOf((await chat(port, { ...HELLO, stream: true })).text);
    const withReceipt = raw.filter((one) => one.includes('"receipt"'));
    expect(withReceipt).toHaveLength(1);
    expect(raw.indexOf(withReceipt[0] ?? '')).toBe(raw.length - 2);
  });

  it('carries citations and an abstention in both forms', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      yield { type: 'text-delta', choice: 0, text: 'Answer', citations: [CITATION] };
      const abstention = { reason: 'nothing fits', nearest: [] };
      yield { type: 'answer-abstained', abstention };
      yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
      yield ended(call);
    };
    const { port } = await start(farm);
    const whole = JSON.parse((await chat(port, HELLO)).text);
    expect(whole.choices[0].message.annotations).toEqual([
      {
        type: 'file_citation',
        file_citation: {
          file_id: 'doc_1',
          filename: 'a/b.md',
          quote: 'Quoted.',
          page: 3,
          line: 4,
          version: 2,
          start_index: 0,
          end_index: 6,
        },
      },
    ]);
    expect(whole.cadre.abstained.reason).toBe('nothing fits');
    const inWords = 'I cannot answer this reliably: nothing fits.';
    expect(whole.choices[0].message.refusal).toBe(inWords);
    expect(whole.cadre.citations).toEqual([CITATION]);
    const streamed = dataOf((await chat(port, { ...HELLO, stream: true })).text);
    const chunks = streamed.slice(0, -1).map((one) => JSON.parse(one));
    expect(chunks.map((chunk) => chunk.choices[0].delta.refusal)).toContain(inWords);
    const cited = chunks.find((chunk) => chunk.choices[0].delta.content === 'Answer');
    expect(cited.cadre).toEqual({ citations: [CITATION] });
    expect(cited.choices[0].delta.annotations).toEqual(whole.choices[0].message.annotations);
    expect(chunks.at(-1).cadre).toMatchObject({
      citations: [CITATION],
      abstained: { reason: 'nothing fits' },
    });
  });

  it('shows the events to those who ask for them', async () => {
    const { port } = await start();
    const body = { ...HELLO, stream: true };
    const shown = dataOf((await chat(port, body, { 'x-cadre-events': '1' })).text);
    const events = shown.slice(0, -1).flatMap((one) => JSON.parse(one).cadre?.event?.type ?? []);
    expect(events).toEqual(['request-accepted', 'choice-ended', 'answer-ended']);
    const hidden = (await chat(port, body)).text;
    expect(hidden).not.toContain('"event"');
  });

  it('names a failure before the first byte by its status, later by the last event', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      yield failed(call, 'no_spoke');
    };
    const { port } = await start(farm);
    for (const headers of [{}, { 'x-cadre-events': '1' }]) {
      const early = await chat(port, { ...HELLO, stream: true }, headers);
      expect(early.status).toBe(503);
      expect(errorOf(early).code).toBe('no_spoke');
      expect(early.headers['retry-after']).toBe('1');
      expect(early.headers['x-request-id']).toMatch(/^req_/);
    }
    farm.script = async function* (call) {
      yield accepted(call);
      yield { type: 'text-delta', choice: 0, text: 'half' };
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      yield failed(call, 'no_spoke');
    };
    const late = dataOf((await chat(port, { ...HELLO, stream: true })).text);
    expect(JSON.parse(late.at(-1) ?? '')).toMatchObject({ error: { code: 'no_spoke' } });
    expect(late).not.toContain('[DONE]');
    const whole = await chat(port, HELLO);
    expect([whole.status, errorOf(whole).code]).toEqual([503, 'no_spoke']);
  });

  it('keeps the words of a defect to itself', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      throw new Error('the secret stack');
    };
    const { port, lines } = await start(farm);
    const thrown = await chat(port, HELLO);
    expect(thrown.status).toBe(500);
    expect(thrown.text).not.toContain('secret');
    farm.script = async function* (call) {
      yield failed(call, 'internal');
    };
    expect((await chat(port, HELLO)).text).not.toContain('secret');
    expect(JSON.stringify(lines)).toContain('the secret stack');
    expect(JSON.stringify(lines)).toContain(thrown.headers['x-request-id']);
  });

  it('passes label, collection and session on, from headers and body', async () => {
    const { port, farm } = await start();
    const headers = { 'x-cadre-label': 'personal', 'x-cadre-session': 's1' };
    const model = 'knowledge:law';
    await chat(port, { ...HELLO, model, cadre: { label: 'internal' } }, headers);
    expect(farm.calls[0]).toMatchObject({
      labelDeclared: 'personal',
      collection: 'law',
      session: 's1',
      depth: 0,
      caller: { key: 'loopback' },
    });
    const wrong = await chat(port, { ...HELLO, cadre: { labl: 'internal' } });
    expect(errorOf(wrong)).toMatchObject({ code: 'invalid_request', param: 'cadre.labl' });
    expect(errorOf(wrong).message).toContain('`label`');
    const other = { 'x-cadre-collection': 'tax' };
    const clash = await chat(port, { ...HELLO, model }, other);
    expect(errorOf(clash).param).toBe('x-cadre-collection');
  });
});

it('opens an answer without text with the role all the same', async () => {
  const farm = createScriptedFarm();
  farm.script = (call) => answer(call, []);
  const { port } = await startServer(farm);
  const data = dataOf((await chat(port, { ...HELLO, stream: true })).text);
  expect(JSON.parse(data[0] ?? '').choices[0].delta).toMatchObject({ role: 'assistant' });
});
