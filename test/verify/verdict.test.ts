import { describe, expect, it } from 'vitest';
import { textPart } from '../../src/core/chat.ts';
import type { Passage } from '../../src/core/evidence.ts';
import { isDeclined, readMarks } from '../../src/verify/citation-marks.ts';
import { SupportJudge } from '../../src/verify/support.ts';
import { type AnswerToJudge, confidenceOf, judgeAnswer } from '../../src/verify/verdict.ts';

const PASSAGES: readonly Passage[] = [
  {
    chunkId: 'c1',
    score: 1,
    lexicalScore: 1,
    sentences: ['The library closes at 14:00 on Saturdays.', 'A card costs 12 euros a year.'].map(
      (text, index) => ({
        number: index + 1,
        text,
        collection: 'docs',
        documentId: 'd',
        documentVersion: 1,
        path: 'library.md',
        headings: [],
        start: 0,
        end: text.length,
      }),
    ),
  },
];

function answer(text: string, more: Partial<AnswerToJudge> = {}): AnswerToJudge {
  return {
    request: {
      model: 'auto',
      messages: [{ role: 'user', content: textPart('When does the library close on Saturday?') }],
      sampling: {},
    },
    text,
    finishReason: 'stop',
    toolCalls: [],
    passages: [],
    prior: 0.6,
    ...more,
  };
}

const failing = (judged: ReturnType<typeof judgeAnswer>) =>
  judged.checks.filter((check) => !check.passed).map((check) => check.check);

describe('judgeAnswer', () => {
  it('leaves the prior of a plain answer as it is', () => {
    const judged = judgeAnswer(answer('At two in the afternoon.'));
    expect(failing(judged)).toEqual([]);
    expect(judged.confidence).toBeCloseTo(0.6, 5);
  });

  it.each([
    ['a cut answer', answer('At two in', { finishReason: 'length' }), 'truncation'],
    ['a refusal', answer('I cannot answer that.'), 'refusal'],
    ['a wrong sum', answer('12 + 2 = 15'), 'arithmetic'],
    [
      'no JSON',
      answer('hello', { request: { ...answer('').request, responseFormat: { type: 'json' } } }),
      'schema',
    ],
    [
      'an unknown tool',
      answer('', { toolCalls: [{ id: 'a', name: 'rm', arguments: '{}' }] }),
      'tool-call',
    ],
    [
      'an unsupported sentence',
      answer('It closes at noon in winter.', { passages: PASSAGES }),
      'support',
    ],
    [
      'an invented number',
      answer('The library closes at 15:00 on Saturdays.', { passages: PASSAGES }),
      'numbers',
    ],
    ['improbable tokens', answer('At two.', { meanLogprob: -2 }), 'confidence'],
  ])('lowers the confidence for %s', (_, given, check) => {
    const judged = judgeAnswer(given);
    expect(failing(judged)).toContain(check);
    expect(judged.confidence).toBeLessThan(0.45);
  });

  it('raises it for an answer that the evidence supports', () => {
    const judged = judgeAnswer(
      answer('The library closes at 14:00 on Saturdays. [1]', { passages: PASSAGES }),
    );
    expect(failing(judged)).toEqual([]);
    expect(judged.confidence).toBeGreaterThan(0.6);
  });

  it('does not check prose where JSON was asked for', () => {
    const request = {
      ...answer('').request,
      responseFormat: {
        type: 'json-schema',
        name: 'x',
        schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      },
    } as const;
    const judged = judgeAnswer(answer('{"a":"I cannot help"}', { request }));
    expect(failing(judged)).toEqual([]);
  });

  it.each(['', '\ud800', ' '.repeat(1000), 'word '.repeat(200_000)])('survives %#', (text) => {
    const { confidence } = judgeAnswer(answer(text, { passages: PASSAGES }));
    expect(confidence).toBeGreaterThan(0);
    expect(confidence).toBeLessThan(1);
  });
});

describe('confidenceOf', () => {
  it('is the prior without checks and stays inside its bounds', () => {
    expect(confidenceOf([], 0.7)).toBeCloseTo(0.7, 6);
    const bad = Array.from({ length: 9 }, () => ({
      check: 'schema' as const,
      passed: false,
      score: 0,
      detail: '',
    }));
    expect(confidenceOf(bad, 0.99)).toBe(0.001);
    expect(confidenceOf([], Number.NaN)).toBeCloseTo(0.5, 6);
  });
});

describe('SupportJudge', () => {
  const judge = new SupportJudge([
    'The observatory was founded in 1931 by Marta Lindqvist.',
    'Sales of the telescope increased during the war.',
  ]);

  it.each([
    ['Marta Lindqvist founded the observatory in 1931.', true],
    ['Telescope sales increased in the war.', true],
    ['Sales of the telescope decreased during the war.', false],
    ['Sales of the telescope did not increase during the war.', false],
    ['Marta Lindqvist founded the observatory in 1932.', false],
    ['The observatory was founded in 1931 by Paul Lindqvist.', false],
    ['Volcanoes erupt without warning.', false],
  ])('%s', (claim, supported) => {
    expect(judge.judgeByWords(claim, 0.5).check.passed).toBe(supported);
  });

  it('supports nothing without evidence', () => {
    expect(new SupportJudge([]).judgeByWords('Anything goes here.', 0.5)).toMatchObject({
      score: 0,
      best: -1,
    });
  });

  it('cites both sentences of a claim that joins them', () => {
    const both = judge.judgeByWords(
      'Marta Lindqvist founded the observatory, and sales of the telescope increased during the war.',
      0.3,
    );
    expect([...both.carriers].sort()).toEqual([0, 1]);
  });
});

describe('citation marks', () => {
  const known = new Set([1, 2, 3]);

  it.each([
    ['A card costs 12 euros. [2]', 'A card costs 12 euros.', [2]],
    ['A card costs 12 euros [1, 3].', 'A card costs 12 euros.', [1, 3]],
    ['A card costs 12 euros [1-3].', 'A card costs 12 euros.', [1, 2, 3]],
    ['A card costs 12 euros (2).', 'A card costs 12 euros.', [2]],
    ['A card costs 12 euros [sentence 2].', 'A card costs 12 euros.', [2]],
    ['A card costs 12 euros【2】', 'A card costs 12 euros', [2]],
    ['A card costs 12 euros [9].', 'A card costs 12 euros.', []],
    ['Since then (2024).', 'Since then (2024).', []],
    ['Options (2) and more.', 'Options (2) and more.', []],
    ['An array a[i] is fine.', 'An array a[i] is fine.', []],
  ])('%s', (source, text, numbers) => {
    expect(readMarks(source, known)).toEqual({ text, numbers });
  });

  it.each([
    ['NOT IN DOCUMENTS', true],
    ['Not in documents.', true],
    ['The sentences do not contain the answer.', true],
    ['The price is not mentioned in the document.', true],
    ['No sentence mentions a captain.', true],
    ['Lunch is not provided.', false],
    ['The file is not in the folder.', false],
  ])('%s → declined %s', (text, declined) => {
    expect(isDeclined(text)).toBe(declined);
  });
});
