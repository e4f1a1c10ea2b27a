import { describe, expect, it } from 'vitest';
import {
  type LabelledText,
  readNgramClassifier,
  trainNgramClassifier,
} from '../../src/base/ngram-classifier.ts';
import { readPacked, type Section, writePacked } from '../../src/base/packed.ts';

const rows: LabelledText[] = Array.from({ length: 40 }, (_, at) => [
  { text: `add ${at} and ${at + 1}, how much is it`, label: 'arithmetic' },
  { text: `write a poem about ${['rain', 'cats', 'spring'][at % 3]} number ${at}`, label: 'poem' },
]).flat();

describe('an n-gram classifier', () => {
  it('ranks all labels, most probable first, with probabilities that sum to 1', () => {
    const classifier = trainNgramClassifier(rows, { seed: 1 });
    const ranked = classifier.predict('a poem about the winter');
    expect(ranked.map((one) => one.label)).toEqual(['poem', 'arithmetic']);
    expect(ranked.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 9);
  });

  it('is the same bytes for the same rows and seed, and answers the same after reading', () => {
    const classifier = trainNgramClassifier(rows, { seed: 1 });
    const bytes = classifier.toBytes();
    expect(trainNgramClassifier(rows, { seed: 1 }).toBytes()).toEqual(bytes);
    expect(trainNgramClassifier(rows, { seed: 2 }).toBytes()).not.toEqual(bytes);
    const read = readNgramClassifier(bytes);
    expect(read.predict('how much is 3 and 9')).toEqual(classifier.predict('how much is 3 and 9'));
  });

  it('reads from a slice that does not start at a multiple of eight', () => {
    const bytes = trainNgramClassifier(rows, { seed: 1 }).toBytes();
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readNgramClassifier(shifted.subarray(3)).labels).toEqual(['arithmetic', 'poem']);
  });

  it('refuses one label and no rows', () => {
    const one = rows.filter((row) => row.label === 'poem');
    expect(() => trainNgramClassifier(one, { seed: 1 })).toThrow(/two labels, found 1/);
    expect(() => trainNgramClassifier([], { seed: 1 })).toThrow(/two labels, found 0/);
  });

  it('stays undecided when every text is the same', () => {
    const same = ['a', 'b'].flatMap((label) => Array(40).fill({ text: 'same words', label }));
    const [first] = trainNgramClassifier(same, { seed: 1 }).predict('same words');
    expect(first?.probability).toBeLessThan(0.8);
  });

  it('answers an empty text with the share of the labels or less', () => {
    const ranked = trainNgramClassifier(rows, { seed: 1 }).predict('');
    expect(ranked).toHaveLength(2);
    expect(ranked.every((one) => Number.isFinite(one.probability))).toBe(true);
  });
});

describe('a packed file', () => {
  const bytes = trainNgramClassifier(rows.slice(0, 8), { seed: 1, epochs: 1 }).toBytes();

  it('notices every damaged byte, a cut, and bytes of something else', () => {
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 97)) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      expect(() => readNgramClassifier(damaged), `byte ${at}`).toThrow(RangeError);
    }
    expect(() => readNgramClassifier(bytes.subarray(0, bytes.length - 9))).toThrow(/checksum/);
    expect(() => readNgramClassifier(new Uint8Array(0))).toThrow(/not a packed file/);
    expect(() => readNgramClassifier(new TextEncoder().encode('{"version":1}'.repeat(4)))).toThrow(
      /not a packed file/,
    );
  });

  it('names the kind and version that it found', () => {
    const other = writePacked({ kind: 'other', version: 9, header: null, sections: new Map() });
    expect(() => readNgramClassifier(other)).toThrow(/other version 9/);
  });

  it('keeps sections and header as they were', () => {
    const file = {
      kind: 'k',
      version: 2,
      header: { word: 'ä' },
      sections: new Map<string, Section>([
        ['bytes', Int8Array.of(-1, 2, 3)],
        ['floats', Float32Array.of(0.5)],
        ['doubles', Float64Array.of(Math.PI)],
        ['empty', new Int32Array(0)],
      ]),
    };
    expect(readPacked(writePacked(file), 'k', 2)).toEqual(file);
  });
});
