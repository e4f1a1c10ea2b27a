import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import { parseCompletionBody } from '../../src/server/completion-request.ts';
import { dataOf, errorOf, send, startServer } from './running-server.ts';
import { accepted, answer, CALLER, createScriptedFarm, ended, failed } from './scripted-farm.ts';

async function start(farm = createScriptedFarm()) {
  const running = await startServer(farm);
  const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const post = (change: object) =>
    send(running.port, {
      path: '/v1/completions',
      body: JSON.stringify({ model: 'auto', prompt: 'Once', ...change }),
    });
  return { farm, client, post, ...running };
}

/** Answers with the prompt in capitals, in two pieces with a log-probability each. */
function shout() {
  const farm = createScriptedFarm();
  farm.script = async function* (call) {
    const [message] = call.request.messages;
    const part = message?.content[0];
    const text = part?.type === 'text' ? part.text.toUpperCase() : '';
    yield accepted(call);
    for (let choice = 0; choice < (call.request.choiceCount ?? 1); choice += 1) {
      for (const token of [text.slice(0, 2), text.slice(2)])
        yield {
          type: 'text-delta',
          choice,
          text: token,
          logprobs: [{ token, logprob: -1, top: [{ token: 'x', logprob: -2 }] }],
        };
      yield { type: 'choice-ended', choice, finishReason: 'length' };
    }
    yield ended(call);
  };
  return farm;
}

describe('older completions', () => {
  it('answer whole, with the prompt as the only message of a user', async () => {
    const { client, farm } = await start();
    const { data, response } = await client.completions
      .create({ model: 'auto', prompt: 'Once', max_tokens: 5, stop: ['.'], user: 'somebody' })
      .withResponse();
    expect(data).toMatchObject({ object: 'text_completion', model: 'auto' });
    expect(data.choices).toEqual([
      { index: 0, text: 'Hello world', logprobs: null, finish_reason: 'stop' },
    ]);
    expect(data.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
    expect(data).toMatchObject({ cadre: { receipt: data.id, spoke: 'small' } });
    expect(response.headers.get('x-cadre-receipt')).toBe(data.id);
    expect(farm.calls[0]?.request).toEqual({
      model: 'auto',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }],
      sampling: {},
      maxTokens: 5,
      stop: ['.'],
      extra: { user: 'somebody' },
    });
  });

  it('number the choices of several prompts through and echo each prompt', async () => {
    const { client, farm } = await start(shout());
    const prompt = ['abc', 'defg'];
    const whole = await client.completions.create({ model: 'auto', prompt, n: 2, echo: true });
    const texts = ['abcABC', 'abcABC', 'defgDEFG', 'defgDEFG'];
    expect(whole.choices.map((choice) => choice.text)).toEqual(texts);
    expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
    expect(whole.choices[3]?.finish_reason).toBe('length');
    expect(whole.usage?.total_tokens).toBe(10);
    const receipts = farm.calls.map((call) => call.id);
    expect(whole).toMatchObject({ id: receipts[0], cadre: { receipts } });
    expect(new Set(receipts).size).toBe(2);

    const stream = await client.completions.create({
      model: 'auto',
      prompt,
      n: 2,
      echo: true,
      stream: true,
      stream_options: { include_usage: true },
    });
    const shown = ['', '', '', ''];
    const ends: (string | null)[] = [];
    let last: { usage?: unknown; choices: unknown[] } | undefined;
    for await (const chunk of stream) {
      last = chunk;
      for (const choice of chunk.choices) {
        shown[choice.index] += choice.text;
        if (choice.finish_reason !== null) ends[choice.index] = choice.finish_reason;
      }
    }
    expect(shown).toEqual(texts);
    expect(ends).toEqual(['length', 'length', 'length', 'length']);
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: 10 } });
  });

  it('give log-probabilities in the old shape, with offsets that go on from chunk to chunk', async () => {
    const { client } = await start(shout());
    const body = { model: 'auto', prompt: 'héllo', logprobs: 1 } as const;
    const whole = await client.completions.create(body);
    const expected = {
      tokens: ['HÉ', 'LLO'],
      token_logprobs: [-1, -1],
      top_logprobs: [{ x: -2 }, { x: -2 }],
      text_offset: [0, 2],
    };
    expect(whole.choices[0]?.logprobs).toEqual(expected);
    const offsets: number[] = [];
    for await (const chunk of await client.completions.create({ ...body, stream: true }))
      offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []));
    expect(offsets).toEqual(expected.text_offset);
  });

  it('end a stream with the receipt in the chunk of the finish reason', async () => {
    const { post } = await start();
    const data = dataOf((await post({ stream: true })).text);
    expect(data.at(-1)).toBe('[DONE]');
    const chunks = data.slice(0, -1).map((one) => JSON.parse(one));
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      cadre: { spoke: 'small' },
    });
  });

  it('set tokens aside for every prompt, and give back those of prompts never asked', async () => {
    const held: [string, number][] = [];
    const settled: [string, number][] = [];
    const farm = createScriptedFarm(
      {},
      {
        reserveTokens: (_caller, id, tokens) => {
          held.push([id, tokens]);
          return held.length < 4
            ? { allowed: true, standing: {} }
            : { allowed: false, standing: {}, lacks: 'tokens', retryAfter: 3 };
        },
        settleTokens: (id, used) => settled.push([id, used]),
      },
    );
    farm.keys.set('secret', { ...CALLER, tokenLimit: 1000 });
    const { port } = await start(farm);
    const ask = (prompt: readonly string[]) =>
      send(port, {
        path: '/v1/completions',
        body: JSON.stringify({ model: 'auto', prompt, max_tokens: 5, n: 2 }),
        headers: { authorization: 'Bearer secret' },
      });
    expect((await ask(['a'.repeat(35), 'b'.repeat(70)])).status).toBe(200);
    expect(held.map(([id]) => id)).toEqual(farm.calls.map((call) => call.id));
    // The request holds both prompts (and its model's name) and one answer, the second prompt one more.
    expect(held.map(([, tokens]) => tokens)).toEqual([42, 10]);
    expect((await ask(['a', 'b'])).status).toBe(429);
    expect(farm.calls).toHaveLength(2);
    const ids = new Set(settled.map(([id]) => id));
    expect(held.every(([id]) => ids.has(id))).toBe(true);
  });

  it('are an error as a whole when a later prompt fails, never a clean end', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      if (farm.calls.length % 2 === 1) return yield* answer(call, ['fine']);
      yield accepted(call);
      // Until what was shown has left, the failure still has a status of its own.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      yield failed(call, 'no_spoke');
    };
    const { post } = await start(farm);
    const whole = await post({ prompt: ['a', 'b'] });
    expect([whole.status, errorOf(whole).code]).toEqual([503, 'no_spoke']);
    const streamed = dataOf((await post({ prompt: ['a', 'b'], stream: true })).text);
    expect(JSON.parse(streamed.at(-1) ?? '')).toMatchObject({ error: { code: 'no_spoke' } });
  });
});

function refuse(change: object): { code: string; param: string | undefined } {
  try {
    parseCompletionBody({ model: 'auto', prompt: 'Once', ...change } as JsonObject);
  } catch (error) {
    if (error instanceof CadreError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: undefined };
}

describe('fields of an older completion', () => {
  it.each<[object, string]>([
    [{ model: '' }, 'model'],
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: [] }, 'prompt'],
    [{ prompt: [15, 16] }, 'prompt[0]'],
    [{ prompt: ['a', [1]] }, 'prompt[1]'],
    [{ prompt: ['a', ''] }, 'prompt[1]'],
    [{ prompt: Array(65).fill('a') }, 'prompt'],
    [{ suffix: 'the end' }, 'suffix'],
    [{ echo: 'yes' }, 'echo'],
    [{ echo: true, logprobs: 1 }, 'logprobs'],
    [{ logprobs: 6 }, 'logprobs'],
    [{ logprobs: true }, 'logprobs'],
    [{ best_of: 3 }, 'best_of'],
    [{ n: 17 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ stop: [1] }, 'stop[0]'],
    [{ stream_options: {} }, 'stream_options'],
  ])('refuses %j at %s', (change, param) => {
    expect(refuse(change)).toEqual({ code: 'invalid_request', param });
  });

  it('takes the dialect’s default of 16 tokens, and null for absent', () => {
    const { requests } = parseCompletionBody({
      model: 'auto',
      prompt: 'Once',
      suffix: null,
      best_of: 1,
      max_tokens: null,
    });
    expect(requests[0]).toMatchObject({ maxTokens: 16 });
    expect(requests[0]).not.toHaveProperty('extra');
  });
});
