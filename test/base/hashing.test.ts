import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASHING_DEFAULTS, hashText } from '../../src/base/hashing.ts';

const dot = (left: string, right: string) => {
  const a = hashText(left);
  const b = hashText(right);
  const values = new Map([...a.indices].map((index, at) => [index, a.values[at] ?? 0]));
  return [...b.indices].reduce(
    (sum, index, at) => sum + (values.get(index) ?? 0) * (b.values[at] ?? 0),
    0,
  );
};

describe('hashText', () => {
  it('gives ascending distinct indices inside the space and a vector of length 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { indices, values } = hashText(text, { ...HASHING_DEFAULTS, bits: 12 });
        expect(values.length).toBe(indices.length);
        indices.forEach((index, at) => {
          expect(index).toBeGreaterThan(at === 0 ? -1 : (indices[at - 1] ?? 0));
          expect(index).toBeLessThan(4096);
        });
        const length = Math.hypot(...values);
        if (indices.length > 0) expect(length).toBeCloseTo(1, 5);
      }),
    );
  });

  it('gives the same vector for the same text and for another case or spacing', () => {
    expect(hashText('Freeze  my CARD')).toEqual(hashText('freeze my card'));
    expect(hashText('freeze my card')).not.toEqual(hashText('my card freeze'));
  });

  it('takes runs of letters and digits and single marks for words, in every script', () => {
    const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
    const units = [fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary' })];
    fc.assert(
      fc.property(fc.oneof(...units), (text) => {
        const lower = text.toLowerCase().normalize('NFC');
        expect(hashText(text)).toEqual(hashText(wordsOf(lower).join(' ')));
      }),
    );
    // The sign of the unit Kelvin is no ASCII, its small letter is.
    expect(hashText('\u212Aelvin, or 5 \u212A?')).toEqual(hashText('kelvin , or 5 k ?'));
  });

  it('reads a long text after a short one and a short one after it', () => {
    const short = hashText('a card');
    const long = { ...HASHING_DEFAULTS, textLimit: 100_000 };
    const marks = hashText('?!'.repeat(50_000), long);
    // Two words, two pairs, and four runs of each of three lengths.
    expect(marks.values).toHaveLength(16);
    expect(hashText('a card')).toEqual(short);
  });

  it('is empty for text without a visible character', () => {
    for (const text of ['', ' \n\t ']) expect(hashText(text).indices).toHaveLength(0);
  });

  it('sees that a misspelt sentence is closer than another one', () => {
    const sentence = 'where is my parcel';
    expect(dot(sentence, 'were is my parcell')).toBeGreaterThan(
      dot(sentence, 'cancel the contract'),
    );
  });

  it('reads no more than the limit', () => {
    const options = { ...HASHING_DEFAULTS, textLimit: 10 };
    expect(hashText('0123456789 and more', options)).toEqual(hashText('0123456789', options));
  });

  it('can do without words or without characters', () => {
    const words = hashText('one two', { ...HASHING_DEFAULTS, characterFrom: 0, characterTo: 0 });
    expect(words.indices).toHaveLength(3);
    const characters = hashText('ab', { ...HASHING_DEFAULTS, wordRun: 0 });
    expect(characters.indices).toHaveLength(3);
  });
});
