import { describe, expect, it } from 'vitest';
import { besides, figuresOf, judge } from '../../bench/lib/lora-figures.ts';
import { generatedTasks } from '../../bench/lib/lora-tasks.ts';

describe('an answer beside the truth', () => {
  const truth = '{"name":"play_music","arguments":{"what":"some jazz","room":"the hall"}}';

  it('is right in any order of names and with white space', () => {
    const answer = '{"arguments": {"room": "the hall", "what": "some jazz"}, "name": "play_music"}';
    expect(judge(answer, truth, 1)).toMatchObject({ exact: true, right: true });
  });

  it('is right without an article, but not exact', () => {
    const answer = '{"name":"play_music","arguments":{"what":"Jazz","room":"hall"}}';
    expect(judge(answer, truth, 1)).toMatchObject({ exact: false, right: true });
  });

  it.each([
    ['{"amount":"$410","people":"ten"}', '{"amount":"410","people":"10"}', true],
    ['{"amount":"$410"}', '{"amount":"$41"}', false],
  ])('%s and %s: by number %s, never right', (wanted, given, byNumber) => {
    expect(judge(given, wanted, 1)).toMatchObject({ right: false, rightByNumber: byNumber });
  });

  it.each([
    ['a value is missing', '{"name":"play_music","arguments":{"what":"some jazz"}}', 0.8],
    [
      'a value is too many',
      '{"name":"play_music","arguments":{"what":"some jazz","room":"the hall","day":"today"}}',
      0.857,
    ],
    [
      'values are exchanged',
      '{"name":"play_music","arguments":{"what":"the hall","room":"some jazz"}}',
      0.333,
    ],
    ['it is cut', '{"name":"play_music","argum', 0],
  ])('is wrong where %s', (_, answer, pairsF1) => {
    const judged = judge(answer, truth, 1);
    expect(judged).toMatchObject({ exact: false, right: false });
    expect(figuresOf([judged], 1)).toMatchObject({ pairsF1 });
  });

  it('is an empty object where nothing is to be said, and nothing else', () => {
    expect(judge('{}', '{}', 1).right).toBe(true);
    expect(judge('', '{}', 1).right).toBe(false);
    expect(judge('{"date":"today"}', '{}', 1).right).toBe(false);
  });

  it('is compared as a text where the truth is no JSON', () => {
    expect(judge('Card arrival\n', 'card arrival', 1).right).toBe(true);
    expect(judge('card', 'card arrival', 1).right).toBe(false);
  });
});

it('figures tell shares, pairs and the cost beside another', () => {
  const own = [judge('{"a":"1"}', '{"a":"1"}', 1), judge('{"a":"2"}', '{"a":"2"}', 1)];
  const other = [judge('{"a":"1"}', '{"a":"1"}', 9), judge('{"a":"3"}', '{"a":"2"}', 11)];
  expect(figuresOf(other, 1)).toMatchObject({
    right: 0.5,
    exact: 0.5,
    pairsF1: 0.5,
    f1OfEach: { a: 0.5 },
    cpuSecondsPerRow: 10,
  });
  expect(besides(own, other, 1)).toMatchObject({ difference: { value: 0.5 }, shareOfCpu: 0.1 });
});

it('no text, sentence or thing of the generated test rows is taught', () => {
  const tasks = generatedTasks(1);
  expect(tasks.map(({ name }) => name)).toEqual(['fields', 'tools']);
  for (const { train, test } of tasks) {
    expect(test).toHaveLength(300);
    const taught = new Set(train.map(({ text }) => text));
    expect(test.filter(({ text }) => taught.has(text))).toEqual([]);
  }
  const [fields, tools] = tasks;
  const taughtWords = JSON.stringify([fields?.train, tools?.train]);
  for (const name of ['Adeyemi', 'copper wire', 'Harbour Print', 'Tartu', 'Kind of Blue', 'Danish'])
    expect(taughtWords).not.toContain(name);
});
