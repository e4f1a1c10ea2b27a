import { describe, expect, it } from 'vitest';
import { calibrationError } from '../../src/base/calibration.ts';
import { classifyText, readMicroModel, writeMicroModel } from '../../src/base/micro-model.ts';
import { writePacked } from '../../src/base/packed.ts';
import { BACKGROUND_SENTENCES } from '../../src/learn/background.ts';
import { placeOfLargest } from '../../src/learn/held-out.ts';
import { trainMicroModel } from '../../src/learn/train-micro-model.ts';
import { textsToEmbed } from '../../src/learn/training-set.ts';
import { plainVector, tradeRows } from './training-rows.ts';

const rows = tradeRows(40, 1);
const embedding = {
  embedder: 'plain',
  vectors: textsToEmbed(rows).map(plainVector),
};
const input = { rows, source: 'test', seed: 1 };
const model = trainMicroModel(input);
const both = trainMicroModel({ ...input, embedding });
const fresh = tradeRows(50, 99);
/** Of no trade, and not among the sentences that the model was trained against. */
const STRANGERS = [
  'The sculptor signed every one of her statues.',
  'Who was the first woman to win two Nobel prizes?',
  'def area(radius): return 3.14 * radius ** 2',
  'Seven elephants crossed the road in the dust.',
  'Is the past tense of "swim" really "swam"?',
  'My favourite season is winter because of the silence.',
  'Prove that there are infinitely many primes.',
  'The jury could not agree on a verdict.',
  'Which instrument has forty-seven strings?',
  'Electric guitars were louder than the brass section.',
];

describe('trainMicroModel', { timeout: 120_000 }, () => {
  it('names the label of sentences that it has not seen', () => {
    for (const vectorOf of [undefined, plainVector]) {
      const right = fresh.filter((row) => {
        const verdict = classifyText(both, row.text, vectorOf?.(row.text));
        return both.labels[placeOfLargest(verdict.probabilities)] === row.label;
      });
      expect(right.length / fresh.length).toBeGreaterThan(0.95);
    }
  });

  it('calls most sentences of other trades none of these, and few of its own', () => {
    const threeTrades = ['travel', 'kitchen', 'bank'];
    const narrow = trainMicroModel({ ...input, rows: tradeRows(40, 1, threeTrades) });
    const isNovel = (text: string) => classifyText(narrow, text).isNovel;
    const share = (texts: readonly string[]) => texts.filter(isNovel).length / texts.length;
    const sentences = (labels: string[]) => tradeRows(50, 5, labels).map((row) => row.text);
    expect(share(sentences(threeTrades))).toBeLessThan(0.15);
    expect(share(sentences(['garden']))).toBeGreaterThan(0.6);
    expect(share(STRANGERS)).toBeGreaterThan(0.7);
    expect(STRANGERS.filter((text) => BACKGROUND_SENTENCES.includes(text))).toEqual([]);
  });

  it('promises what it keeps: calibration error on fresh sentences is small', () => {
    const pairs = fresh.map((row) => {
      const { probabilities } = classifyText(model, row.text);
      const best = placeOfLargest(probabilities);
      return { confidence: probabilities[best] ?? 0, right: model.labels[best] === row.label };
    });
    expect(calibrationError(pairs)).toBeLessThan(0.1);
    expect(model.ngramReport.calibrationError).toBeLessThan(0.1);
  });

  it('reports what it measured on rows that were held out', () => {
    const { ngramReport } = model;
    expect(ngramReport.rowCount).toBe(160);
    expect(ngramReport.heldOutCount).toBe(160);
    expect(ngramReport.accuracyLow).toBeLessThan(ngramReport.accuracy);
    expect(ngramReport.accuracyHigh).toBeGreaterThanOrEqual(ngramReport.accuracy);
    expect(ngramReport.noveltyArea).toBeGreaterThan(0.5);
  });

  it('is the same bytes for the same rows and seed, and the same model after reading', () => {
    const bytes = writeMicroModel(both);
    expect(writeMicroModel(trainMicroModel({ ...input, embedding }))).toEqual(bytes);
    expect(writeMicroModel(trainMicroModel({ ...input, embedding, seed: 2 }))).not.toEqual(bytes);
    expect(readMicroModel(bytes)).toEqual(both);
    expect(readMicroModel(writeMicroModel(model))).toEqual(model);
  });

  it('is not read from the bytes of another version, which are named', () => {
    const { ngrams: _, ...header } = model;
    const old = writePacked({ kind: 'micro-model', version: 1, header, sections: new Map() });
    expect(() => readMicroModel(old)).toThrow(/micro-model version 1, not micro-model version 2/);
  });

  it('has probabilities that sum to 1, a fit ≤ 0, and P(in scope) within 0 … 1, on any text', () => {
    for (const text of ['', '?', 'book a flight', 'ü'.repeat(5000), '\u0000\ud800']) {
      const verdict = classifyText(both, text, plainVector(text));
      expect(verdict.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
      expect(verdict.fit).toBeLessThanOrEqual(0);
      expect(verdict.inScope).toBeGreaterThanOrEqual(0);
      expect(verdict.inScope).toBeLessThanOrEqual(1);
    }
  });

  it('works with two labels, where none can be left out', () => {
    const two = trainMicroModel({ ...input, rows: tradeRows(20, 1, ['travel', 'bank']) });
    const [first] = tradeRows(1, 7, ['travel']);
    const { probabilities } = classifyText(two, first?.text ?? '');
    expect(two.labels[placeOfLargest(probabilities)]).toBe('travel');
  });

  it('stays undecided when all labels have the same text', () => {
    const same = ['a', 'b', 'c'].flatMap((label) => Array(12).fill({ text: 'one text', label }));
    const undecided = trainMicroModel({ ...input, rows: same });
    const { probabilities } = classifyText(undecided, 'one text');
    expect(Math.max(...probabilities)).toBeLessThan(0.7);
  });

  it('refuses one label and no rows', () => {
    expect(() => trainMicroModel({ ...input, rows: tradeRows(5, 1, ['bank']) })).toThrow(/found 1/);
    expect(() => trainMicroModel({ ...input, rows: [] })).toThrow(/found 0/);
  });

  it('takes a label with a single row', () => {
    const lonely = [
      ...tradeRows(10, 1, ['travel', 'bank']),
      { text: 'dig a hole', label: 'other' },
    ];
    expect(trainMicroModel({ ...input, rows: lonely }).labels).toContain('other');
  });
});
