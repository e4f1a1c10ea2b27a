import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectionIndex, type IndexedChunk } from '../../src/ground/collection-index.ts';
import { fuse } from '../../src/ground/fusion.ts';
import type { Leg } from '../../src/ground/leg.ts';
import { topPlaces } from '../../src/ground/top-list.ts';

const word = fc.constantFrom('pump', 'valve', 'red', 'blue', 'steel', 'bar', 'motor', 'lamp');
const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' '));

const chunk = (id: string, indexText: string, embedding?: Float32Array): IndexedChunk => ({
  id,
  documentId: `d-${id}`,
  indexText,
  ...(embedding === undefined ? {} : { embedding }),
});
const search = (index: CollectionIndex, query: string, queryVector?: Float32Array) =>
  index.search({
    query,
    limit: 50,
    denseWeight: 0.45,
    ...(queryVector === undefined ? {} : { queryVector }),
  });

describe('CollectionIndex', () => {
  it('ranks after any changes as an index built at once', () => {
    const step = fc.record({ document: fc.nat(9), text: fc.option(text, { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), text, (steps, query) => {
        const live = new CollectionIndex();
        const current = new Map<string, IndexedChunk>();
        for (const one of steps) {
          const made = one.text === undefined ? undefined : chunk(String(one.document), one.text);
          live.applyChanges({ dropped: [`d-${one.document}`], chunks: made ? [made] : [] });
          if (made) current.set(made.id, made);
          else current.delete(String(one.document));
        }
        const fresh = new CollectionIndex();
        fresh.applyChanges({ dropped: [], chunks: [...current.values()] });
        const scoresOf = (index: CollectionIndex) =>
          Object.fromEntries(
            search(index, query).ranked.map((one) => [one.chunkId, one.score.toFixed(4)]),
          );
        expect(live.chunkCount).toBe(current.size);
        expect(scoresOf(live)).toEqual(scoresOf(fresh));
      }),
    );
  });

  it('never ranks what was removed, not even by meaning', () => {
    const index = new CollectionIndex();
    const east = new Float32Array([1, 0]);
    index.applyChanges({
      dropped: [],
      chunks: [chunk('a', 'pump', east), chunk('b', 'valve', east), chunk('c', 'lamp')],
    });
    index.applyChanges({ dropped: ['d-a'], chunks: [] });
    const { ranked, dense } = search(index, 'pump', east);
    expect([dense, ranked.map((one) => one.chunkId)]).toEqual([true, ['b']]);
    expect(search(index, 'pump', new Float32Array([1, 0, 0])).dense).toBe(false);
  });

  it('keeps the meaning of chunks over compaction', () => {
    const index = new CollectionIndex();
    for (let turn = 0; turn < 200; turn += 1)
      index.applyChanges({
        dropped: ['d-a'],
        chunks: [chunk('a', `text ${turn}`, new Float32Array([0, 1]))],
      });
    const { ranked } = search(index, 'nothing of it', new Float32Array([0.6, 0.8]));
    expect(ranked[0]?.denseScore).toBeCloseTo(0.8, 2);
  });

  it('reports how much of the question a chunk covers', () => {
    const index = new CollectionIndex();
    index.applyChanges({ dropped: [], chunks: [chunk('a', 'red pump'), chunk('b', 'blue lamp')] });
    expect(search(index, 'red pump').ranked[0]?.coverage).toBeCloseTo(1);
    expect(search(index, 'red submarine').ranked[0]?.coverage).toBeLessThan(0.5);
  });
});

/** Scores written down; those at the floor are none. */
const legOf = (scores: Float32Array, floor: number): Leg => ({
  top: (count) =>
    topPlaces(scores, count, floor).map((place) => ({ place, score: scores[place] ?? 0 })),
  scoreOf: (place) => ((scores[place] ?? floor) > floor ? scores[place] : undefined),
});

describe('fuse', () => {
  it('keeps scores within 0 … 1 and the order of each leg alone', () => {
    const scores = fc.array(fc.float({ min: 0, max: 10, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (values, denseWeight) => {
        const lexical = Float32Array.from(values);
        const dense = Float32Array.from(values, (value) => value / 10);
        const fused = fuse(legOf(lexical, 0), legOf(dense, -2), { denseWeight, limit: 100 });
        for (const one of fused) expect(one.score >= 0 && one.score <= 1.000001).toBe(true);
        const order = fused.map((one) => lexical[one.place] ?? 0);
        expect(order).toEqual([...order].sort((left, right) => right - left));
      }),
    );
  });

  it('ranks a chunk without an embedding by its words', () => {
    const lexical = legOf(new Float32Array([3, 0, 1]), 0);
    const dense = legOf(new Float32Array([-2, 0.9, 0.1]), -2);
    const fused = fuse(lexical, dense, { denseWeight: 0.4, limit: 3 });
    expect(fused.map((one) => one.place)).toEqual([0, 1, 2]);
    expect(fused[0]?.denseScore).toBeUndefined();
  });
});

describe('topPlaces', () => {
  it('gives what sorting gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 9 })),
        fc.integer({ min: 1, max: 20 }),
        (values, count) => {
          const expected = [...values.entries()]
            .filter(([, value]) => value > 0)
            .sort((left, right) => right[1] - left[1] || left[0] - right[0])
            .slice(0, count)
            .map(([place]) => place);
          expect(topPlaces(Float32Array.from(values), count, 0)).toEqual(expected);
        },
      ),
    );
  });
});
