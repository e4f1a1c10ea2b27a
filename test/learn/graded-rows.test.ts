import { describe, expect, it } from 'vitest';
import { readGradedRows, readGradedTest } from '../../src/learn/graded-rows.ts';

const good = Array.from({ length: 40 }, (_, at) => ({ text: `text ${at}`, score: 1 + (at % 5) }));
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const read = (rows: readonly unknown[]) => readGradedRows('t.jsonl', lines(rows), 1);

describe('readGradedRows', () => {
  it('reads tables, decimal commas and other names of the number', async () => {
    const table = good.map(({ text, score }) => `${text};${score},5`).join('\n');
    const { rows, scale } = await readGradedRows(
      't.csv',
      `review;stars\n`.replace('review', 'text') + table,
      1,
    );
    expect(rows[1]).toEqual({ text: 'text 1', grade: 2.5 });
    expect(scale).toEqual({ low: 1.5, high: 5.5, step: 1 });
  });

  it('tells steps from a scale without any', async () => {
    const even = good.map((row, at) => ({ ...row, score: (at % 5) / 4 }));
    expect((await read(even)).scale).toEqual({ low: 0, high: 1, step: 0.25 });
    const free = good.map((row, at) => ({ ...row, score: at * 0.137 }));
    expect((await read(free)).scale.step).toBeNull();
  });

  it.each([
    [{ text: 'a', score: null }, 'no number', 'row 41'],
    [{ text: 'a', score: 'good' }, 'not a number', 'row 41: “good”'],
    [{ text: 'a', score: 'NaN' }, 'not a number', 'row 41: “NaN”'],
    [{ text: 'a', score: '1e999' }, 'not a number', 'row 41: “1e999”'],
    [{ text: 'a', score: '1,234' }, 'not a number', 'row 41: “1,234”'],
    [{ text: '', score: 3 }, 'no text', 'row 41'],
    [{ text: 'a', score: 500 }, 'a number far outside', '500: “a”'],
    [{ text: 'text 0', score: 5 }, 'contradict each other', '1 and 5: “text 0”'],
    [{ text: 'text 0', score: 2 }, 'with their mean', '1 and 2: “text 0”'],
  ])('tells what is wrong with %j', async (row, reason, sample) => {
    const { leftOut, rows } = await read([...good, row]);
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]?.reason).toContain(reason);
    expect(leftOut[0]?.samples[0]).toContain(sample);
    expect(rows.every(({ grade }) => grade >= 1 && grade <= 5)).toBe(true);
  });

  it('gives a text that several people rated their mean', async () => {
    const { rows } = await read([...good, { text: 'TEXT  0', score: 2 }]);
    expect(rows[0]).toEqual({ text: 'text 0', grade: 1.5 });
  });

  it.each([
    [[good[0]], /1 different texts with a number; at least 10/],
    [Array(50).fill(good[0]), /1 different texts/],
    [good.map((row) => ({ ...row, score: 3 })), /gives every text the number 3/],
    [good.map((row) => ({ ...row, score: 'x' })), /40 left out: not a number \(row 1: “x”\)/],
    [good.map(({ text }) => ({ text })), /no row with a text and a score/],
  ])('refuses what cannot be learnt from', async (rows, words) => {
    await expect(read(rows)).rejects.toThrow(words);
  });

  it('refuses a table without a number’s column, and an empty file', async () => {
    await expect(readGradedRows('t.csv', 'text,who\na,b\n', 1)).rejects.toThrow(
      /no column for score/,
    );
    await expect(readGradedRows('t.csv', ' ', 1)).rejects.toThrow(/is empty/);
  });

  it('measures on no row that is taught', async () => {
    const { rows } = await readGradedTest('t.jsonl', lines(good), (text) => text !== 'text 7');
    expect(rows).toEqual([{ text: 'text 7', grade: 3 }]);
    await expect(readGradedTest('t.jsonl', lines(good), () => true)).rejects.toThrow(
      /no row with a number/,
    );
  });
});
