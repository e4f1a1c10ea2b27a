import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectionIndex, type IndexedChunk } from '../../src/ground/collection-index.ts';
import { TopList } from '../../src/ground/top-list.ts';

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
    const { ranked, legs } = search(index, 'pump', east);
    expect([legs, ranked.map((one) => one.chunkId)]).toEqual([['lexical', 'dense'], ['b']]);
    expect(search(index, 'pump', new Float32Array([1, 0, 0])).legs).toEqual(['lexical']);
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

describe('TopList', () => {
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
          const best = new TopList(count, 0);
          for (const [place, value] of values.entries()) best.offer(place, value);
          expect(best.ranked().map((one) => one.place)).toEqual(expected);
        },
      ),
    );
  });
});

describe('a collection in several languages', () => {
  const texts = {
    de: 'Die Pflegekraft prüft die Pumpen vor jeder Schicht und trägt das Ergebnis in das Buch der Station ein.',
    fr: "L'infirmière vérifie les hôpitaux avant chaque garde et inscrit le résultat dans le cahier de la salle.",
    en: 'The surgeon signs the consent form before the operation and keeps a copy of it for the patient.',
  };
  const index = new CollectionIndex();
  index.applyChanges({
    dropped: [],
    chunks: Object.entries(texts).map(([id, text]) => chunk(id, text)),
  });

  it.each([
    ['Welche Schichten prüfen die Pumpe?', 'de'],
    ['pumpe', 'de'],
    ['quel hôpital', 'fr'],
    ['signing of consents', 'en'],
  ])('answers %j from the right document', (query, id) => {
    expect(search(index, query).ranked[0]?.chunkId).toBe(id);
  });

  it('keeps its languages when it is saved', () => {
    const again = CollectionIndex.fromSaved(structuredClone(index.save()));
    expect(search(again, 'pumpe').ranked[0]?.chunkId).toBe('de');
  });
});
