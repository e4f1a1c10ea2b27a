import { describe, expect, it } from 'vitest';
import { CollectionIndex } from '../../src/ground/collection-index.ts';
import { createEngine } from '../../src/ground/engine.ts';

const SEA = 'harbour anchor sailor tide vessel captain'.split(' ');
const BAKERY = 'oven flour yeast dough loaf crust'.split(' ');
/** Texts of two subjects; no text has all words of its subject. */
const texts = Array.from({ length: 120 }, (_one, at) => {
  const subject = at % 2 === 0 ? SEA : BAKERY;
  return [0, 1, 2].map((step) => subject[(at * 5 + step * (1 + (at % 3))) % 6]).join(' ');
});
const chunks = texts.map((indexText, at) => ({
  id: String(at),
  documentId: `d-${at}`,
  indexText: `${indexText} number${at}`,
}));
const ask = (query: string) => ({ query, limit: 60, denseWeight: 0.8 });

function work(index: CollectionIndex): number {
  let steps = 0;
  for (const _step of index.latentWork() ?? []) steps += 1;
  return steps;
}

describe('the latent leg', () => {
  it('finds what shares the subject and no word, without any model', () => {
    const index = new CollectionIndex();
    index.applyChanges({ dropped: [], chunks });
    const before = index.search(ask('anchor'));
    expect([before.legs, before.missing?.leg]).toEqual([['lexical'], 'latent']);
    expect(work(index)).toBeGreaterThan(0);
    const after = index.search(ask('anchor'));
    expect([after.legs, after.missing]).toEqual([['lexical', 'latent'], undefined]);
    expect(after.ranked.slice(0, 60).every((one) => Number(one.chunkId) % 2 === 0)).toBe(true);
    expect(before.ranked.length).toBeLessThan(60);
    index.release();
  });

  it('follows changes without a new fit, and never names what was removed', () => {
    const index = new CollectionIndex();
    index.applyChanges({ dropped: [], chunks });
    index.search(ask('anchor'));
    work(index);
    index.applyChanges({
      dropped: ['d-0'],
      chunks: [{ id: 'new', documentId: 'new', indexText: 'tide vessel captain' }],
    });
    const ids = index.search(ask('anchor')).ranked.map((one) => one.chunkId);
    expect(ids).toContain('new');
    expect(ids).not.toContain('0');
    expect(index.latentWork()).toBeUndefined();
    index.release();
  });

  it('survives a change at every step of its work', () => {
    const index = new CollectionIndex();
    index.applyChanges({ dropped: [], chunks });
    index.search(ask('anchor'));
    let at = 0;
    for (const _step of index.latentWork() ?? []) {
      index.applyChanges({ dropped: [`d-${at}`], chunks: [] });
      at += 2;
    }
    work(index);
    const { ranked, legs } = index.search(ask('anchor'));
    expect(legs).toEqual(['lexical', 'latent']);
    expect(ranked.some((one) => Number(one.chunkId) % 2 === 0 && Number(one.chunkId) < at)).toBe(
      false,
    );
    index.release();
  });

  it('asks for chunks where there are too few to learn from', () => {
    const index = new CollectionIndex();
    index.applyChanges({ dropped: [], chunks: chunks.slice(0, 20) });
    expect(index.search(ask('anchor')).missing).toEqual({
      leg: 'latent',
      reason: 'it needs 64 chunks',
    });
    expect(index.latentWork()).toBeUndefined();
  });

  it('is made ready behind the first search of an engine', async () => {
    const engine = createEngine({ hash: (text) => text });
    await engine.apply('c', { from: 0, to: 1, dropped: [], chunks });
    expect((await engine.search('c', 1, ask('anchor')))?.legs).toEqual(['lexical']);
    for (let turn = 0; turn < 2000; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const answer = await engine.search('c', 1, ask('anchor'));
      if (answer?.legs.includes('latent') === true) return;
    }
    throw new Error('the latent leg never came');
  });
});
