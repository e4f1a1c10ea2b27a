import { expect, it } from 'vitest';
import type { LabelVote, TrafficText } from '../../src/core/labelling.ts';
import { poolTexts, rowsOfTraffic } from '../../src/learn/traffic-rows.ts';

const vote = (label: string, source: LabelVote['source'] = 'answer', at = 1): LabelVote => ({
  label,
  source,
  at,
});
const row = (at: number, text: string, ...votes: readonly LabelVote[]): TrafficText => ({
  id: `req_${at}`,
  at,
  text,
  votes,
  denied: [],
});
const same = (text: string) => text;
const pool = (...texts: readonly TrafficText[]) => poolTexts(texts, same);

it('believes a person before a tool, an escalation, a judge and an answer', () => {
  const said = [vote('a'), vote('b', 'judge'), vote('c', 'escalation'), vote('d', 'tool')];
  expect(pool(row(1, 'one', ...said, vote('e', 'human')))[0]?.chosen?.label).toBe('e');
  expect(pool(row(1, 'one', ...said))[0]?.chosen).toEqual({ label: 'd', source: 'tool' });
  const people = [vote('late', 'human', 9), vote('early', 'human', 2)];
  expect(pool(row(1, 'one', ...people))[0]?.chosen?.label).toBe('late');
  expect(pool(row(1, 'One  more', vote('a')), row(2, 'one more', vote('b')))).toMatchObject([
    { id: 'req_2', isDisputed: true },
  ]);
});

it('does not teach what a person denied, nor what sources of one rank dispute', () => {
  const denied = { ...row(1, 'one', vote('a')), denied: ['a'] };
  expect(pool(denied)[0]?.chosen).toBeUndefined();
  const disputed = rowsOfTraffic(pool(row(1, 'two', vote('a')), row(2, 'two', vote('b'))));
  expect(disputed.train).toEqual([]);
  expect(disputed.leftOut[0]).toMatchObject({ count: 1 });
});

it('measures on the latest rows, none of which is near a taught one', () => {
  const words = [
    'red',
    'dog',
    'sun',
    'key',
    'map',
    'cup',
    'fox',
    'bed',
    'jam',
    'net',
    'owl',
    'pie',
  ];
  const textOf = (at: number) =>
    [at, at * 7 + 1, at * 13 + 5, at * 29 + 2, at * 31 + 3]
      .map((one, place) => `${words[one % words.length]}${one}x${place}`)
      .join(' ');
  const rows = Array.from({ length: 600 }, (_, at) => row(at, textOf(at), vote(`l${at % 2}`)));
  const late = row(999, `${textOf(3)}!`, vote('l1'));
  const { train, test = [], sources } = rowsOfTraffic(pool(...rows, late));
  expect(test.length).toBeGreaterThan(100);
  expect(sources.answer).toBe(train.length + test.length);
  const taught = new Set(train.map((one) => one.text));
  expect(taught.has(textOf(0))).toBe(true);
  expect(test.every((one) => !taught.has(one.text))).toBe(true);
  expect(test.map((one) => one.text)).toContain(textOf(599));
  expect(test.map((one) => one.text)).not.toContain(late.text);
});
