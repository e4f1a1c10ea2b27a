import { describe, expect, it } from 'vitest';
import type { GradeReport } from '../../src/core/grade-report.ts';
import { asksOf, drawSample } from '../../src/learn/generalist-question.ts';

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
    const [ask] = asksOf('intents', { labels: ['refund', 'delivery'] }, [row(0)]);
    expect(ask?.messages[0]?.content).toContain('refund, delivery');
    expect(ask?.messages[1]).toEqual({ role: 'user', content: 'text 0' });
    expect(ask?.schema).toEqual({ type: 'string', enum: ['refund', 'delivery'] });
    expect(ask?.isOwnRight).toBe(true);
    expect(['"a"', '"b"', '"a'].map((given) => ask?.isAnswer(given))).toEqual([true, false, false]);
  });

  it('is right where it holds the same fields with the same values, in any order', () => {
    const fields = [
      { field: 'date', value: 'Friday' },
      { field: 'person', value: 'Ruth' },
    ];
    const wanted = { text: 'Ruth comes on Friday', label: JSON.stringify(fields), isRight: true };
    const [ask] = asksOf('extract', { labels: ['date', 'person'] }, [wanted]);
    const given = (value: unknown) => ask?.isAnswer(JSON.stringify(value));
    expect(given(fields.toReversed())).toBe(true);
    expect(given(fields.slice(1))).toBe(false);
    expect(given([...fields, { field: 'place', value: 'Room 7' }])).toBe(false);
    expect(given([fields[0], { field: 'person', value: 'ruth' }])).toBe(false);
    expect(given({})).toBe(false);
  });

  it('is a number of the scale as the examples show, right within the tolerance', () => {
    const scale = { low: 1, high: 5, step: 1, tolerance: 0.5 };
    const shown = [{ text: 'all was well', label: '5' }];
    const wanted = { text: 'it was fine', label: '3.5', isRight: true };
    const askOf = (told: Partial<GradeReport>, label = '3.5') =>
      asksOf('score', { labels: [], grades: gradesOf({ ...scale, ...told }), shown }, [
        { ...wanted, label },
      ])[0];
    const system = askOf({})?.messages[0]?.content;
    expect(system).toContain('from 1 to 5');
    expect(system).toContain('"all was well" → 5');
    expect(askOf({})?.schema).toEqual({ enum: [1, 2, 3, 4, 5] });
    expect(['3', '4', '2', '"4"', ''].map((given) => askOf({})?.isAnswer(given))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(askOf({ step: null })?.schema).toEqual({ type: 'number' });
    // Within .05 as a specialist's own answer would be, though the computer makes it a little more.
    expect(askOf({ step: 0.1, tolerance: 0.05 }, '4.1')?.isAnswer('4.15')).toBe(true);
  });
});

function gradesOf(scale: Pick<GradeReport, 'low' | 'high' | 'step' | 'tolerance'>): GradeReport {
  const [meanError, meanErrorLow, meanErrorHigh, plainError] = [0, 0, 0, 0];
  const [rankCorrelation, rankCorrelationLow, rankCorrelationHigh] = [0, 0, 0];
  const errors = { meanError, meanErrorLow, meanErrorHigh, plainError };
  return { ...scale, ...errors, rankCorrelation, rankCorrelationLow, rankCorrelationHigh };
}
