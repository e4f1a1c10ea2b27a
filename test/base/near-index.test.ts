import { describe, expect, it } from 'vitest';
import { NearIndex } from '../../src/base/near-index.ts';
import { seededRandom } from '../../src/base/random.ts';
import { overlap, plainWords, shinglesOf } from '../../src/base/shingles.ts';

const random = seededRandom(5);
const word = () => `w${Math.floor(random() * 400).toString(36)}x`;
const texts = Array.from({ length: 600 }, () => Array.from({ length: 9 }, word).join(' '));
/** Every text comes back once with one word changed. */
const copies = texts.map((text) => text.replace(/ \S+$/, ' other'));
const all = [...texts, ...copies];
const setOf = (text: string) => shinglesOf(plainWords(text));

function findAll(least: number) {
  const index = new NearIndex(all.length, least, (row) => all[row] ?? '');
  return all.map((text, row) => index.add(row, plainWords(text), (other) => other));
}

describe('NearIndex', () => {
  it('finds nearly all pairs that a comparison of all with all finds, and no other', () => {
    const sets = all.map(setOf);
    const found = findAll(0.6).flatMap((near, row) => near.map((one) => `${row}:${one.row}`));
    const wanted = sets.flatMap((set, row) =>
      sets
        .slice(0, row)
        .flatMap((other, at) => (overlap(set, other) >= 0.6 ? [`${row}:${at}`] : [])),
    );
    expect(wanted.length).toBeGreaterThan(300);
    expect(found.filter((pair) => !wanted.includes(pair))).toEqual([]);
    expect(found.length / wanted.length).toBeGreaterThan(0.97);
  });

  it('finds the same in the same rows', () => {
    expect(findAll(0.6)).toEqual(findAll(0.6));
  });

  it('looks at few of very many rows that are alike', () => {
    let read = 0;
    const alike = Array.from(
      { length: 2000 },
      (_, at) => `the order ${at} was sent to the customer`,
    );
    const index = new NearIndex(alike.length, 0.99, (row) => {
      read += 1;
      return alike[row] ?? '';
    });
    alike.forEach((text, row) => {
      index.add(row, plainWords(text), (other) => other);
    });
    expect(read / alike.length).toBeLessThan(21 * 8);
  });
});

describe('plainWords', () => {
  it.each([
    ['How do I pay?', 'how do i  PAY!'],
    ['Ｈｅｌｌｏ', 'hello'],
  ])('takes %s and %s for one text', (one, other) => {
    expect(plainWords(one)).toEqual(plainWords(other));
  });

  it('tells texts without letters apart', () => {
    expect(plainWords('👍')).not.toEqual(plainWords('👎'));
  });
});
