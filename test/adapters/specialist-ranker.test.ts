import { describe, expect, it } from 'vitest';
import {
  type CountingEmbedder,
  specialistRanker,
} from '../../src/adapters/models/specialist-ranker.ts';
import { countTerms, WORD_FEATURES } from '../../src/base/rank-features.ts';
import { type RankModel, writeRankModel } from '../../src/base/rank-model.ts';
import type { SpecialistManifest } from '../../src/core/specialist.ts';

const MANIFEST = { name: 'places', version: 3 } as SpecialistManifest;
const words = WORD_FEATURES.map((_, at) => (at === 0 ? 1 : 0));
const model: RankModel = {
  source: 'rows',
  terms: countTerms(['a lamp in the hall', 'a ladder in the yard']),
  words: { weights: words, slope: 1, offset: 0 },
  meaning: { embedder: 'tiny', head: { weights: [...words.map(() => 0), 1], slope: 1, offset: 0 } },
};
const { signal } = new AbortController();
const TEXTS = ['a lamp', 'a ladder', 'nothing'];

/** Holds the last text for the nearest to every query; throws while it does not work. */
function embedder(works: () => boolean): CountingEmbedder {
  const vectorsOf = (texts: readonly string[]) =>
    texts.map((text) => (text === 'nothing' || text === 'lamp' ? [1, 0] : [0, 1]));
  const embed = async (texts: readonly string[]) => {
    if (!works()) throw new Error('it does not work');
    return vectorsOf(texts).map((one) => Float32Array.from(one));
  };
  return {
    id: 'tiny',
    dimensions: 2,
    doEmbed: embed,
    doEmbedCounted: async (texts) => ({ vectors: await embed(texts), tokenCount: texts.length }),
  };
}

describe('a specialist that orders passages', () => {
  it('goes by meaning where it was taught to, and says so', async () => {
    const ranker = specialistRanker(
      MANIFEST,
      writeRankModel(model),
      embedder(() => true),
    );
    const { ranked, tokens, legs } = await ranker.doRank('lamp', TEXTS, { signal });
    expect(ranked.map((one) => one.index)).toEqual([2, 0, 1]);
    expect([tokens, legs, ranker.version]).toEqual([4, ['dense'], 'places@3']);
  });

  it('goes by words while the embedder does not work, or is another one', async () => {
    let works = false;
    const bytes = writeRankModel(model);
    const ranker = specialistRanker(
      MANIFEST,
      bytes,
      embedder(() => works),
    );
    const other = specialistRanker(MANIFEST, bytes, { ...embedder(() => true), id: 'other' });
    for (const one of [ranker, other]) {
      const { ranked, tokens, legs } = await one.doRank('lamp', TEXTS, { signal });
      expect(ranked[0]?.index).toBe(0);
      expect([tokens, legs]).toEqual([0, ['lexical']]);
    }
    works = true;
    expect((await ranker.doRank('lamp', TEXTS, { signal })).legs).toEqual(['dense']);
  });

  it('gives equal texts the order in which they came', async () => {
    const ranker = specialistRanker(MANIFEST, writeRankModel(model), undefined);
    const same = Array<string>(40).fill('a lamp');
    const { ranked } = await ranker.doRank('lamp', same, { signal });
    expect(ranked.map((one) => one.index)).toEqual([...same.keys()]);
  });

  it('ends with the caller, and says where it is damaged', async () => {
    const bytes = writeRankModel(model);
    const ranker = specialistRanker(
      MANIFEST,
      bytes,
      embedder(() => true),
    );
    const gone = ranker.doRank('lamp', TEXTS, { signal: AbortSignal.abort() });
    await expect(gone).rejects.toThrow(/abort/i);
    expect(() => specialistRanker(MANIFEST, bytes.subarray(8), undefined)).toThrow(
      /places@3 does not serve/,
    );
  });
});
