import { describe, expect, it } from 'vitest';
import { RecordSplitter } from '../../src/base/record-splitter.ts';
import { splitRecords } from '../../src/learn/example-tables.ts';

const TEXT =
  'text,label\r\n"one, two",a\n\n"with ""quotes"" and\na break",b\n"behind"it,c\nplain "in" it,d\nlast,e';

function split(text: string, size: number) {
  const splitter = new RecordSplitter(',');
  const records = [];
  for (let at = 0; at < text.length; at += size)
    records.push(...splitter.push(text.slice(at, at + size)));
  return [...records, ...splitter.end()];
}

describe('RecordSplitter', () => {
  it.each([1, 2, 3, 7, 1000])('reads pieces of %i characters as the whole text', (size) => {
    const records = split(TEXT, size);
    expect(records.map((record) => record.fields)).toEqual(
      splitRecords({ path: 'rows.csv', text: TEXT }),
    );
    expect(records.map((record) => record.line)).toEqual([1, 2, 4, 6, 7, 8]);
  });

  it('keeps each record as it stands', () => {
    expect(split(TEXT, 5).map((record) => record.raw)[2]).toBe('"with ""quotes"" and\na break",b');
  });

  it('names the line of a quote that is not closed', () => {
    expect(() => split('text,label\nfine,a\n"open,b\nmore,c\n', 4)).toThrow(/line 3/);
  });
});
