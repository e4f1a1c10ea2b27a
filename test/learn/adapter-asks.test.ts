import { describe, expect, it } from 'vitest';
import { adapterAsks, type InstructedRow, shownRows } from '../../src/learn/adapter-asks.ts';

function row(at: number, instruction = 0, answer = `{"day": ${at}}`): InstructedRow {
  return {
    messages: [
      { role: 'system', content: `Job ${instruction}.` },
      { role: 'user', content: `It is day ${at}.` },
    ],
    answer,
    instruction,
  };
}

const judged = (rows: readonly InstructedRow[]) =>
  rows.map((one, at) => ({ ...one, isRight: at % 2 === 0 }));

describe('a row of an adapter, as another model is asked it', () => {
  const taught = [row(1), row(2), row(3), row(4), row(5, 1, 'yes')];

  it('comes after three that were taught with the same instruction', () => {
    expect(shownRows(taught)).toEqual([taught[0], taught[1], taught[2], taught[4]]);
    const [ask] = adapterAsks(judged([row(9)]), shownRows(taught), 1);
    expect(ask?.messages.map(({ content }) => content)).toEqual([
      'Job 0.',
      'It is day 1.',
      '{"day": 1}',
      'It is day 2.',
      '{"day": 2}',
      'It is day 3.',
      '{"day": 3}',
      'It is day 9.',
    ]);
    expect(ask).toMatchObject({ text: 'It is day 9.', isOwnRight: true });
  });

  it('is bound to JSON where all that is shown is, and right where it is the row’s', () => {
    const [json] = adapterAsks(judged([row(9)]), shownRows(taught), 1);
    expect(json?.schema).toEqual({ type: 'object' });
    expect(['{ "day": 9 }', '{"day": 8}'].map((given) => json?.isAnswer(given))).toEqual([
      true,
      false,
    ]);
    const [words] = adapterAsks(judged([row(9, 1, 'no')]), shownRows(taught), 1);
    expect(words).not.toHaveProperty('schema');
    expect(words?.isAnswer(' no')).toBe(true);
  });

  it('is shown no row that takes long to read', () => {
    const long = { ...row(1), answer: 'x'.repeat(1001) };
    expect(shownRows([long, row(2)])).toEqual([row(2)]);
  });
});
