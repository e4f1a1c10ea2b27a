import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import type { Embedder } from '../../src/core/ports.ts';
import { rerank } from '../../src/ground/rerank.ts';
import { Library } from './fixtures/library.ts';

const found = ['first', 'second', 'third', 'fourth'].map((text, at) => ({
  chunk: { headings: ['Part'], sentences: [{ text, start: 0, end: text.length }] },
  ranked: {
    chunkId: text,
    score: 1 - at * 0.1,
    legs: [{ leg: 'lexical' as const, rank: at + 1, score: 4 - at }],
    lexicalScore: 4 - at,
    coverage: 1,
  },
}));
const signal = new AbortController().signal;

function embedder(scores: readonly number[], seen: string[] = []): Embedder {
  return {
    id: 'e',
    dimensions: 1,
    doEmbed: async () => [],
    doMatch: async (_query, texts) => {
      seen.push(...texts);
      return scores;
    },
  };
}
const order = async (scores: readonly number[], budgetMs = 100) =>
  (await rerank(found, 'q', embedder(scores), { signal, budgetMs })).map(
    (one) => one.ranked.chunkId,
  );

describe('rerank', () => {
  it('lets a passage whose tokens fit much better rise; scores keep their places', async () => {
    const seen: string[] = [];
    const again = await rerank(found, 'q', embedder([0.2, 0.9, 0.2, 0.2], seen), {
      signal,
      budgetMs: 100,
    });
    expect(seen[0]).toBe('Part\nfirst');
    expect(again.map((one) => one.ranked.chunkId)).toEqual(['second', 'first', 'third', 'fourth']);
    expect(again.map((one) => one.ranked.score)).toEqual(found.map((one) => one.ranked.score));
    expect(again[0]?.ranked.legs.at(-1)).toEqual({ leg: 'tokens', rank: 1, score: 0.9 });
  });

  it('leaves those that the budget did not reach behind the others', async () => {
    expect(await order([0.2, 0.9])).toEqual(['first', 'second', 'third', 'fourth']);
    expect(await order([])).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('does nothing without a budget or where all fit alike', async () => {
    expect(await order([0, 0, 0, 9], 0)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(await order([0.5, 0.5, 0.5, 0.5])).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('a search with time for a second look', () => {
  it('says that it looked, or why it could not', async () => {
    const library = await Library.open({
      config: parseConfig({ ground: { rerankMs: 200 } }).ground,
    });
    for (const name of ['steel', 'brass', 'zinc'])
      library.put(`${name}.md`, `The ${name} pump is blue.`);
    library.embedder = {
      ...embedder([]),
      doEmbed: async (texts) => texts.map(() => Float32Array.of(1)),
      doMatch: async (_query, texts) => texts.map((text) => (text.includes('zinc') ? 0.9 : 0.1)),
    };
    await library.index();
    const search = () =>
      library.knowledge.search({ collection: 'docs', query: 'pump', limit: 1 }, { signal });
    const looked = await search();
    expect(looked.legs).toEqual(['lexical', 'dense', 'tokens']);
    expect(looked.passages.map((one) => one.sentences[0]?.path)).toEqual(['zinc.md']);
    library.embedder = { ...library.embedder, doMatch: () => Promise.reject(new Error('broken')) };
    const failed = await search();
    expect(failed.legs).toEqual(['lexical', 'dense']);
    expect(failed.missingLegs).toEqual([{ leg: 'tokens', reason: 'the comparison failed' }]);
    await library.close();
  });
});
