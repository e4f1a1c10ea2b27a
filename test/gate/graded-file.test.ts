import { describe, expect, it } from 'vitest';
import { readGradedFile } from '../../src/gate/graded-file.ts';
import { readModelList } from '../../src/gate/model-list.ts';

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('a file of graded requests', () => {
  it('keeps the first of equal prompts and counts the others', () => {
    const file = readGradedFile(
      lines(...['a', 'b', 'a'].map((prompt, at) => ({ prompt, scores: [at / 2, 1] }))),
    );
    expect(file.lines.map((line) => line.prompt)).toEqual(['a', 'b']);
    expect(file.duplicates).toBe(1);
  });

  it('takes the models of a list and tells the name of the file in errors', () => {
    const text = lines({ prompt: 'a', scores: { b: 1 } });
    const file = readGradedFile(text, { models: ['a', 'b'] });
    expect([file.models, file.lines[0]?.scores]).toEqual([
      ['a', 'b'],
      [Number.NaN, 1],
    ]);
    expect(() => readGradedFile(`${text}\n{`, { models: ['a', 'b'] }, 'past.jsonl')).toThrow(
      'past.jsonl:2 is not a JSON object',
    );
  });
});

describe('a list of models', () => {
  it('takes names, prices, and prices by input and output', () => {
    expect(readModelList('["a", "b"]')).toEqual({ models: ['a', 'b'] });
    expect(readModelList('{"a": 0.2, "b": {"input_price": 1, "output_price": 3}}')).toEqual({
      models: ['a', 'b'],
      prices: [0.2, 2],
    });
    expect(readModelList('{"models": ["b", "a"], "prices": {"a": 1, "b": 2}}')).toEqual({
      models: ['b', 'a'],
      prices: [2, 1],
    });
  });

  it.each([
    '{',
    '3',
    '["a", "a"]',
    '["a", 1]',
    '{"a": "cheap"}',
    '{"a": -1}',
    '{"models": ["a"], "prices": {}}',
  ])('refuses %s', (text) => {
    expect(() => readModelList(text)).toThrow('the list of models');
  });
});
