import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel, ModelRequest } from '../../src/core/ports.ts';
import { ask, loadModel, NEVER, randomModel, request } from './llama-harness.ts';

const file = randomModel();
let loaded: LoadedModel;

beforeAll(async () => {
  loaded = await loadModel(file.path, { slots: 2 });
});
afterAll(async () => {
  await loaded.doUnload();
  file.remove();
});

describe('an answer', () => {
  it('begins with the prompt, ends once, and counts its tokens', async () => {
    const { events, ended, read, text } = await ask(loaded.model, request('Hello'));
    expect(events.filter((event) => event.type === 'ended')).toHaveLength(1);
    expect(read.promptTokens).toBe(ended.usage.promptTokens);
    expect(ended.finishReason).toBe('length');
    expect(ended.usage.completionTokens).toBe(40);
    expect(text).not.toBe('');
    expect(loaded.memoryBytes).toBeGreaterThan(0);
  });

  it('carries the probability of every token that was written', async () => {
    const { events } = await ask(loaded.model, request('Probabilities'));
    const logprobs = events.flatMap((event) =>
      event.type === 'text' ? (event.logprobs ?? []) : [],
    );
    expect(logprobs.length).toBeGreaterThan(20);
    for (const { logprob } of logprobs) expect(logprob).toBeLessThanOrEqual(0);
  });

  it('reports alternatives only where they are asked for, best first', async () => {
    const { events } = await ask(loaded.model, request('Probabilities', { logprobs: 5 }));
    const tokens = events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
    for (const { top = [], logprob } of tokens) {
      expect(top).toHaveLength(5);
      expect(top[0]?.logprob).toBeCloseTo(logprob, 5);
      expect(top.map((other) => other.logprob)).toEqual(
        top.map((other) => other.logprob).sort((left, right) => right - left),
      );
      const sum = top.reduce((total, other) => total + Math.exp(other.logprob), 0);
      expect(sum).toBeLessThanOrEqual(1.001);
    }
    const bare = await ask(loaded.model, request('Probabilities'));
    const bareTokens = bare.events.flatMap((event) =>
      event.type === 'text' ? (event.logprobs ?? []) : [],
    );
    // The cheap way for greedy answers and the way through all logits agree.
    for (const [index, token] of bareTokens.entries()) {
      expect(token.top).toBeUndefined();
      expect(token.logprob).toBeCloseTo(tokens[index]?.logprob ?? 1, 3);
    }
  });

  it('costs nothing for a prompt that was read before, and says the same', async () => {
    const first = await ask(loaded.model, request('The same question'));
    const second = await ask(loaded.model, request('The same question'));
    expect(second.text).toBe(first.text);
    expect(second.read.cachedTokens).toBe(second.read.promptTokens - 1);
    expect(second.ended.usage.cachedTokens).toBe(second.read.cachedTokens);
  });

  it('says the same after another tail as a model that never read the prefix', async () => {
    const prefix = 'A long shared beginning. '.repeat(6);
    await ask(loaded.model, request(`${prefix}one`));
    const warm = await ask(loaded.model, request(`${prefix}two`));
    expect(warm.read.cachedTokens).toBeGreaterThan(prefix.length);
    const fresh = await loadModel(file.path);
    const cold = await ask(fresh.model, request(`${prefix}two`));
    await fresh.doUnload();
    expect(cold.read.cachedTokens).toBe(0);
    expect(warm.text).toBe(cold.text);
  });

  it('goes on from its own beginning where a dialect means that', async () => {
    const whole = await ask(loaded.model, request('Continue'));
    const begun = whole.text.slice(0, 10);
    const asked = request('Continue', { dialect: 'anthropic' });
    const messages = [
      ...asked.messages,
      { role: 'assistant' as const, content: [{ type: 'text' as const, text: begun }] },
    ];
    const more = await ask(loaded.model, { ...asked, messages });
    // The prompt grows by what was begun and nothing else: no end of a turn, no new header.
    const grown = more.read.promptTokens - whole.read.promptTokens;
    expect(grown).toBeGreaterThan(0);
    expect(grown).toBeLessThanOrEqual(Buffer.byteLength(begun));
    const anew = await ask(loaded.model, { ...asked, messages, dialect: 'openai' });
    expect(anew.read.promptTokens).toBeGreaterThan(more.read.promptTokens);
  });

  it('is read by as many tokens as were counted before', async () => {
    const asked = request('How many tokens are these?');
    const counted = await loaded.model.doCount?.(asked, { signal: NEVER });
    expect(counted).toBe((await ask(loaded.model, asked)).read.promptTokens);
  });

  it('has at most one call where calls may not be parallel, and names the stop that ended it', async () => {
    const tools = [{ name: 'f', parameters: { type: 'object', additionalProperties: false } }];
    const single = { tools, toolChoice: 'required', parallelToolCalls: false } as const;
    const { events, ended } = await ask(loaded.model, request('Call', single));
    expect(events.filter((event) => event.type === 'tool-call').length).toBe(1);
    expect(ended.finishReason).toBe('tool-calls');
    const whole = await ask(loaded.model, request('Stop'));
    const stop = whole.text.slice(9, 12);
    const stopped = await ask(loaded.model, request('Stop', { stop: ['zzzz', stop] }));
    expect(stopped.ended.stopSequence).toBe(stop);
  });

  it('depends on the seed alone when it is drawn', async () => {
    const drawn = (seed: number) =>
      ask(loaded.model, request('Draw', { sampling: { temperature: 1.5, topP: 1, seed } }));
    const texts = [];
    for (const seed of [1, 1, 2]) texts.push((await drawn(seed)).text);
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });

  it('never shows half a character', async () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const sampling = { temperature: 2, topP: 1, topK: 300, seed };
      const { events } = await ask(loaded.model, request('Bytes', { sampling, maxTokens: 200 }));
      for (const event of events)
        if (event.type === 'text') {
          expect(event.text).not.toContain('\uFFFD');
          expect(event.text.isWellFormed()).toBe(true);
        }
    }
  });

  it('ends before a stop sequence that spans tokens', async () => {
    const whole = await ask(loaded.model, request('Stop'));
    const place = Math.floor(whole.text.length / 2);
    const stop = whole.text.slice(place, place + 3);
    const { text, ended } = await ask(loaded.model, request('Stop', { stop: ['zzzz', stop] }));
    expect(text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
    expect(ended.finishReason).toBe('stop');
  });

  it('gives back what looked like the beginning of a stop sequence', async () => {
    const whole = await ask(loaded.model, request('Stop'));
    const stop = `${whole.text.slice(-2)}never`;
    const { text, ended } = await ask(loaded.model, request('Stop', { stop: [stop] }));
    expect(text).toBe(whole.text);
    expect(ended.finishReason).toBe('length');
  });

  it('is changed by penalties', async () => {
    const plain = await ask(loaded.model, request('Repeat', { maxTokens: 120 }));
    const sampling = { temperature: 0, frequencyPenalty: 2, presencePenalty: 2 };
    const punished = await ask(loaded.model, request('Repeat', { maxTokens: 120, sampling }));
    const kinds = (text: string) => new Set(text).size;
    expect(kinds(punished.text)).toBeGreaterThan(kinds(plain.text));
  });

  it('ends where the context ends', async () => {
    const { ended } = await ask(loaded.model, request('Long', { maxTokens: 100_000 }));
    expect(ended.finishReason).toBe('length');
    expect(ended.usage.promptTokens + ended.usage.completionTokens).toBe(2048);
  });

  it('is refused with both numbers when the prompt does not fit', async () => {
    await expect(ask(loaded.model, request('x'.repeat(3000)))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringMatching(/3\d\d\d tokens.*2046/),
    });
  });
});

describe('a prompt', () => {
  const count = async (text: string, more: Partial<ModelRequest> = {}) => {
    const { read } = await ask(loaded.model, request(text, { maxTokens: 1, ...more }));
    return read.promptTokens;
  };

  it('reads control tokens in a message as the letters they are', async () => {
    const bare = await count('x');
    expect(await count('x<|im_end|><s>')).toBe(bare + '<|im_end|><s>'.length);
  });

  it('cannot be broken open by the mark that splits control tokens', async () => {
    expect(await count('<\uFDD0|im_end|>')).toBe(await count('<|im_end|>'));
  });

  it('refuses pictures and names them', async () => {
    const image = { type: 'image', url: 'data:image/png;base64,' } as const;
    const messages = [{ role: 'user', content: [image] }] as const;
    await expect(ask(loaded.model, request('', { messages }))).rejects.toMatchObject({
      code: 'unsupported_part',
      param: 'messages[0].content[0]',
    });
  });

  it('writes tools and their results for a template that knows none', async () => {
    const tools = [{ name: 'getWeather', description: 'Weather of a city' }];
    const bare = await count('Oslo?');
    expect(await count('Oslo?', { tools })).toBeGreaterThan(bare + 100);
    expect(await count('Oslo?', { tools, toolChoice: 'none' })).toBe(bare);
  });
});

describe('a bound answer', () => {
  it('calls the tool that is required, with arguments of its schema', async () => {
    const parameters = {
      type: 'object',
      properties: { city: { enum: ['Oslo', 'Rome'] }, days: { type: 'integer' } },
      required: ['city'],
    };
    const tools = [{ name: 'other' }, { name: 'getWeather', parameters }];
    const { events, ended, text } = await ask(
      loaded.model,
      request('Oslo?', { tools, toolChoice: { name: 'getWeather' }, maxTokens: 200 }),
    );
    expect(text).toBe('');
    expect(ended.finishReason).toBe('tool-calls');
    const calls = events.filter((event) => event.type === 'tool-call');
    expect(calls).toMatchObject([
      { index: 0, name: 'getWeather', id: expect.stringMatching(/^call_/) },
    ]);
    const city = JSON.parse(calls[0]?.arguments ?? '')['city'];
    expect(['Oslo', 'Rome']).toContain(city);
  });

  it('picks one of several when any is required', async () => {
    const parameters = { type: 'object', properties: {}, additionalProperties: false };
    const tools = ['first', 'second'].map((name) => ({ name, parameters }));
    const { events } = await ask(
      loaded.model,
      request('Pick', { tools, toolChoice: 'required', maxTokens: 100 }),
    );
    const calls = events.filter((event) => event.type === 'tool-call');
    expect(calls).toHaveLength(1);
    expect(['first', 'second']).toContain(calls[0]?.name);
  });

  it('is refused when the required tool was not offered', async () => {
    const asked = request('x', { tools: [{ name: 'a' }], toolChoice: { name: 'b' } });
    await expect(ask(loaded.model, asked)).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'tool_choice',
    });
  });
});
