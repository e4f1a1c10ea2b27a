import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keepRows } from '../../src/learn/kept-rows.ts';

const hash = (text: string) => createHash('sha256').update(text).digest().readUInt32BE();
const WORDS = 'invoice train garden window doctor pencil river winter basket lantern'.split(' ');

/** Texts of four drawn words each, under two labels. */
function rowsOf(count: number, from = 0) {
  return Array.from({ length: count }, (_, at) => {
    const id = from + at;
    const words = [1, 10, 100, 1000].map((size) => WORDS[Math.floor(id / size) % 10]);
    return { text: `${words.join(' ')} ${id % 2 === 0 ? 'a' : 'b'}`, label: `label ${id % 2}` };
  });
}
const textsOf = (rows: readonly { readonly text: string }[]) =>
  new Set(rows.map((row) => row.text));

describe('keepRows', () => {
  it('keeps a fifth, and none of few rows', () => {
    const { taught, kept, near } = keepRows(rowsOf(5000), hash);
    expect(kept.length).toBeGreaterThan(900);
    expect(kept.length).toBeLessThan(1100);
    expect(taught.length + kept.length + near.length).toBe(5000);
    expect(keepRows(rowsOf(1999), hash)).toMatchObject({ kept: [], near: [] });
  });

  it('never moves a row from one side to the other, however the data grow', () => {
    const first = keepRows(rowsOf(3000), hash);
    for (const count of [4000, 9000]) {
      const next = keepRows(rowsOf(count), hash);
      const known = textsOf(first.taught);
      expect(
        next.kept.filter((row) => known.has(row.text)),
        `of ${count} rows`,
      ).toEqual([]);
    }
    const { kept } = keepRows(rowsOf(9900), hash);
    expect(kept.length).toBeLessThan(1700);
  });

  it('puts texts of the same words on one side', () => {
    const rows = rowsOf(3000);
    const again = rows.map((row) => ({ ...row, text: `${row.text.toUpperCase()} !!` }));
    const { taught, kept } = keepRows([...rows, ...again], hash);
    const upper = (found: typeof taught) => found.filter((row) => row.text.endsWith('!!'));
    expect(upper(kept).length).toBe(kept.length / 2);
    expect(upper(taught).length).toBe(taught.length / 2);
  });

  it('leaves out kept texts that are a word away from a taught one', () => {
    const long = (count: number, more: string) =>
      rowsOf(count).map((row, at) => ({
        ...row,
        text: `please ${row.text} ${at} ${more}${at % 7}x`,
      }));
    const twins = [...long(2000, 'soon'), ...long(2000, 'later')];
    const { taught, kept, near } = keepRows(twins, hash);
    const stem = (text: string) => text.split(' ').slice(0, -1).join(' ').replace(/\d+/g, '0');
    const known = new Set(taught.map((row) => stem(row.text)));
    expect(near.length).toBeGreaterThan(400);
    expect(kept.filter((row) => known.has(stem(row.text)))).toEqual([]);
  });

  it('keeps none of a small label', () => {
    const rows = [...rowsOf(3000), ...rowsOf(9, 9000).map((row) => ({ ...row, label: 'rare' }))];
    const { kept, taught } = keepRows(rows, hash);
    expect(kept.some((row) => row.label === 'rare')).toBe(false);
    expect(taught.filter((row) => row.label === 'rare')).toHaveLength(9);
  });
});
