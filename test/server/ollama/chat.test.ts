import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../../src/core/events.ts';
import { OllamaStream } from '../../../src/server/ollama/stream.ts';
import { call, farmSaying, stopped, text, thought } from '../said-events.ts';
import { accepted, createScriptedFarm, failed } from '../scripted-farm.ts';
import { clientOf, hello, linesOf, post } from './client.ts';

const streaming = () => ({ ...hello(), stream: true as const });

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe('an answer to Ollama’s own client', () => {
  it('is one object with counts and durations in nanoseconds', async () => {
    const { client } = await clientOf(farmSaying(text('Hello'), text(' world'), stopped()));
    expect(await client.chat(hello())).toEqual({
      model: 'auto',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      message: { role: 'assistant', content: 'Hello world' },
      done: true,
      done_reason: 'stop',
      total_duration: 2_000_000,
      load_duration: 0,
      prompt_eval_count: 3,
      prompt_eval_duration: 1_000_000,
      eval_count: 2,
      eval_duration: 1_000_000,
      cadre: { receipt: expect.stringMatching(/^req_/), spoke: 'small', citations: [] },
    });
  });

  it.each<[string, readonly CadreEvent[], object]>([
    ['text', [text('a'), text('b'), stopped()], { content: 'ab' }],
    [
      'thought',
      [thought({ text: 'H' }), thought({ text: 'm.' }), text('a'), stopped()],
      { thinking: 'Hm.', content: 'a' },
    ],
    [
      'parallel calls that come interleaved',
      [
        call(0, '{"a"', { id: 'a', name: 'f' }),
        call(1, '{"b":2}', { id: 'b', name: 'g' }),
        call(0, ':1}'),
        call(2, '', { name: 'f' }),
        stopped({ finishReason: 'tool-calls' }),
      ],
      {
        content: '',
        tool_calls: [
          { id: 'a', function: { index: 0, name: 'f', arguments: { a: 1 } } },
          { id: 'b', function: { index: 1, name: 'g', arguments: { b: 2 } } },
          { id: 'call_2', function: { index: 2, name: 'f', arguments: {} } },
        ],
      },
    ],
  ])('says the same streamed and whole: %s', async (_what, events, message) => {
    const { client } = await clientOf(farmSaying(...events));
    expect((await client.chat(hello())).message).toEqual({ role: 'assistant', ...message });
    const parts = await readAll(await client.chat(streaming()));
    const sum = { role: 'assistant', content: '' } as Record<string, unknown>;
    for (const { message: part } of parts) {
      sum['content'] += part.content;
      if (part.thinking) sum['thinking'] = `${sum['thinking'] ?? ''}${part.thinking}`;
      if (part.tool_calls) sum['tool_calls'] = part.tool_calls;
    }
    expect(sum).toEqual({ role: 'assistant', ...message });
    expect(parts.map((part) => part.done)).toEqual([...parts.slice(1).map(() => false), true]);
  });

  it('hides thought from who does not want it', async () => {
    const { client } = await clientOf(farmSaying(thought({ text: 'Hm.' }), text('a'), stopped()));
    const answer = await client.chat({ ...hello(), think: false });
    expect(answer.message).toEqual({ role: 'assistant', content: 'a' });
    const parts = await readAll(await client.chat({ ...streaming(), think: false }));
    expect(parts.length).toBe(2);
  });

  it('carries log-probabilities where they are asked for', async () => {
    const logprobs = [{ token: 'a', logprob: -0.5, top: [{ token: 'b', logprob: -1 }] }];
    const said: CadreEvent = { type: 'text-delta', choice: 0, text: 'a', logprobs };
    const { client } = await clientOf(farmSaying(said, stopped()));
    const answer = await client.chat({ ...hello(), logprobs: true, top_logprobs: 1 });
    expect(answer.logprobs).toEqual([
      { token: 'a', logprob: -0.5, top_logprobs: [{ token: 'b', logprob: -1 }] },
    ]);
  });

  it.each([
    ['length', 'length'],
    ['content-filter', 'content_filter'],
  ])('ends for %s as %s', async (finishReason, reason) => {
    const { client } = await clientOf(farmSaying(text('a'), stopped({ finishReason })));
    expect((await client.chat(hello())).done_reason).toBe(reason);
  });

  it('to a prompt is text, and says what was ignored and why', async () => {
    const { client } = await clientOf(farmSaying(thought({ text: 'Hm.' }), text('a'), stopped()));
    const asked = {
      model: 'auto',
      prompt: 'hi',
      template: '{{ .Prompt }}',
      options: { num_ctx: 9 },
    };
    expect(await client.generate(asked)).toMatchObject({
      response: 'a',
      thinking: 'Hm.',
      done: true,
      cadre: {
        ignored: [
          expect.stringMatching(/^options\.num_ctx: /),
          'template: the model’s own is used',
        ],
      },
    });
    const parts = await readAll(await client.generate({ ...asked, stream: true }));
    expect(parts.map((part) => part.response)).toEqual(['', 'a', '']);
  });

  it('is streamed as lines unless the caller says otherwise', async () => {
    const { port } = await clientOf(farmSaying(text('a'), stopped()));
    const answer = await post(port, '/api/chat', hello());
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(linesOf(answer).map((line) => line.done)).toEqual([false, true]);
  });
});

describe('a client that waits', () => {
  it('gets lines that are JSON, have no words and are not done', () => {
    const head = { model: 'auto', showsThinking: true, ignored: [] };
    for (const kind of ['chat', 'generate'] as const) {
      const { heartbeat } = new OllamaStream({ ...head, kind });
      expect(heartbeat.endsWith('}\n')).toBe(true);
      const words = kind === 'chat' ? { message: { content: '' } } : { response: '' };
      expect(JSON.parse(heartbeat)).toMatchObject({ model: 'auto', ...words, done: false });
    }
  });
});

describe('a streamed answer that breaks off', () => {
  it('ends with an error and is never done', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (asked) {
      yield accepted(asked);
      yield { type: 'text-delta', choice: 0, text: 'Hal' };
      await new Promise((resolve) => setImmediate(resolve));
      yield failed(asked, 'no_spoke');
    };
    const { client, port } = await clientOf(farm);
    const lines = linesOf(await post(port, '/api/chat', hello()));
    expect(lines.at(-1)).toEqual({ error: expect.stringContaining('the secret reason') });
    expect(lines.some((line) => line.done === true)).toBe(false);
    await expect(client.chat(streaming()).then(readAll)).rejects.toThrow('the secret reason');
  });

  it('before its first word is an ordinary error', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (asked) {
      yield accepted(asked);
      yield failed(asked, 'no_spoke');
    };
    const { client } = await clientOf(farm);
    await expect(client.chat(streaming())).rejects.toMatchObject({ status_code: 503 });
  });
});

describe('a request without words', () => {
  it('is answered at once, as clients that load a model expect', async () => {
    const farm = createScriptedFarm();
    const { client } = await clientOf(farm);
    const loaded = await client.chat({ model: 'small', messages: [] });
    expect(loaded).toMatchObject({ done: true, done_reason: 'load' });
    expect(await client.generate({ model: 'small', prompt: '' })).toMatchObject({ response: '' });
    expect(farm.calls).toEqual([]);
  });

  it('takes the model out of memory when it is to be kept for no time', async () => {
    const unloaded: string[] = [];
    const farm = createScriptedFarm(
      {},
      {
        unload: async (id) => {
          unloaded.push(id);
          return true;
        },
      },
    );
    const { client } = await clientOf(farm);
    const answer = await client.generate({ model: 'small:latest', prompt: '', keep_alive: 0 });
    expect([answer.done_reason, unloaded]).toEqual(['unload', ['smollm2-q4_1']]);
  });
});
