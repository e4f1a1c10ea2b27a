import { describe, expect, it } from 'vitest';
import { hashText, type SparseVector } from '../../src/base/hashing.ts';
import { scoreSoftmax, softmaxInPlace, trainSoftmax } from '../../src/base/softmax.ts';

const texts = ['red apple', 'green apple', 'fast car', 'slow car', 'old boat', 'new boat'];
const rows = texts.map((text) => hashText(text));
const classes = Int32Array.of(0, 0, 1, 1, 2, 2);
const options = {
  classCount: 3,
  seed: 1,
  epochs: 30,
  learningRate: 0.3,
  dropout: 0.2,
  columnLimit: 100_000,
};

function best(model: ReturnType<typeof trainSoftmax>, vector: SparseVector): number {
  const { scores } = scoreSoftmax(model, vector);
  return scores.indexOf(Math.max(...scores));
}

describe('trainSoftmax', () => {
  it('learns what the rows say and carries it over to a new row', () => {
    const model = trainSoftmax(rows, classes, options);
    rows.forEach((row, at) => {
      expect(best(model, row)).toBe(classes[at]);
    });
    expect(best(model, hashText('an apple'))).toBe(0);
    expect(best(model, hashText('the boat'))).toBe(2);
  });

  it('gives the same bytes for the same seed and others for another', () => {
    const first = trainSoftmax(rows, classes, options);
    const second = trainSoftmax(rows, classes, options);
    const other = trainSoftmax(rows, classes, { ...options, seed: 2 });
    expect(second).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });

  it('is undecided between two labels of the same text', () => {
    const same = [hashText('either'), hashText('either')];
    const model = trainSoftmax(same, Int32Array.of(0, 1), { ...options, classCount: 2 });
    const { scores } = scoreSoftmax(model, hashText('either'));
    softmaxInPlace(scores);
    expect(scores[0]).toBeGreaterThan(0.3);
    expect(scores[0]).toBeLessThan(0.7);
  });

  it('keeps the features of most rows when there is no room for all', () => {
    const model = trainSoftmax(rows, classes, { ...options, columnLimit: 10 });
    expect(model.columns).toHaveLength(10);
    expect(model.weights).toHaveLength(30);
    const apple = hashText('apple').indices;
    expect([...model.columns].some((column) => apple.includes(column))).toBe(true);
  });

  it('takes rows without any feature', () => {
    const empty = hashText('');
    const model = trainSoftmax([...rows, empty], Int32Array.of(...classes, 2), options);
    expect(scoreSoftmax(model, empty).known).toBe(0);
    expect([...scoreSoftmax(model, empty).scores].every(Number.isFinite)).toBe(true);
  });
});

describe('scoreSoftmax', () => {
  it('says how much of the text training had seen', () => {
    const model = trainSoftmax(rows, classes, options);
    expect(scoreSoftmax(model, hashText('red apple')).known).toBeCloseTo(1, 4);
    expect(scoreSoftmax(model, hashText('zzz qqq')).known).toBeLessThan(0.2);
  });
});

describe('softmaxInPlace', () => {
  it('does not overflow', () => {
    const scores = Float64Array.of(1e6, 1e6, -1e6);
    softmaxInPlace(scores);
    expect([...scores]).toEqual([0.5, 0.5, 0]);
  });
});
