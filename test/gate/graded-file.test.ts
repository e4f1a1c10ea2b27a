import { describe, expect, it } from 'vitest';
import { readGradedFile } from '../../src/gate/graded-file.ts';
import { readModelList } from '../../src/gate/model-list.ts';

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('a file of graded requests', () => {
  it('reads scores as lists and as maps, with gaps, tasks, costs and conversations', () => {
    const list = readGradedFile(
      lines(
        { prompt: 'a', task: 'x', scores: [1, null], costs: [0.1, 2] },
        {
          messages: [
            { role: 'user', content: 'b' },
            { role: 'assistant', content: 'no' },
          ],
          scores: [0.5],
        },
        {
          messages: [{ role: 'user', content: [{ type: 'text', text: 'c' }] }],
          scores: [true, false],
        },
      ),
    );
    expect(list.models).toEqual(['model-1', 'model-2']);
    expect(list.lines).toEqual([
      { prompt: 'a', task: 'x', scores: [1, Number.NaN], costs: [0.1, 2] },
      { prompt: 'b', scores: [0.5, Number.NaN] },
      { prompt: 'c', scores: [1, 0] },
    ]);
    const map = readGradedFile(
      lines({ prompt: 'a', scores: { q: 1 } }, { prompt: 'b', scores: { z: 0 } }),
    );
    expect(map.models).toEqual(['q', 'z']);
    expect(map.lines.map((line) => line.scores)).toEqual([
      [1, Number.NaN],
      [Number.NaN, 0],
    ]);
  });

  it('keeps the first of equal prompts and counts the others', () => {
    const file = readGradedFile(
      lines(...['a', 'b', 'a'].map((prompt, at) => ({ prompt, scores: [at / 2, 1] }))),
    );
    expect(file.lines.map((line) => line.prompt)).toEqual(['a', 'b']);
    expect(file.duplicates).toBe(1);
  });

  it('reads the beginning of a prompt without end', () => {
    const [line] = readGradedFile(lines({ prompt: '长'.repeat(5_000_000), scores: [1, 0] })).lines;
    expect(line?.prompt).toHaveLength(64_000);
  });

  it.each([
    ['{', 'line 2: it is not JSON'],
    ['[]', 'line 2: it is not a JSON object'],
    [lines({ scores: [1, 0] }), 'line 2: it has neither a `prompt`'],
    [lines({ prompt: 'a' }), 'line 2: it has no `scores`'],
    [
      lines({ prompt: 'a', scores: [1.5, 0] }),
      'line 2: `scores` holds 1.5, not a number from 0 to 1',
    ],
    [lines({ prompt: 'a', scores: ['1', 0] }), 'line 2: `scores` holds "1"'],
    [lines({ prompt: 'a', scores: [1, 0, 1] }), 'line 2: `scores` has 3 entries for 2 models'],
    [lines({ prompt: 'a', scores: { c: 1 } }), 'line 2: `scores` names the model c'],
    [lines({ prompt: 'a', scores: [1, 0], costs: [-1, 0] }), 'line 2: `costs` holds -1'],
  ])('says what is wrong with %s', (line, words) => {
    const text = `${lines({ prompt: 'first', scores: [1, 0] })}\n${line}`;
    expect(() => readGradedFile(text, { models: ['a', 'b'] })).toThrow(words);
  });

  it('refuses a file without two models', () => {
    expect(() => readGradedFile(lines({ prompt: 'a', scores: [1] }))).toThrow(
      'two models at least',
    );
    expect(() => readGradedFile('')).toThrow('two models at least');
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
