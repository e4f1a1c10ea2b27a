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
