import { describe, expect, it } from 'vitest';
import { hashText } from '../../src/base/hashing.ts';
import { classifyText } from '../../src/base/micro-model.ts';
import { scoreSoftmax } from '../../src/base/softmax-scores.ts';
import { placeOfLargest } from '../../src/learn/held-out.ts';
import { trainMicroModel } from '../../src/learn/train-micro-model.ts';
import { MICRO_MODEL_HASHING } from '../../src/learn/training-set.ts';
import {
  foldWords,
  makeWordTable,
  rarityOf,
  sumOfWords,
  vocabularyOf,
} from '../../src/learn/word-table.ts';

const hash = (text: string) => hashText(text, MICRO_MODEL_HASHING);

describe('vocabularyOf', () => {
  it('is the distinct words, most frequent first, without case and marks', () => {
    const rows = ['My card, my PIN!', 'card: lost'].map((text) => ({ text, label: 'a' }));
    expect(vocabularyOf(rows)).toEqual(['card', 'my', 'lost', 'pin']);
    expect(vocabularyOf([])).toEqual([]);
  });
});

describe('a table of words', () => {
  const words = ['dog', 'cat', 'the'];
  const vectors = [
    [1, 0],
    [0, 1],
    [0.5, 0.2],
  ].map((values) => Float32Array.from(values));
  const table = makeWordTable(words, vectors, MICRO_MODEL_HASHING);
  const texts = ['the dog', 'the cat', 'the the dog'].map(hash);
  const rarity = rarityOf(texts, table);

  it('lets words count less that stand everywhere, and ignores those that it does not know', () => {
    const [dog, , the] = words.map((word) => {
      const alone = { ...MICRO_MODEL_HASHING, wordRun: 1, characterFrom: 0, characterTo: 0 };
      return rarity.get(hashText(word, alone).indices[0] ?? 0) ?? 0;
    });
    expect(dog).toBeGreaterThan(the ?? 1);
    expect([...sumOfWords(hash('zebra'), table, rarity)]).toEqual([0, 0]);
  });

  it('folds a head on sums of words into weights per word, with the same scores', () => {
    const head = {
      classCount: 2,
      columns: Int32Array.of(0, 1),
      weights: Int8Array.of(100, -20, -60, 90),
      scales: Float32Array.of(0.02, 0.01),
      bias: Float32Array.of(0.1, -0.1),
    };
    const start = foldWords(head, table, rarity);
    for (const text of texts) {
      const sum = sumOfWords(text, table, rarity);
      const { scores } = scoreSoftmax(head, { indices: head.columns, values: sum });
      const folded = Array.from(start.bias);
      text.indices.forEach((index, place) => {
        start.weights.get(index)?.forEach((weight, label) => {
          folded[label] = (folded[label] ?? 0) + weight * (text.values[place] ?? 0);
        });
      });
      scores.forEach((score, label) => {
        expect(folded[label]).toBeCloseTo(score, 4);
      });
    }
  });

  it('teaches what words mean that stand in no example of a label', () => {
    const pets = ['dog', 'puppy', 'hound', 'poodle', 'terrier', 'beagle'];
    const cars = ['car', 'truck', 'van', 'lorry', 'bus', 'taxi'];
    const frames = ['I saw a', 'where is the', 'we like one', 'tell me about my'];
    const rowsOf = (names: readonly string[], label: string) =>
      names.flatMap((name) => frames.map((frame) => ({ text: `${frame} ${name}`, label })));
    // Two names stand among the examples of a third label alone.
    const rows = [
      ...rowsOf(pets.slice(0, 4), 'pet'),
      ...rowsOf(cars.slice(0, 4), 'car'),
      ...[...pets.slice(4), ...cars.slice(4)].map((name) => ({
        text: `${name} 24 7`,
        label: 'no',
      })),
    ];
    const meaning = vocabularyOf(rows).map((word) =>
      Float32Array.of(pets.includes(word) ? 1 : 0, cars.includes(word) ? 1 : 0, 0.1),
    );
    const input = { rows, source: 'test', seed: 1 };
    const student = trainMicroModel({ ...input, words: meaning });
    const unseen = [...rowsOf(pets.slice(4), 'pet'), ...rowsOf(cars.slice(4), 'car')];
    const right = (model: typeof student) =>
      unseen.filter(
        (row) =>
          model.labels[placeOfLargest(classifyText(model, row.text).probabilities)] === row.label,
      ).length;
    expect(right(student)).toBeGreaterThan(right(trainMicroModel(input)));
    expect(student.embedding).toBeUndefined();
  });
});
