import { expect, it } from 'vitest';
import { composeTaughtReader } from '../../src/compose/taught-reader.ts';
import { LOOPBACK } from '../../src/core/call.ts';

const signal = new AbortController().signal;
const seen: (readonly string[])[] = [];
const named = (readers: readonly string[] | undefined) => ({
  id: 'faq',
  description: '',
  readers,
  ranker: {
    version: 'faq@1',
    doRank: async (_query: string, texts: readonly string[]) => {
      seen.push(texts);
      return { ranked: [{ index: 0, score: 0.7 }], tokens: 0, legs: ['lexical' as const] };
    },
  },
});
const STRANGER = { key: 'key_other', principals: ['public'], keepsText: false };

it('reads a passage as the specialist does', async () => {
  const reader = composeTaughtReader([named(undefined)], 'faq')(STRANGER);
  const passage = { sentences: ['Trips', 'Ask first.'], documentId: 'd', documentVersion: 1 };
  expect(await reader?.doRead('who?', passage, { signal })).toBe(0.7);
  expect(seen).toEqual([['Trips Ask first.']]);
});

it('is there for callers who may use the specialist alone, and under its name alone', () => {
  const rankers = [named(['key:key_mine'])];
  expect(composeTaughtReader(rankers, 'faq')(STRANGER)).toBeUndefined();
  expect(composeTaughtReader(rankers, 'faq')({ ...STRANGER, key: 'key_mine' })).toBeDefined();
  expect(composeTaughtReader(rankers, 'faq')(LOOPBACK)).toBeDefined();
  expect(composeTaughtReader(rankers, 'tokens')(LOOPBACK)).toBeUndefined();
});
