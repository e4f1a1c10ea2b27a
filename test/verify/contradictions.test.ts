import { describe, expect, it } from 'vitest';
import type { EvidenceSentence } from '../../src/core/evidence.ts';
import { findContradictions } from '../../src/verify/contradictions.ts';
import { concerning, differenceNote } from '../../src/verify/differing-sources.ts';

let count = 0;
function said(path: string, text: string, more: Partial<EvidenceSentence> = {}): EvidenceSentence {
  count += 1;
  return {
    number: count,
    text,
    collection: 'house',
    documentId: path,
    documentVersion: 1,
    path,
    headings: [],
    start: 0,
    end: text.length,
    ...more,
  };
}
const found = (...sentences: EvidenceSentence[]) =>
  findContradictions(sentences).map((one) => one.sentences.map((sentence) => sentence.path));

describe('findContradictions', () => {
  it.each([
    ['The daily allowance is 38 euros.', 'The daily allowance is 42 euros.'],
    ['Visitors may stay until 20:00 in the ward.', 'Visitors may stay until 8:30 pm in the ward.'],
    ['The contract ends on 3 May 2024.', 'The contract ends on 3 June 2024.'],
    ['In 2024 the farm harvested 40 tons.', 'In 2024 the farm harvested 55 tons.'],
    ['The mill was founded in 1987.', 'The mill was founded in 1991.'],
    ['The clinic employs 12 nurses.', 'The clinic employs 14 nurses.'],
    ['Up to five days may be carried over.', 'Up to ten days may be carried over.'],
    [
      'Private cloud storage is allowed for reports.',
      'Private cloud storage is not allowed for reports.',
    ],
  ])('finds “%s” beside “%s”', (left, right) => {
    expect(found(said('travel-2024.md', left), said('travel-2025.md', right))).toHaveLength(1);
  });

  it.each([
    // Different things.
    ['pumps/a.md', 'The P-110 weighs 18 kg.', 'pumps/b.md', 'The P-340 weighs 61 kg.'],
    [
      'alder-inn.md',
      'Breakfast is served from 6:30.',
      'birch-lodge.md',
      'Breakfast is served from 7:30.',
    ],
    // The same value in other words.
    [
      'rules.md',
      'The seal weighs 2 kg in total.',
      'rules-old.md',
      'The seal weighs 2000 g in total.',
    ],
    [
      'rules.md',
      'Up to 5 days may be carried over.',
      'rules-old.md',
      'Up to five days may be carried over.',
    ],
    // Other words around the value.
    [
      'rules.md',
      'The daily allowance is 38 euros.',
      'rules-old.md',
      'A parking space costs 14 euros.',
    ],
    // Another year, another number of a thing.
    [
      'harvest-2024.md',
      'In 2024 the farm harvested 40 tons.',
      'harvest-2025.md',
      'In 2025 the farm harvested 55 tons.',
    ],
    [
      'harvest-2024.md',
      'In 2024 the farm harvested barley and wheat.',
      'harvest-2025.md',
      'In 2025 the farm harvested barley and wheat.',
    ],
    [
      'doc-12.md',
      'Doc 12 speaks of gadget 12 alone.',
      'doc-120.md',
      'Doc 120 speaks of gadget 120 alone.',
    ],
    ['notes.md', 'The text speaks of gadget 12.', 'notes-old.md', 'The text speaks of gadget 120.'],
    ['page-12.md', 'The pump weighs 18 kg.', 'page-13.md', 'The pump weighs 61 kg.'],
    // Another word.
    [
      'crops.md',
      'The farm in the north valley harvested 40 tons of wheat.',
      'crops-old.md',
      'The farm in the north valley harvested 55 tons of barley.',
    ],
    // One names no value.
    [
      'rules.md',
      'The daily allowance is 38 euros.',
      'rules-old.md',
      'The daily allowance is paid.',
    ],
  ])('finds nothing in %s “%s” beside %s “%s”', (a, left, b, right) => {
    expect(found(said(a, left), said(b, right))).toEqual([]);
  });

  it('takes one document’s own sentences as they are', () => {
    const twice = ['Breakfast costs 8 euros.', 'Breakfast costs 9 euros.'];
    expect(found(...twice.map((text) => said('one.md', text)))).toEqual([]);
  });

  it('puts the newer one first, also where names tell that the same is meant', () => {
    const old = said('a.md', 'The Halvard 300 weighs 84 kg.', { modifiedAt: 1000 });
    const fresh = said('zz/news.md', 'The Halvard 300 weighs 91 kg.', { modifiedAt: 2000 });
    expect(found(old, fresh)).toEqual([['zz/news.md', 'a.md']]);
  });

  it('stays bounded with hundreds of contradicting copies', () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      said(`rules-${index}.md`, `The daily allowance is ${index + 10} euros.`),
    );
    expect(found(...many).length).toBeLessThanOrEqual(8);
  });

  it('tells two of many behind one answer', () => {
    const many = Array.from({ length: 4 }, (_, index) =>
      said(`rules-${index}.md`, `The daily allowance is ${index + 30} euros.`),
    );
    const all = findContradictions(many);
    expect(all).toHaveLength(6);
    expect(concerning(all, new Set([many[0]?.number ?? 0]))).toHaveLength(2);
  });
});

describe('differenceNote', () => {
  it('shows nothing of a document as a link, a picture or HTML', () => {
    const sentences = [
      said('[a](https://evil.example).md', 'The fee is 5 euros. ![x](https://evil.example/p)'),
      said('b.md', 'The fee is 6 euros. <img src=x>'),
    ] as const;
    const { text } = differenceNote([{ about: 'fee', sentences }], 0);
    expect(text).not.toMatch(/(?<!\\)[[\]<>!]/);
    expect(text).toContain('The fee is 6 euros.');
  });
});
