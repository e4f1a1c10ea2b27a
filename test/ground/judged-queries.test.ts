import { expect, it } from 'vitest';
import { readJudgedQueries } from '../../src/ground/judged-queries.ts';

const queries = {
  path: 'q.jsonl',
  text: '{"_id": "1", "text": "pump"}\n{"_id": "2", "text": "fan"}\n',
};

it('reads BEIR’s queries with their judgements, and pairs without these', () => {
  const judgements = {
    path: 'qrels.tsv',
    text: 'query\tdocument\tscore\n1\ta.md\t2\n1\tb.md\t0\n',
  };
  expect(readJudgedQueries(queries, judgements)).toEqual([
    { query: 'pump', documents: { 'a.md': 2 } },
  ]);
  const pair = (document: string) => `{"query": "pump", "document": "${document}"}\n`;
  const pairs = { path: 'p.jsonl', text: `${pair('a.md')}\n${pair('b.md')}` };
  expect(readJudgedQueries(pairs)).toEqual([
    { query: 'pump', documents: { 'a.md': 1, 'b.md': 1 } },
  ]);
});

it('says which line is wrong, and what to do', () => {
  expect(() => readJudgedQueries(queries)).toThrow(/q\.jsonl: line 1 .*--qrels/);
  const none = { path: 'qrels.tsv', text: '9\ta.md\t1\n' };
  expect(() => readJudgedQueries(queries, none)).toThrow(
    /qrels\.tsv: none of its queries is in q\.jsonl.*“9” is not “1”/,
  );
  const nought = { path: 'qrels.tsv', text: '1\ta.md\t0\n' };
  expect(() => readJudgedQueries(queries, nought)).toThrow(/qrels\.tsv: no line has a grade/);
});
