import { describe, expect, it } from 'vitest';
import { textNumber } from '../../src/base/shingles.ts';
import { textPart } from '../../src/core/chat.ts';
import type { GateSpoke } from '../../src/gate/route.ts';
import { ask, chosen, decide, general, quick, rejectionOf, STARTER, spoke } from './farm.ts';

const SYSTEM = 'Give date and place of the text as JSON.';
const BEGINNING = 'Extract the invoice number:\n';
const TEXT = 'The board meets on Friday in Oslo.';

function job(place: 'system' | 'user', words: string, rate: number) {
  return { place, length: words.length, hash: textNumber(words), rate, rows: 300 } as const;
}

/** An adapter of the smallest model. */
function adapter(change: Partial<GateSpoke['measured']> = {}): GateSpoke {
  return spoke('fields', {
    ...quick,
    id: 'fields',
    modelId: `${quick.modelId}+0123456789ab`,
    tasks: ['taught'],
    measured: { rate: 0.8, rows: 320, jobs: [job('system', SYSTEM, 0.9)], ...change },
  });
}

const withAdapter = (change: Partial<GateSpoke['measured']> = {}) => [...STARTER, adapter(change)];

function asked(system: string, text = TEXT) {
  const messages = [
    { role: 'system' as const, content: textPart(system) },
    { role: 'user' as const, content: textPart(text) },
  ];
  return ask('', { messages });
}

describe('an adapter in the gate', () => {
  it('is chosen by what was measured where a request has the instruction of its rows', () => {
    const decision = chosen(asked(`${SYSTEM}\n`), { spokes: withAdapter() });
    expect(decision.spoke).toBe('fields');
    expect(decision.chosen.probability).toBeCloseTo(0.9, 6);
    expect(decision.reasons.join('\n')).toContain(
      'the request asks for what `fields` was made for: right in 0.90 of 300 rows',
    );
  });

  it.each([
    ['another instruction', asked(SYSTEM.replace('date', 'name'))],
    ['a longer one', asked(`${SYSTEM} And the time.`)],
    ['none', ask(TEXT)],
    ['the instruction as its text', ask(SYSTEM)],
  ])('is no choice for %s, and says why', (_, request) => {
    const result = decide(request, { spokes: withAdapter() });
    expect(rejectionOf(result, 'fields')?.reason).toContain('was taught another job');
    // Not even where nobody else may serve.
    const alone = decide(request, { spokes: [{ ...general, installed: false }, adapter()] });
    expect(rejectionOf(alone, 'fields')?.code).toBe('not-suited');
  });

  it('is known by how the user’s text begins', () => {
    const spokes = withAdapter({ jobs: [job('user', BEGINNING, 0.9)] });
    expect(chosen(`${BEGINNING}No. 12 of May`, { spokes }).spoke).toBe('fields');
    expect(chosen(`Please: ${BEGINNING}No. 12`, { spokes }).spoke).not.toBe('fields');
    expect(chosen(asked('Be brief.', `${BEGINNING}No. 12`), { spokes }).spoke).not.toBe('fields');
  });

  it('gives way to a model that was better on the same rows, and not to one that was worse', () => {
    const beside = (rate: number) => [{ model: general.modelId, rate, rows: 40 }];
    const jobs = [job('system', SYSTEM, 0.5)];
    const probability = (rate: number) => {
      const spokes = [general, adapter({ jobs, beside: beside(rate) })];
      const decision = chosen(asked(SYSTEM), { spokes });
      const other = decision.candidates.find((one) => one.spoke === 'general');
      return { spoke: decision.spoke, other: other?.probability };
    };
    expect(probability(0.3)).toEqual({ spoke: 'fields', other: 0.3 });
    expect(probability(0.7)).toEqual({ spoke: 'general', other: 0.7 });
    // Of other requests that says nothing.
    const spokes = [general, adapter({ jobs, beside: beside(0.01) })];
    expect(chosen(ask(TEXT), { spokes }).chosen.probability).toBeGreaterThan(0.1);
  });

  it('stands before cheaper spokes whose figure for the job is a guess, where it keeps the promise', () => {
    const GREET = 'Greet the customer as our house greets.';
    const quicker = { ...quick, secondsPerToken: 0.001, secondsPerPromptToken: 0.0001 };
    const withRate = (rate: number) => [quicker, adapter({ jobs: [job('system', GREET, rate)] })];
    const route = (rate: number) =>
      chosen(asked(GREET, 'Good morning!'), { spokes: withRate(rate), promise: 0.6 });
    const guess = route(0.9).candidates.find((one) => one.spoke === 'quick')?.probability;
    expect(guess).toBeGreaterThan(0.6);
    expect(route(0.9).spoke).toBe('fields');
    expect(route(0.3).spoke).toBe('quick');
  });

  it('answers whatever its caller asks who names it', () => {
    const decision = chosen({ ...ask('Write a poem.'), model: 'fields' }, { spokes: [adapter()] });
    expect(decision.chosen.probability).toBeCloseTo(0.8, 6);
  });

  it('is decided at once: checks that were made for other requests judge none of its answers', () => {
    const checks = { tasks: {}, rest: 2.5, shared: 0.4, agreeing: { right: 0.8, wrong: 0.2 } };
    const small = spoke('small', {
      modelId: 'qwen2.5-coder-0.5b-instruct-q4_k_m',
      secondsPerPromptToken: 0.001,
      secondsPerToken: 0.004,
    });
    const spokes = (rate: number) => [
      small,
      general,
      adapter({ jobs: [job('system', SYSTEM, rate)] }),
    ];
    const planOf = (request: typeof REQUEST, rate = 0.9) =>
      chosen(request, { spokes: spokes(rate), checks, promise: 0.7 }).plan;
    // The same spokes do plan a cascade for another request.
    expect(planOf(REQUEST)?.first).toBe('small');
    expect(planOf(asked(SYSTEM))).toBeUndefined();
    expect(planOf(asked(SYSTEM), 0.1)?.first).not.toBe('fields');
  });
});

const REQUEST = ask('Sort these lines alphabetically.\n\npear\napple');
