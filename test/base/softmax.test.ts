import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashText, type SparseVector } from '../../src/base/hashing.ts';
import { softmaxInPlace, trainSoftmax } from '../../src/base/softmax.ts';
import { scoreSoftmax } from '../../src/base/softmax-scores.ts';

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
  it('adds the rows of the features that the model has, wherever they lie', () => {
    const index = fc.integer({ min: 0, max: 300 });
    const indices = fc.uniqueArray(fc.oneof(index, fc.integer({ min: 0, max: 2 ** 24 })));
    fc.assert(
      fc.property(indices, indices, fc.integer({ min: 1, max: 9 }), (one, two, classCount) => {
        const columns = Int32Array.from(one).sort();
        const weights = Int8Array.from(
          { length: columns.length * classCount },
          (_, at) => ((at * 37) % 255) - 127,
        );
        const scales = Float32Array.from(columns, (_, at) => 0.01 * (at + 1));
        const bias = new Float32Array(classCount).fill(0.5);
        const model = { classCount, columns, weights, scales, bias };
        const vector = {
          indices: Int32Array.from(two).sort(),
          values: Float32Array.from(two, (_, at) => 0.1 * (at + 1)),
        };
        const wanted = Array.from(bias, (start, label) => {
          const terms = [...vector.indices].map((index, at) => {
            const column = columns.indexOf(index);
            if (column < 0) return 0;
            return (
              (vector.values[at] ?? 0) *
              (scales[column] ?? 0) *
              (weights[column * classCount + label] ?? 0)
            );
          });
          return terms.reduce((sum, term) => sum + term, start);
        });
        const { scores } = scoreSoftmax(model, vector);
        scores.forEach((score, label) => {
          expect(score).toBeCloseTo(wanted[label] ?? Number.NaN, 6);
        });
      }),
    );
  });

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
