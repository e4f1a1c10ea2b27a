import { describe, expect, it } from 'vitest';
import { countTerms, WORD_FEATURES } from '../../src/base/rank-features.ts';
import {
  orderOf,
  QueryRanker,
  type RankModel,
  readRankModel,
  writeRankModel,
} from '../../src/base/rank-model.ts';

const words = WORD_FEATURES.map((_, at) => (at === 0 ? 1 : 0));
const model: RankModel = {
  source: 'rows:1',
  terms: countTerms(['a trip by train', 'a bicycle in the yard']),
  words: { weights: words, slope: 1, offset: -1 },
  meaning: {
    embedder: 'tiny',
    head: { weights: [...words.fill(0, 1), 1], slope: 2, offset: -3 },
    change: Float32Array.of(0, 0, 50, 0),
  },
};
const left = Float32Array.of(1, 0);
const right = Float32Array.of(0, 1);

describe('a model that orders passages', () => {
  it('is the same after writing and reading, by its bytes too', () => {
    const bytes = writeRankModel(model);
    const read = readRankModel(bytes);
    expect(read).toEqual(model);
    expect(writeRankModel(read)).toEqual(bytes);
  });

  it('says what is wrong with bytes that are none', () => {
    const bytes = writeRankModel(model);
    expect(() => readRankModel(bytes.subarray(0, -8))).toThrow(/cut or changed/);
    expect(() => readRankModel(new Uint8Array(100))).toThrow(RangeError);
  });

  it('goes by words where there is no vector', () => {
    const ranker = new QueryRanker(model, 'train trip');
    expect(ranker.score('a trip by train')).toBeGreaterThan(ranker.score('a bicycle', left));
  });

  it('reads vectors, and what was learnt of them', () => {
    const plain = new QueryRanker(model, 'anything', left);
    expect(plain.score('x', left)).toBeGreaterThan(plain.score('x', right));
    // Row 1 of the change: a query to the right belongs to passages to the left.
    const turned = new QueryRanker(model, 'anything', right);
    expect(turned.score('x', left)).toBeGreaterThan(turned.score('x', right));
  });

  it('gives probabilities', () => {
    const ranker = new QueryRanker(model, 'train', left);
    for (const vector of [left, right]) {
      const score = ranker.score('a train', vector);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
  });

  it('keeps the order given where scores are equal', () => {
    expect(orderOf([0.5, 0.9, 0.5, 0.9])).toEqual([1, 3, 0, 2]);
  });
});
