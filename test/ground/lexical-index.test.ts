import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { expandedLeg } from '../../src/ground/leg.ts';
import { LEXICAL_DEFAULTS, LexicalIndex } from '../../src/ground/lexical-index.ts';

const word = fc.constantFrom('pump', 'valve', 'red', 'blue', 'steel', 'bar', 'motor', 'lamp');
const list = fc.array(word, { minLength: 1, maxLength: 12 });

/** BM25 written down plainly, from the formula; a removed document is undefined. */
function referenceScores(
  documents: readonly (readonly string[] | undefined)[],
  query: readonly string[],
): number[] {
  const { k1, b } = LEXICAL_DEFAULTS;
  const living = documents.filter((one) => one !== undefined);
  const average = living.reduce((sum, one) => sum + one.length, 0) / living.length;
  const idfs = new Map<string, number>();
  for (const term of new Set(query)) {
    const n = living.filter((one) => one.includes(term)).length;
    idfs.set(term, n === 0 ? 0 : Math.log(1 + (living.length - n + 0.5) / (n + 0.5)));
  }
  return documents.map((terms) => {
    if (terms === undefined) return 0;
    let score = 0;
    for (const [term, idf] of idfs) {
      const frequency = terms.filter((one) => one === term).length;
      score += (idf * frequency) / (frequency + k1 * (1 - b + (b * terms.length) / average));
    }
    return Math.fround(score);
  });
}

function referenceTop(scores: readonly number[], count: number): number[] {
  return [...scores.keys()]
    .filter((place) => (scores[place] ?? 0) > 0)
    .sort((left, right) => (scores[right] ?? 0) - (scores[left] ?? 0) || left - right)
    .slice(0, count);
}

/** Words as frequent as in real text: the n-th is drawn in proportion to 1 / n. */
function zipfWord(random: () => number): string {
  return `w${Math.floor(2000 ** random())}`;
}

describe('LexicalIndex', () => {
  it('names the best of all living places, with the scores that the formula gives', () => {
    const step = fc.record({ terms: list, removed: fc.option(fc.nat(40), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), list, fc.nat(20), (steps, query, count) => {
        const index = new LexicalIndex();
        const documents: (readonly string[] | undefined)[] = [];
        for (const { terms, removed } of steps) {
          index.add(terms);
          documents.push(terms);
          if (removed === undefined || removed >= documents.length) continue;
          index.remove(removed);
          documents[removed] = undefined;
        }
        const expected = referenceScores(documents, query);
        const prepared = index.prepare(query);
        const top = index.topK(prepared, count);
        expect(top.map((one) => one.place)).toEqual(referenceTop(expected, count));
        for (const { place, score } of top) expect(score).toBeCloseTo(expected[place] ?? 0, 5);
        for (const place of documents.keys())
          expect(index.scoreOf(prepared, place)).toBeCloseTo(expected[place] ?? 0, 5);
      }),
    );
  });

  it('names the same places as scoring every one does, over ranges, removals and wishes', () => {
    const random = seededRandom(7);
    const index = new LexicalIndex();
    const documents: (readonly string[] | undefined)[] = [];
    for (let round = 0; round < 60; round += 1) {
      for (let added = 0; added < 40 + round * 3; added += 1) {
        const length = 5 + Math.floor(60 * random() ** 2);
        const terms = Array.from({ length }, () => zipfWord(random));
        index.add(terms);
        documents.push(terms);
      }
      const gone = Math.floor(random() * documents.length);
      index.remove(gone);
      documents[gone] = undefined;
      const query = Array.from({ length: 1 + Math.floor(9 * random()) }, () => zipfWord(random));
      const scores = [...documents.keys()].map((place) =>
        index.scoreOf(index.prepare(query), place),
      );
      const count = [1, 10, 200][round % 3] ?? 1;
      const top = index.topK(index.prepare(query), count);
      expect(top.map((one) => one.place)).toEqual(referenceTop(scores, count));
      const isWanted = (place: number) => place % 5 === 2;
      const wanted = scores.map((score, place) => (isWanted(place) ? score : 0));
      expect(index.topK(index.prepare(query), count, isWanted).map((one) => one.place)).toEqual(
        referenceTop(wanted, count),
      );
    }
    expect(documents.length).toBeGreaterThan(7000);
    const prepared = index.prepare(['w1', 'w3', 'w40']);
    const expected = referenceScores(documents, ['w1', 'w3', 'w40']);
    for (const { place, score } of index.topK(prepared, 50))
      expect(score).toBeCloseTo(expected[place] ?? 0, 5);
  });

  it('is the same again from its parts, and refuses parts that do not fit', () => {
    fc.assert(
      fc.property(fc.array(list, { minLength: 1, maxLength: 30 }), list, (lists, query) => {
        const index = new LexicalIndex();
        for (const terms of [...lists, ['größe', '全文', 'x'.repeat(700)]]) index.add(terms);
        index.remove(0);
        const again = LexicalIndex.fromParts(index.toParts());
        for (const terms of [query, ['größe', 'x'.repeat(700)]])
          expect(again.topK(again.prepare(terms), 9)).toEqual(index.topK(index.prepare(terms), 9));
        const parts = index.toParts();
        expect(() => LexicalIndex.fromParts({ ...parts, starts: parts.lengths })).toThrow(
          RangeError,
        );
        expect(() =>
          LexicalIndex.fromParts({
            ...parts,
            terms: { letters: new Uint8Array(0), starts: Uint32Array.of(0) },
          }),
        ).toThrow(RangeError);
      }),
    );
  });
});

describe('expandedLeg', () => {
  const index = new LexicalIndex();
  const texts = [
    'heart attack treatment aspirin',
    'heart attack treatment aspirin clopidogrel',
    'attack on the castle wall',
    'aspirin clopidogrel dose',
    'garden bench paint',
  ];
  for (const text of texts) index.add(text.split(' '));
  const leg = expandedLeg(index, ['heart', 'attack']);

  it('puts what has the words of the best places before what does not', () => {
    expect(leg.top(5).map((one) => one.place)).toEqual([0, 1, 2]);
    expect(leg.scoreOf(3)).toBeGreaterThan(leg.scoreOf(4) ?? 0);
    expect(leg.scoreOf(4)).toBe(0);
  });

  it('gives a place the same score whether it is found or asked for', () => {
    for (const { place, score } of leg.top(5)) expect(leg.scoreOf(place)).toBe(score);
  });

  it('finds nothing for a query without a known word', () => {
    const empty = expandedLeg(index, ['submarine']);
    expect(empty.top(5)).toEqual([]);
    expect(empty.scoreOf(0)).toBe(0);
  });
});
