import { describe, expect, it } from 'vitest';
import { fieldDocuments } from '../../bench/lib/field-documents.ts';
import { readSpanTagger, tagSpans } from '../../src/base/span-tagger.ts';
import { makeExtract } from '../../src/learn/make-extract.ts';
import { readSpanRows } from '../../src/learn/span-rows.ts';

const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const inputOf = (rows: readonly unknown[]) => ({
  data: readSpanRows('rows.jsonl', lines(rows)),
  notes: [],
  seed: 1,
  source: 'test',
  cpuMs: () => 0,
});
const documents = fieldDocuments(1, 'train', 300);

describe('makeExtract', () => {
  it('finds fields of texts that it was not taught, and nothing where there is none', () => {
    const { bytes, report } = makeExtract(inputOf(documents));
    const found = tagSpans(
      readSpanTagger(bytes),
      'Invoice INV-4711\nFrom: Blue Lake Foods\nTotal: $12.50',
    );
    expect(found.map(({ label, start, end }) => [label, start, end])).toEqual([
      ['invoice_number', 8, 16],
      ['vendor', 23, 38],
      ['amount', 46, 52],
    ]);
    expect(tagSpans(readSpanTagger(bytes), 'Can you tell me how it works?')).toEqual([]);
    expect(tagSpans(readSpanTagger(bytes), '')).toEqual([]);
    const [all, ...each] = report.fields ?? [];
    expect(all).toMatchObject({ label: null });
    expect(all?.low).toBeLessThan(all?.f1 ?? 0);
    expect(each.map((one) => one.label)).toEqual(report.labels);
  });

  it('makes the same bytes of the same rows and seed', () => {
    const [one, other] = [makeExtract(inputOf(documents)), makeExtract(inputOf(documents))];
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
  });

  it('lets a better version pass beside the live one on rows that neither was taught', () => {
    const poor = makeExtract(inputOf(documents.slice(0, 8)));
    const test = fieldDocuments(2, 'train', 200);
    const incumbent = {
      version: 1,
      attempt: 1,
      model: readSpanTagger(poor.bytes),
      bytes: poor.bytes.length,
      knows: () => false,
    };
    const { report } = makeExtract({ ...inputOf(documents), test, incumbent });
    expect(report.comparison).toMatchObject({
      rows: 200,
      verdict: 'better',
      calibrationError: report.calibrationError,
    });
    expect(report.comparison?.incumbentCalibrationError).toBeGreaterThan(0);
  });
});

describe('readSpanRows', () => {
  const good = ['a 1', 'b 2', 'c 3', 'd 4'].map((text) => ({ text, fields: { number: text[2] } }));

  it('reads tables with a column per field', () => {
    const { rows } = readSpanRows(
      't.csv',
      'text,who\nAnn came,Ann\nBob left,Bob\nhi Cy,Cy\nnone,\n',
    );
    expect(rows[2]).toEqual({ text: 'hi Cy', spans: [{ start: 3, end: 5, label: 'who' }] });
    expect(rows[3]?.spans).toEqual([]);
  });

  it.each([
    [{ text: 'abc', spans: [{ start: 1, end: 9, label: 'x' }] }, 'a span outside of its text'],
    [{ text: 'abc', spans: [{ start: 1, end: 1, label: 'x' }] }, 'an empty span'],
    [{ text: 'abc', fields: { x: 'zz' } }, 'the value of “x” does not stand in the text'],
    [
      {
        text: 'abc',
        spans: [
          { start: 0, end: 2, label: 'x' },
          { start: 1, end: 3, label: 'y' },
        ],
      },
      'spans that overlap',
    ],
    [{ text: 'a 1', fields: {} }, 'the same text with other spans'],
  ])('leaves out %j', (row, reason) => {
    const more = { text: 'e 5', fields: { number: '5' } };
    const { leftOut } = readSpanRows('t.jsonl', lines([...good, more, row]));
    expect(leftOut[0]?.reason).toBe(reason);
  });

  it('tells how many rows come after the most that it learns from', () => {
    const many = Array.from({ length: 20_003 }, (_, at) => ({
      text: `number ${at}`,
      fields: { number: String(at) },
    }));
    const { rows, leftOut } = readSpanRows('t.jsonl', lines(many));
    expect(rows).toHaveLength(20_000);
    expect(leftOut).toMatchObject([{ count: 3 }]);
  });

  it('refuses what cannot be learnt from', () => {
    expect(() => readSpanRows('t.jsonl', lines(good.slice(0, 1)))).toThrow(/1 different texts/);
    expect(() => readSpanRows('t.jsonl', lines(Array(9).fill(good[0])))).toThrow(
      /8 left out: repeated/,
    );
    expect(() => readSpanRows('t.csv', 'a,b\n1,2\n')).toThrow(/needs a column `text`/);
  });
});
