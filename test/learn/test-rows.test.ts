import { expect, it } from 'vitest';
import { testRows } from '../../src/learn/test-rows.ts';

const cat = { text: 'it purrs', label: 'cat' };
const dog = { text: 'it barks', label: 'dog' };

it('counts a row that a test set repeats once, whatever its case and spacing', () => {
  const rows = [cat, { ...cat, text: 'It  purrs' }, cat, dog];
  const read = { rows, broken: new Map() };
  const { rows: kept, warnings } = testRows('t.csv', read, ['cat', 'dog'], () => false);
  expect(kept).toEqual([cat, dog]);
  expect(warnings).toEqual(['2 test rows repeat others and measure nothing more']);
});

it('leaves out what the training data hold too, and says each once', () => {
  const read = { rows: [cat, cat, dog], broken: new Map() };
  const { rows, warnings } = testRows('t.csv', read, ['cat', 'dog'], (text) => text === cat.text);
  expect(rows).toEqual([dog]);
  expect(warnings).toEqual(['2 test rows stand in the training data too and measure nothing']);
  expect(() => testRows('t.csv', read, ['cat', 'dog'], () => true)).toThrow('no row that');
});
