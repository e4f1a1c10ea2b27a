import { describe, expect, it } from 'vitest';
import { splitRows } from '../../src/learn/data-split.ts';
import { nearOf, plainRows, tableOf } from './row-tables.ts';

const TRAIN = 0;
const TEST = 1;
const LEFT_OUT = 2;

function split(
  rows: readonly (readonly [string, string])[],
  more: Partial<Parameters<typeof splitRows>[0]> = {},
) {
  const table = tableOf(rows);
  const near = nearOf(table);
  return { table, near, ...splitRows({ table, near, share: 0.3, seed: 4, by: 'row', ...more }) };
}

/** Texts that are like no other. */
const unlike = Array.from({ length: 1500 }, (_, at): [string, string] => [
  [1, 2, 3, 4].map((turn) => ((at + 11) * 7919 * turn * turn).toString(36)).join(' '),
  at % 3 === 0 ? 'a' : 'b',
]);

describe('splitRows', () => {
  it('puts near rows on one side, or in none', () => {
    const { near, sides, table } = split(plainRows());
    for (let row = 0; row < table.length; row += 1)
      for (const { other } of near.earlier(row)) {
        const both = [sides[row], sides[other]];
        expect(both.includes(LEFT_OUT) || both[0] === both[1]).toBe(true);
      }
    expect(new Set(sides).size).toBeGreaterThan(1);
  });

  it('draws each label at the wanted rate', () => {
    for (const { train, test } of split(unlike).labels)
      expect(test / (train + test)).toBeCloseTo(0.3, 1);
  });

  it('moves no row when rows are added behind', () => {
    const rows = [...unlike.slice(0, 500), ...plainRows()];
    const before = split(rows).sides;
    const after = split([...rows, ...unlike.slice(500, 900), ...plainRows()]).sides;
    expect(after.slice(0, rows.length)).toEqual(before);
  });

  it('moves no row that is like no other, wherever rows are added', () => {
    const before = split(unlike.slice(600)).sides;
    expect(split(unlike).sides.slice(600)).toEqual(before);
    expect(split(unlike, { seed: 5 }).sides).not.toEqual(split(unlike).sides);
  });

  it('keeps a group on one side', () => {
    const { sides } = split(unlike, { by: 'group', groupOf: (row) => `g${row % 40}` });
    for (let group = 0; group < 40; group += 1) {
      const own = new Set([...sides].filter((_, row) => row % 40 === group));
      expect(own.size).toBe(1);
    }
    expect(new Set(sides)).toEqual(new Set([TRAIN, TEST]));
  });

  it('tests on the latest rows, without those that are near earlier ones', () => {
    const rows: [string, string][] = [...unlike.slice(0, 9), [unlike[0]?.[0] ?? '', 'a']];
    const times = Float64Array.from(rows, (_, at) => at);
    const { sides, cut } = split(rows, { by: 'time', times });
    expect([...sides]).toEqual([...Array(7).fill(TRAIN), TEST, TEST, LEFT_OUT]);
    expect(cut).toBe(7);
    const moved = split(rows, { by: 'time', times, cut: 4 });
    expect([...moved.sides].filter((side) => side === TEST)).toHaveLength(5);
  });
});
