import { describe, expect, it } from 'vitest';
import type { FoundChunk } from '../../src/ground/evidence.ts';
import { type ReadingWish, readOn } from '../../src/ground/reading.ts';

function chunkOf(id: string, text: string): FoundChunk {
  const document = {
    id,
    collection: 'docs',
    path: `${id}.md`,
    type: 'markdown',
    version: 1,
    bytes: 1,
    modifiedAt: 0,
    hash: '',
    chunkCount: 1,
    flags: [],
    principals: ['public'],
    metadata: {},
  };
  const sentences = [{ text, start: 0, end: text.length }];
  return {
    chunk: {
      id,
      documentId: id,
      documentVersion: 1,
      path: `${id}.md`,
      headings: [],
      sentences,
      document,
    },
    ranked: { chunkId: id, score: 1, legs: [], lexicalScore: 1, coverage: 1 },
  };
}

const FIRST = [chunkOf('velo', 'The Velo 5 weighs 3 kg.')];
const QUESTION = 'Which is heavier, the Velo 5 or the Marlo 200?';
const wish = (change: Partial<ReadingWish> = {}): ReadingWish => ({
  mode: 'auto',
  once: FIRST,
  steps: 4,
  tokens: 900,
  ms: 1000,
  ...change,
});

describe('reading on', () => {
  it('keeps what it has where a step fails', async () => {
    const read = await readOn(QUESTION, FIRST, wish(), {
      find: async () => Promise.reject(new Error('the store is away')),
      open: async () => [],
      elapsed: () => 0,
    });
    expect(read?.reading.ended).toBe('trouble');
    expect(read?.reading.parts.map((one) => one.isFound)).toEqual([true, true]);
    expect(read?.chosen.map((one) => one.chunk.id)).toEqual(['velo']);
  });

  it('begins no step when its time is over', async () => {
    let now = 0;
    const read = await readOn(QUESTION, FIRST, wish(), {
      find: async () => {
        now += 1001;
        return FIRST;
      },
      open: async () => [],
      elapsed: () => now,
    });
    expect(read?.reading).toMatchObject({ ended: 'time', steps: [{ reason: 'part' }] });
    // The Marlo was never looked for: that the documents lack it cannot be told.
    expect(read?.reading.parts.map((one) => one.isFound)).toEqual([true, true]);
  });

  it('tells the words of a passage only where the passage is among the evidence', async () => {
    const first = [chunkOf('lift', 'The lift of the firm that makes beds is by Hebe Works.')];
    const hebe = chunkOf('hebe', 'Hebe Works has its seat in Brunnau.');
    const question = 'Where is the seat of the firm that makes beds?';
    const access = { find: async () => [hebe], open: async () => [], elapsed: () => 0 };
    const read = await readOn(question, first, wish({ once: first }), access);
    const followed = read?.chosen.find((one) => one.chunk.id === 'hebe');
    expect(followed?.via).toBe('The lift of the firm that makes beds is by Hebe Works.');
    const narrow = await readOn(question, first, wish({ once: [], tokens: 0 }), access);
    expect(narrow?.chosen).toEqual([]);
    expect(narrow?.reading.steps.map((step) => step.asked)).toEqual(['']);
  });

  it('says nothing where nothing was to be read', async () => {
    const access = { find: async () => FIRST, open: async () => [], elapsed: () => 0 };
    expect(await readOn('How much does the Velo 5 weigh?', FIRST, wish(), access)).toBeUndefined();
  });
});
