import { describe, expect, it } from 'vitest';
import { adapterReport, isSameAnswer, type JudgedAnswer } from '../../src/learn/adapter-report.ts';

describe('an answer is right', () => {
  it.each([
    ['card arrival', ' card\n arrival ', true],
    ['card arrival', 'Card arrival', false],
    ['card arrival', 'card arrivals', false],
    ['{"a": 1, "b": [2, 3]}', '{"b":[2,3],"a":1}', true],
    ['{"a": 1, "b": [2, 3]}', '{"b":[3,2],"a":1}', false],
    ['{"a": {"c": null, "d": "x y"}}', '{ "a": {"d": "x y", "c": null} }', true],
    ['{"a": 1}', '{"a": "1"}', false],
    ['{"a": 1}', 'The answer is {"a": 1}', false],
    ['[not json', '[not  json', true],
  ])('%j as %j: %s', (wanted, given, right) => {
    expect(isSameAnswer(wanted, given)).toBe(right);
  });
});

const rows = (right: number, count: number, ms = 10): JudgedAnswer[] =>
  Array.from({ length: count }, (_, at) => ({ isRight: at < right, ms }));

describe('the report of an adapter', () => {
  const input = {
    rows: 900,
    leftOut: [],
    warnings: [],
    measuredOn: 'held-out',
    judged: rows(180, 200),
    instructions: [
      { place: 'system', length: 30, hash: 1 },
      { place: 'system', length: 40, hash: 2 },
    ],
    // All of the wrong ones have the second; three rows have another one.
    instructed: Array.from({ length: 200 }, (_, at) => (at < 140 ? 0 : at < 197 ? 1 : -1)),
    base: { id: 'base', judged: rows(2, 100) },
    bytes: 1000,
    seed: 1,
  } as const;

  it('tells its share with an interval, and that of the base as it is', () => {
    const report = adapterReport(input);
    expect(report).toMatchObject({ accuracy: 0.9, evaluationRows: 200, comparison: null });
    expect(report.accuracyLow).toBeCloseTo(0.8506, 3);
    expect(report.rungs.map((one) => [one.rung, one.accuracy])).toEqual([
      ['base', 0.02],
      ['adapter', 0.9],
    ]);
    expect(report.rungs[0]?.rows).toBe(100);
    expect(report.detectableGap).toBeGreaterThan(0.05);
  });

  it('tells its share for each instruction that rows enough have', () => {
    const second = { place: 'system', length: 40, hash: 2, rows: 57, accuracy: 40 / 57 };
    expect(adapterReport(input).instructions).toEqual([
      { place: 'system', length: 30, hash: 1, rows: 140, accuracy: 1 },
      second,
    ]);
    const few = { ...input, instructed: input.instructed.map((_, at) => (at < 19 ? 0 : 1)) };
    expect(adapterReport(few).instructions?.map((one) => one.hash)).toEqual([2]);
  });

  it('lets it pass only where rows that neither was taught show it', () => {
    const beside = (judged: (JudgedAnswer | undefined)[]) =>
      adapterReport({ ...input, incumbent: { version: 1, attempt: 1, bytes: 1000, judged } })
        .comparison;
    expect(beside(rows(140, 200))).toMatchObject({ verdict: 'better', passes: true, rows: 200 });
    expect(beside(rows(179, 200))?.passes).toBe(false);
    const known = rows(140, 200).map((one, at) => (at < 190 ? undefined : one));
    expect(beside(known)).toMatchObject({ rows: 10, passes: false });
  });
});
