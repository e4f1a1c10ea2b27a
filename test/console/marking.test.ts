import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passageHref, readCitedPlace, sentenceHref } from '../../console/src/cited-place.ts';
import { cutPieces, findPlace, markedBox } from '../../console/src/marking.ts';
import type { DocumentText } from '../../src/core/document-text.ts';
import type { EvidenceSentence } from '../../src/core/evidence.ts';

const LINE = { start: 10, end: 30, x: 0.1, y: 0.5, width: 0.8, height: 0.02 };

function textOf(text: string, version: number, start = 0): DocumentText {
  const document = { version } as DocumentText['document'];
  const end = start + text.length;
  return { document, origin: 'original', length: end, start, end, text, blocks: [] };
}

function sentenceOf(text: string, start: number): EvidenceSentence {
  return {
    number: 1,
    text,
    collection: 'law',
    documentId: 'a1',
    documentVersion: 3,
    path: 'a.md',
    headings: [],
    start,
    end: start + text.length,
  };
}

describe('marking', () => {
  it('cuts a text so that nothing is lost and only what overlaps is marked', () => {
    const place = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => ({
      start: Math.min(a, b),
      end: Math.max(a, b),
    }));
    fc.assert(
      fc.property(place, place, (range, marked) => {
        const text = textOf('0123456789012345678901234567890123456789', 1);
        const pieces = cutPieces(text, range, marked);
        const words = pieces.map((piece) => piece.text).join('');
        expect(words).toBe(text.text.slice(range.start, range.end));
        for (const { start, end, isMarked } of pieces)
          for (let at = start; at < end; at += 1)
            expect(isMarked).toBe(at >= marked.start && at < marked.end);
      }),
    );
  });

  it('marks the part of a line that a sentence takes', () => {
    expect(markedBox(LINE, { start: 0, end: 10 })).toBeUndefined();
    expect(markedBox(LINE, { start: 0, end: 99 })).toMatchObject({ x: 0.1, width: 0.8 });
    const half = markedBox(LINE, { start: 20, end: 99 });
    expect(half?.x).toBeCloseTo(0.5);
    expect(half?.width).toBeCloseTo(0.4);
  });

  it('finds what was cited in another version where its words are nearest', () => {
    const now = textOf('The door is red. News. The door is red.', 4);
    const cited = { start: 20, end: 36, version: 3, words: 'The door is red. ' };
    expect(findPlace(now, cited)).toEqual({ range: { start: 23, end: 39 }, isOther: true });
    expect(findPlace(now, { ...cited, words: 'blue' })).toEqual({
      range: undefined,
      isOther: true,
    });
    expect(findPlace(now, { ...cited, version: 4 })).toEqual({
      range: { start: 20, end: 36 },
      isOther: false,
    });
    const part = textOf('The door is red.', 4, 1000);
    expect(findPlace(part, cited).range).toEqual({ start: 1000, end: 1016 });
  });
});

describe('the address of a cited place', () => {
  it('is read as it was written, and keeps the words from the farm', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.nat(1e6), (words, start) => {
        const url = new URL(sentenceHref(sentenceOf(words, start)), 'http://farm');
        expect(url.pathname).toBe('/documents/law/a1');
        const fragment = decodeURIComponent(url.hash.slice(1));
        expect(readCitedPlace(url.searchParams, fragment)).toEqual({
          start,
          end: start + words.length,
          version: 3,
          words: words.slice(0, 1000).toWellFormed(),
        });
      }),
    );
  });

  it('spans the sentences of a passage, and is none where numbers are wrong', () => {
    const passage = { sentences: [sentenceOf('One.', 5), sentenceOf('Two.', 10)] };
    const href = passageHref({ chunkId: 'c', score: 1, lexicalScore: 1, ...passage });
    expect(href).toBe('/documents/law/a1?start=5&end=14&version=3#One.%20Two.');
    for (const query of ['', 'start=5', 'start=9&end=5', 'start=-1&end=5', 'start=a&end=b'])
      expect(readCitedPlace(new URLSearchParams(query), '')).toBeUndefined();
  });
});
