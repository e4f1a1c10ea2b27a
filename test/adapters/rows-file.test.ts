import { expect, it } from 'vitest';
import { readRowsFile } from '../../src/adapters/sources/rows-file.ts';

it.each([
  ['text,label\na,b\nc\0,d\n', 'rows.csv is no text: line 3 holds a zero byte'],
  ['\0t\0e', 'rows.csv is no text: line 1 holds a zero byte'],
  ['PK\x03\x04', 'rows.csv is no text but a workbook or another archive'],
])('tells where a file of rows is no text: %j', (bytes, words) => {
  expect(() => readRowsFile(Buffer.from(bytes), 'rows.csv')).toThrow(words);
});
