import { describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { type GivenAnswer, gradeAnswer, reportAnswers } from '../../src/learn/answer-report.ts';
import { readAnswerRows } from '../../src/learn/answer-rows.ts';

const given = (text: string, more: Partial<GivenAnswer> = {}): GivenAnswer => ({
  text,
  citations: [],
  removed: 0,
  ms: 1,
  ...more,
});

describe('readAnswerRows', () => {
  it('reads what a question may bring', () => {
    const rows = readAnswerRows(
      [
        '{"question":"How long?","answer":"5 days","documents":["leave.md"]}',
        '{"id":"b","question":"Who?","answers":["Ines","Ines Brandt"]}',
        '',
        '{"question":"What colour?","answerable":false}',
        '{"question":"How tall?","answer":null}',
        '{"question":"Why?"}',
      ].join('\n'),
      'q.jsonl',
    );
    expect(rows.map((row) => [row.id, row.gold, row.answerable])).toEqual([
      ['line-1', ['5 days'], true],
      ['b', ['Ines', 'Ines Brandt'], true],
      ['line-4', [], false],
      ['line-5', [], false],
      ['line-6', [], true],
    ]);
    expect(rows[0]?.documents).toEqual(['leave.md']);
  });

  it.each([
    ['{"question":"a"}\nno json', /q\.jsonl, line 2 is no JSON/],
    [
      '{"question":"a","anwser":"b"}',
      /line 1 has an unknown field `anwser`; did you mean `answer`/,
    ],
    ['{"answer":"b"}', /line 1 `question` must be text/],
    ['{"question":" "}', /line 1 `question` must be at least 1/],
    ['{"question":"a","answer":"b","answers":["c"]}', /line 1 has both/],
    ['{"question":"a","answer":"b","answerable":false}', /line 1 has an answer and is said not/],
    ['{"id":"x","question":"a"}\n{"id":"x","question":"b"}', /line 2 has the id `x` of line 1/],
    ['\n', /holds no question/],
    ['[1]', /line 1 must be a group of keys/],
  ])('refuses %s', (text, told) => {
    expect(() => readAnswerRows(text, 'q.jsonl')).toThrow(told);
    expect(() => readAnswerRows(text, 'q.jsonl')).toThrow(CadreError);
  });
});

describe('gradeAnswer and reportAnswers', () => {
  const [known, unknown, open] = readAnswerRows(
    [
      '{"question":"How long?","answer":"5 days","documents":["leave.md"]}',
      '{"question":"What colour?","answerable":false}',
      '{"question":"Why?"}',
    ].join('\n'),
    'q',
  );
  if (!known || !unknown || !open) throw new Error('three rows');

  it('tells right, wrong, declined and invented apart', () => {
    expect(gradeAnswer(known, given('It lasts 5 days.')).outcome).toBe('right');
    expect(gradeAnswer(known, given('It lasts 6 days.')).outcome).toBe('wrong');
    expect(gradeAnswer(known, given(' ', { reason: 'far' })).outcome).toBe('declined');
    expect(gradeAnswer(unknown, given('Blue.')).outcome).toBe('invented');
    expect(gradeAnswer(unknown, given('')).outcome).toBe('declined');
    expect(gradeAnswer(open, given('So it is.')).outcome).toBe('answered');
  });

  it('counts shown sentences without a source', () => {
    const text = 'It lasts 5 days. Ask Ines.';
    const cited = [{ path: 'leave.md', start: 0, end: 16 }];
    const result = gradeAnswer(known, given(text, { citations: cited, removed: 2 }));
    expect(result).toMatchObject({ sentences: 2, unsupported: 1, removed: 2, citesGold: true });
  });

  it('sums up, with the area under the curve of P(answerable)', () => {
    const report = reportAnswers([
      gradeAnswer(known, given('5 days', { answerability: 0.9 })),
      gradeAnswer({ ...known, id: 'd' }, given('', { answerability: 0.4 })),
      gradeAnswer(unknown, given('', { answerability: 0.1 })),
      gradeAnswer({ ...unknown, id: 'e' }, given('Blue.', { answerability: 0.5 })),
    ]);
    expect(report.answered).toMatchObject({ count: 1, of: 2, share: 0.5 });
    expect(report.invented).toMatchObject({ count: 1, of: 2 });
    expect(report.wrongOfShown).toMatchObject({ count: 1, of: 2 });
    expect(report.auroc).toBe(0.75);
    const strict = report.curve.find((point) => point.threshold > 0.5);
    expect(strict).toMatchObject({ answered: 0.5, right: 0.5, invented: 0 });
  });

  it('has no curve where nobody said how probable an answer is', () => {
    const report = reportAnswers([gradeAnswer(known, given('5 days'))]);
    expect(report.auroc).toBeUndefined();
    expect(report.curve).toEqual([]);
    expect(report.invented.of).toBe(0);
  });
});
