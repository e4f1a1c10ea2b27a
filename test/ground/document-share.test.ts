import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { CollectionIndex } from '../../src/ground/collection-index.ts';
import { chunkCorpus } from '../../src/ground/corpus-chunks.ts';
import { shareInDocument } from '../../src/ground/document-share.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

it('raises the chunks of a document that has a good one, and keeps the order of single ones', () => {
  const of = (place: number, score: number) => ({ place, score, legs: [] });
  const ranked = [of(0, 1), of(4, 0.5), of(3, 0.45), of(1, 0.4)];
  const documents = [[0, 1], [3], [4]];
  const siblingsOf = (place: number) => documents.find((places) => places.includes(place)) ?? [];
  const shared = shareInDocument(ranked, siblingsOf);
  expect(shared.map((one) => one.place)).toEqual([0, 1, 4, 3]);
  expect(shared[0]?.score).toBe(1);
  expect(shared[2]?.score).toBeCloseTo(0.5);
});

it('finds the part of a file that lacks the words by the part that has them, also after changes', () => {
  const corpus = [
    { id: 'pump_chunk_0', title: '', text: 'Care of the centrifugal pump.' },
    { id: 'pump_chunk_1', title: '', text: 'It is greased every nine weeks.' },
    { id: 'fan_chunk_0', title: '', text: 'About a fan and its wings.' },
    { id: 'fan_chunk_1', title: '', text: 'It is greased every two weeks.' },
  ];
  const chunks = chunkCorpus(corpus, hash);
  const rowOf = new Map(chunks.map((chunk) => [chunk.id, chunk.rowId]));
  const index = new CollectionIndex();
  index.applyChanges({ dropped: [], chunks });
  const find = (query: string) =>
    index.search({ query, limit: 10, denseWeight: 0 }).ranked.map((one) => rowOf.get(one.chunkId));
  const wish = 'how often is the centrifugal pump greased';
  expect(find(wish).slice(0, 2).toSorted()).toEqual(['pump_chunk_0', 'pump_chunk_1']);
  index.applyChanges({ dropped: ['pump'], chunks: [] });
  expect(find(wish)).toEqual(['fan_chunk_1', 'fan_chunk_0']);
  const saved = CollectionIndex.fromSaved(index.save());
  expect(saved.search({ query: 'fan', limit: 10, denseWeight: 0 }).ranked).toHaveLength(2);
});
