import { describe, expect, it } from 'vitest';
import { countsOf, curateRows, ROWS_MOST } from '../../src/learn/curated-rows.ts';
import { isOneLetterApart, likeLabels } from '../../src/learn/like-labels.ts';

const rowsOf = (pairs: readonly (readonly [string, string])[]) => ({
  rows: pairs.map(([text, label]) => ({ text, label })),
  broken: new Map<string, readonly number[]>(),
});
const FINE = [
  ['one', 'a'],
  ['two', 'a'],
  ['three', 'b'],
  ['four', 'b'],
] as const satisfies readonly (readonly [string, string])[];

describe('curateRows', () => {
  it('leaves out what contradicts, repeats or stands alone, and says so', () => {
    const { rows, labels, leftOut } = curateRows(
      'rows',
      rowsOf([...FINE, ['ONE ', 'a'], ['both', 'a'], ['Both', 'b'], ['alone', 'c']]),
      1,
    );
    expect(rows.map((row) => row.text)).toEqual(['one', 'two', 'three', 'four']);
    expect(labels).toEqual(['a', 'b']);
    expect(leftOut).toEqual([
      { reason: 'the same text under several labels', count: 2, samples: ['a and b: “both”'] },
      { reason: 'repeated', count: 1, samples: [] },
      { reason: 'the only text of its label', count: 1, samples: ['c'] },
    ]);
  });

  it.each([
    ['one row', [['a', 'x']], 'holds 1 row with'],
    ['one label', [...FINE.map(([text]) => [text, 'a'] as const)], 'names one label, “a”'],
    [
      'two classes with one row each',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
      'at least 4 are needed',
    ],
    [
      'single rows alone',
      [
        ['a', 'w'],
        ['b', 'x'],
        ['c', 'y'],
        ['d', 'z'],
      ],
      'fewer than two labels with two of them; 4 labels are named',
    ],
    [
      'the same text everywhere',
      [
        ['a', 'x'],
        ['a', 'y'],
        ['a', 'x'],
        ['a', 'y'],
      ],
      'has the same text in all rows',
    ],
    ['a text as its label', [...FINE, ['a', 'b'.repeat(300)] as const], 'is the right column'],
  ])('refuses %s', (_name, pairs, problem) => {
    expect(() =>
      curateRows('rows.csv', rowsOf(pairs as readonly (readonly [string, string])[]), 1),
    ).toThrow(problem);
  });

  it('draws evenly by label from a million rows, the same ones with the same seed', () => {
    const many = rowsOf(
      Array.from({ length: 1_000_000 }, (_, at) => [`text ${at}`, at < 5000 ? 'few' : 'many']),
    );
    const first = curateRows('rows', many, 7);
    expect(first.rows).toHaveLength(ROWS_MOST);
    expect(countsOf(first.rows).get('few')).toBe(5000);
    expect(first.leftOut).toMatchObject([{ count: 1_000_000 - ROWS_MOST }]);
    expect(curateRows('rows', many, 7).rows).toEqual(first.rows);
    expect(curateRows('rows', many, 8).rows).not.toEqual(first.rows);
  }, 60_000);

  it('says when texts are in several languages', () => {
    const english = 'the card that is in my name has not come to the house';
    const german = 'die Karte die auf den Namen der Frau ist und nicht mit der Post kam';
    const { warnings } = curateRows(
      'rows',
      rowsOf([
        [`${english} a`, 'a'],
        [`${english} b`, 'a'],
        [`${german} a`, 'b'],
        [`${german} b`, 'b'],
        ['где моя карта', 'b'],
      ]),
      1,
    );
    expect(warnings.join()).toMatch(/en 40 %, de 40 %, Cyrillic script 20 %/);
  });
});

describe('likeLabels', () => {
  it('finds labels that are one but for spelling', () => {
    const counts = new Map([
      ['card arrival', 90],
      ['Card_Arrival', 40],
      ['refund', 80],
      ['refnud', 2],
      ['tier 1', 50],
      ['tier 2', 1],
      ['cat', 9],
      ['car', 1],
    ]);
    const found = likeLabels(counts).join('\n');
    expect(found).toContain('“Card_Arrival” (40 rows) and “card arrival” (90)');
    expect(found).toContain('“refnud” (2 rows) and “refund” (80)');
    expect(likeLabels(counts)).toHaveLength(2);
  });

  it('takes labels that are both frequent for two', () => {
    expect(
      likeLabels(
        new Map([
          ['lending', 90],
          ['sending', 80],
        ]),
      ),
    ).toEqual([]);
    expect(isOneLetterApart('lending', 'sending')).toBe(true);
    expect(isOneLetterApart('lending', 'landings')).toBe(false);
  });
});
