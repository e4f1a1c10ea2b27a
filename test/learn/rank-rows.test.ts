import { describe, expect, it } from 'vitest';
import { readRankRows } from '../../src/learn/rank-rows.ts';

const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const good = [1, 2, 3, 4].flatMap((at) => [
  { query: `question ${at}`, passage: `answer ${at}`, relevant: 1 },
  { query: `question ${at}`, passage: `other ${at}`, relevant: 0 },
]);
const reasonsOf = (rows: readonly unknown[]) =>
  readRankRows('rows.jsonl', lines([...good, ...rows])).leftOut.map(
    ({ reason, count }) => `${count} ${reason}`,
  );

describe('rows for what orders passages', () => {
  it('come as pairs, with grades', () => {
    const { rows, pairs, leftOut } = readRankRows(
      'rows.jsonl',
      lines([...good, { query: 'Question 1', passage: 'a third', relevant: 2.5 }]),
    );
    expect([rows.length, pairs, leftOut]).toEqual([4, 9, []]);
    expect(rows[0]?.passages.map((one) => one.grade).sort()).toEqual([0, 1, 2.5]);
  });

  it('come as a query with passages that are relevant and such that are not', () => {
    const rows = [1, 2, 3, 4].map((at) => ({
      query: `question ${at}`,
      positive: `answer ${at}`,
      negatives: [`one ${at}`, { text: `two ${at}` }],
    }));
    const read = readRankRows('rows.jsonl', lines(rows));
    expect(read.rows[3]?.query).toBe('question 4');
    expect(new Set(read.rows[3]?.passages)).toEqual(
      new Set([
        { text: 'answer 4', grade: 1 },
        { text: 'one 4', grade: 0 },
        { text: 'two 4', grade: 0 },
      ]),
    );
  });

  it('stand in an order that does not tell which passage is relevant', () => {
    const rows = Array.from({ length: 400 }, (_, at) => ({
      query: `question ${at}`,
      positive: `answer ${at}`,
      negatives: [`one ${at}`, `two ${at}`, `three ${at}`],
    }));
    const read = readRankRows('rows.jsonl', lines(rows)).rows;
    const first = read.filter(({ passages }) => passages[0]?.grade === 1).length;
    // A quarter by chance; all 400 where the file's order stands.
    expect(first).toBeGreaterThan(70);
    expect(first).toBeLessThan(130);
    expect(readRankRows('rows.jsonl', lines(rows)).rows).toEqual(read);
  });

  it('come as a table', () => {
    const table = good.map((one) => `${one.query};"${one.passage}";${one.relevant === 1}`);
    const { rows, pairs } = readRankRows(
      'rows.csv',
      ['Question;Passage;Relevant', ...table].join('\n'),
    );
    expect([rows.length, pairs]).toEqual([4, 8]);
  });

  it('are left out, and told, where they teach nothing', () => {
    expect(
      reasonsOf([
        { query: 'nothing fits', passage: 'one', relevant: 0 },
        { query: 'all fit', passage: 'one', relevant: 1 },
        { query: 'question 1', passage: '  ', relevant: 1 },
        { query: '', passage: 'one', relevant: 1 },
        { query: 'question 1', passage: 'odd', relevant: 'perhaps' },
        { query: 'question 1', passage: 'worse', relevant: -1 },
        { query: 'question 2', passage: 'Answer 2', relevant: true },
      ]),
    ).toEqual([
      '1 an empty passage',
      '1 no query',
      '2 a grade that is no number from 0 on',
      '1 repeated',
      '1 a query without a relevant passage',
      '1 a query whose passages are all relevant',
    ]);
  });

  it('are left out of both sides where their grades contradict each other', () => {
    const { rows, leftOut } = readRankRows(
      'rows.jsonl',
      lines([
        ...good,
        ...good.map((row) => ({ ...row, query: `${row.query}0` })),
        {
          query: 'question 1',
          passage: 'other 1',
          relevant: 1,
        },
      ]),
    );
    expect(rows.map((row) => row.query)).not.toContain('question 1');
    expect(leftOut.map((one) => one.reason)).toEqual([
      'the same passage with another grade for the same query',
      'a query whose passages are all relevant',
    ]);
  });

  it.each([
    ['', 'is empty'],
    [lines([{ text: 'a', label: 'b' }]), 'its fields are “text”, “label”; write {"query"'],
    ['text,label\na,b', 'its fields are “text”, “label”'],
    ['query,passage,relevant', 'holds 0 queries'],
    [lines(good.slice(0, 2)), 'holds 1 queries with a relevant passage and another one'],
    [lines(good.map((row) => ({ ...row, relevant: 1 }))), 'all relevant (question 1)'],
  ])('say what is there instead: %s', (text, problem) => {
    expect(() => readRankRows('rows.jsonl', text)).toThrow(problem);
  });
});
