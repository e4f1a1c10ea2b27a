import { describe, expect, it } from 'vitest';
import { drawSample, questionOf } from '../../src/learn/generalist-question.ts';

const row = (at: number) => ({ text: `text ${at}`, label: 'a', isRight: at % 2 === 0 });

it('draws the same 60 rows for the same seed', () => {
  const rows = Array.from({ length: 200 }, (_, at) => row(at));
  const drawn = drawSample(rows, 1);
  expect(new Set(drawn).size).toBe(60);
  expect(drawSample(rows, 1)).toEqual(drawn);
  expect(drawSample(rows, 2)).not.toEqual(drawn);
});

describe('an answer of the generalist', () => {
  it('is bound to the labels, and right where it is the row’s', () => {
    const { system, schema, isAnswer } = questionOf('intents', { labels: ['refund', 'delivery'] });
    expect(system).toContain('refund, delivery');
    expect(schema).toEqual({ type: 'string', enum: ['refund', 'delivery'] });
    expect(isAnswer(row(0), '"a"')).toBe(true);
    expect(isAnswer(row(0), '"b"')).toBe(false);
    expect(isAnswer(row(0), '"a')).toBe(false);
  });

  it('is right where it holds the same fields with the same values, in any order', () => {
    const fields = [
      { field: 'date', value: 'Friday' },
      { field: 'person', value: 'Ruth' },
    ];
    const wanted = { text: 'Ruth comes on Friday', label: JSON.stringify(fields), isRight: true };
    const given = (value: unknown) =>
      questionOf('extract', { labels: ['date', 'person'] }).isAnswer(wanted, JSON.stringify(value));
    expect(given(fields.toReversed())).toBe(true);
    expect(given(fields.slice(1))).toBe(false);
    expect(given([...fields, { field: 'place', value: 'Room 7' }])).toBe(false);
    expect(given([fields[0], { field: 'person', value: 'ruth' }])).toBe(false);
    expect(given({})).toBe(false);
  });
});
