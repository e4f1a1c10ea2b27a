import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import {
  ask,
  coder,
  decide,
  extract,
  frontier,
  general,
  grounded,
  hub,
  quick,
  rejectionOf,
  STARTER,
  spoke,
  topics,
  VERDICT,
} from './farm.ts';

describe('what a spoke may not serve', () => {
  it('label: a destination that policy refuses or did not judge', () => {
    const verdict = {
      ...VERDICT,
      label: 'secret' as const,
      destinations: [
        { destination: 'local', allowed: true, reason: 'stays here' },
        { destination: 'vendor', allowed: false, reason: 'cleared for public only' },
      ],
    };
    const elsewhere = spoke('elsewhere', { destination: 'nobody-judged-this' });
    const result = decide('hello', { spokes: [quick, frontier, elsewhere], verdict });
    expect(rejectionOf(result, 'frontier')).toEqual({
      id: 'frontier',
      code: 'label',
      reason: 'may not receive data labelled secret: cleared for public only',
    });
    expect(rejectionOf(result, 'elsewhere')?.code).toBe('label');
    expect(rejectionOf(result, 'quick')).toBeUndefined();
  });

  it('context-length: prompt and answer together, with the numbers', () => {
    const result = decide(ask('Explain this.', { maxTokens: 210 }), {
      spokes: [general, frontier],
      promptTokens: 5000,
    });
    expect(rejectionOf(result, 'general')).toEqual({
      id: 'general',
      code: 'context-length',
      reason: 'needs 5,210 tokens, holds 4,096',
    });
    expect(
      rejectionOf(decide('x', { spokes: [general], promptTokens: 3841 }), 'general')?.code,
    ).toBe('context-length');
    expect(
      rejectionOf(decide('x', { spokes: [general], promptTokens: 3840 }), 'general'),
    ).toBeUndefined();
  });

  it('modality: the beginning of an answer needs a spoke that goes on from it', () => {
    const begun = {
      messages: [
        { role: 'user' as const, content: textPart('List three.') },
        { role: 'assistant' as const, content: textPart('1.') },
      ],
    };
    const stubborn = spoke('stubborn', { continues: false });
    const spokes = [quick, stubborn];
    const rejection = (change: object) =>
      rejectionOf(decide(ask('', { ...begun, ...change }), { spokes }), 'stubborn');
    expect(rejection({ dialect: 'anthropic' })).toMatchObject({ code: 'modality' });
    expect(rejection({ dialect: 'ollama' })).toMatchObject({ code: 'modality' });
    // In OpenAI's dialect a new answer follows the old one.
    expect(rejection({})).toBeUndefined();
  });

  it('modality: images need sight, audio has no taker', () => {
    const image = ask('', {
      messages: [
        {
          role: 'user',
          content: [
            ...textPart('What is this?'),
            { type: 'image', url: 'data:image/png;base64,AA==' },
          ],
        },
      ],
    });
    const seen = decide(image, { spokes: [general, frontier] });
    expect(rejectionOf(seen, 'general')).toMatchObject({
      code: 'modality',
      reason: 'cannot see, the request has 1 image',
    });
    expect(rejectionOf(seen, 'frontier')).toBeUndefined();
    const audio = ask('', {
      messages: [{ role: 'user', content: [{ type: 'audio', data: 'AA==', format: 'wav' }] }],
    });
    expect(rejectionOf(decide(audio, { spokes: [frontier] }), 'frontier')?.code).toBe('modality');
  });

  it('tools: only while the caller lets them be called', () => {
    const tools = [{ name: 'getWeather' }, { name: 'getTime' }];
    const offered = decide(ask('Weather in Oslo?', { tools }), { spokes: [quick, general] });
    expect(rejectionOf(offered, 'quick')).toMatchObject({
      code: 'tools',
      reason: 'cannot call tools, the request offers 2',
    });
    expect(rejectionOf(offered, 'general')).toBeUndefined();
    const silent = decide(ask('Weather in Oslo?', { tools, toolChoice: 'none' }), {
      spokes: [quick],
    });
    expect(rejectionOf(silent, 'quick')).toBeUndefined();
  });

  it('schema: cited sentences, plans and foreign labels cannot be bound', () => {
    const request = ask('Name and age of Eva, 31?', {
      responseFormat: {
        type: 'json-schema',
        name: 'person',
        schema: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer' } },
        },
      },
    });
    const result = decide(request, {
      evidence: { strength: 0.9, collection: 'staff', required: false },
    });
    for (const id of ['grounded', 'grounded-large', 'hub', 'topics'])
      expect(rejectionOf(result, id)?.code, id).toBe('schema');
    for (const id of ['quick', 'general', 'extract'])
      expect(rejectionOf(result, id), id).toBeUndefined();
  });

  it('memory, not-installed and health, with the problem in words', () => {
    const result = decide('hello', {
      spokes: [
        quick,
        spoke('huge', { fits: false }),
        spoke('absent', { installed: false, problem: '40 % are fetched' }),
        spoke('broken', { healthy: false, problem: 'the process stopped twice' }),
      ],
    });
    expect(rejectionOf(result, 'huge')).toMatchObject({
      code: 'memory',
      reason: 'does not fit into the memory budget',
    });
    expect(rejectionOf(result, 'absent')).toMatchObject({
      code: 'not-installed',
      reason: 'is not installed: 40 % are fetched',
    });
    expect(rejectionOf(result, 'broken')).toMatchObject({
      code: 'health',
      reason: 'is out of order: the process stopped twice',
    });
  });

  it('budget: counts the longest answer that is allowed', () => {
    // 1,000 × $2.5/M + 2,000 × $10/M = $0.0225
    const request = ask('Write an essay about tea.', { maxTokens: 2000 });
    const over = decide(request, {
      spokes: [general, frontier],
      promptTokens: 1000,
      budgetLeft: 0.02,
    });
    expect(rejectionOf(over, 'frontier')).toMatchObject({
      code: 'budget',
      reason: 'may cost $0.0225, the budget has $0.0200 left',
    });
    const enough = decide(request, {
      spokes: [general, frontier],
      promptTokens: 1000,
      budgetLeft: 0.0226,
    });
    expect(rejectionOf(enough, 'frontier')).toBeUndefined();
    const twice = decide(
      { ...request, choiceCount: 2 },
      { spokes: [frontier], promptTokens: 1000, budgetLeft: 0.0226 },
    );
    expect(rejectionOf(twice, 'frontier')?.code).toBe('budget');
  });

  it('depth: no plan inside the third level', () => {
    const text = 'Summarise the report, translate it into French and draft a mail.';
    expect(rejectionOf(decide(text, { depth: 3 }), 'hub')).toMatchObject({
      code: 'depth',
      reason: 'may not plan at depth 3, the limit is 3',
    });
    expect(rejectionOf(decide(text, { depth: 2 }), 'hub')).toBeUndefined();
  });

  it('schema: a plan ends in one answer, not in several', () => {
    const text = 'Summarise the report, translate it into French and draft a mail.';
    expect(rejectionOf(decide(ask(text, { choiceCount: 2 })), 'hub')).toMatchObject({
      code: 'schema',
      reason: 'joins one answer out of its steps, the request asks for 2',
    });
    expect(rejectionOf(decide(ask(text, { choiceCount: 1 })), 'hub')).toBeUndefined();
  });

  it('no-evidence: a grounded spoke without documents or with foreign ones', () => {
    const text = 'How many vacation days does the handbook allow?';
    expect(rejectionOf(decide(text), 'grounded')?.code).toBe('no-evidence');
    const weak = decide(text, {
      evidence: { strength: 0.12, collection: 'recipes', required: false },
    });
    expect(rejectionOf(weak, 'grounded')?.reason).toBe(
      'answers only from documents: the best passage of recipes matches 0.12, 0.30 is needed',
    );
  });

  it('not-suited: JSON for a story, a spoke kept for code, one job for the hub', () => {
    const result = decide('Write a bedtime story about a fox who is afraid of snow.');
    expect(rejectionOf(result, 'extract')?.code).toBe('not-suited');
    expect(rejectionOf(result, 'coder')?.reason).toMatch(
      /^is kept for code; this looks like write \(/,
    );
    expect(rejectionOf(result, 'hub')?.reason).toBe('plans several jobs, the request has one');
    expect(rejectionOf(result, 'topics')?.code).toBe('not-suited');
  });

  it('rejects everything with a reason each instead of choosing', () => {
    const spokes = STARTER.map((one) => ({ ...one, installed: false }));
    const result = decide('hello', { spokes });
    expect('rejected' in result && result.rejected.map((one) => one.id).sort()).toEqual(
      spokes.map((one) => one.id).sort(),
    );
    expect(decide('hello', { spokes: [] })).toEqual({ rejected: [] });
  });

  it('asks a spoke that the request names, whatever it is kept for', () => {
    for (const one of [coder, extract, topics, hub, quick]) {
      const result = decide(ask('Tell me a story about a fox.', { model: one.id }), {
        spokes: [one],
      });
      expect('decision' in result && result.decision.reasons[0], one.id).toBe(
        'named by the request',
      );
    }
    const without = decide(ask('Tell me a story.', { model: 'grounded' }), { spokes: [grounded] });
    expect(rejectionOf(without, 'grounded')?.code).toBe('no-evidence');
  });
});
