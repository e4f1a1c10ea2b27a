import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { citedLists } from '../../src/compose/cited-lists.ts';
import { Openings } from '../../src/compose/openings.ts';
import type { SearchResult } from '../../src/core/search-result.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { sampleAttempt, samplePassage } from '../record/samples.ts';

const DAY = 86_400_000;
const caller = { key: 'key_1', principals: ['public'], keepsText: false };

async function open() {
  const store = await openSqliteStore(join(mkdtempSync(join(tmpdir(), 'cadre-')), 'state.db'));
  onTestFinished(() => store.doClose());
  let now = 40_000 * DAY;
  const clock = { now: () => now, elapsed: () => 0 };
  const openings = new Openings({ store, clock, retentionDays: () => 90 });
  return { store, openings, wait: (ms: number) => (now += ms) };
}

/** Three passages of as many documents, ranked by both legs. */
function result(): SearchResult {
  const passages = [1, 2, 3].map((number) => ({
    ...samplePassage(number, [number]),
    chunkId: `chunk-${number}`,
    legs: [
      { leg: 'lexical', rank: number, score: 9 - number, deviations: 1 / number },
      { leg: 'dense', score: 0.5, deviations: number / 10 },
    ] as const,
    sentences: samplePassage(number, [number]).sentences.map((one) => ({
      ...one,
      documentId: `doc-${number}`,
    })),
  }));
  return { passages, legs: ['lexical', 'dense'], indexVersion: 1, ms: 1 };
}

it('notes what was opened without a word or a name of it', async () => {
  const { store, openings } = await open();
  const id = openings.remember('docs', result()) ?? '';
  expect(await openings.note('docs', id, 'chunk-2', caller)).toBe(true);
  expect(await openings.note('docs', id, 'chunk-3', caller)).toBe(true);
  expect(await openings.note('docs', id, 'chunk-3', caller)).toBe(true);
  const row = await store.doGetObject('opening', id);
  expect(row?.body).toEqual({
    collection: 'docs',
    shown: [
      [1, 0.1, 0],
      [0.5, 0.2, 1],
      [0.333, 0.3, 2],
    ],
    opened: [1, 2],
  });
  expect(row?.expiresAt).toBe(40_090 * DAY);
  const [list] = await openings.lists('docs');
  expect(list).toMatchObject({ taken: ['1', '2'], bias: 'place' });
  expect(list?.passages[1]).toEqual({ words: 0.5, meaning: 0.2, document: '1' });
  expect(await openings.lists('other')).toEqual([]);
  await openings.forget('docs');
  expect(await openings.lists('docs')).toEqual([]);
});

it('loses none of two results that are opened at once', async () => {
  const { store, openings } = await open();
  const id = openings.remember('docs', result()) ?? '';
  const both = ['chunk-1', 'chunk-3'].map((chunk) => openings.note('docs', id, chunk, caller));
  expect(await Promise.all(both)).toEqual([true, true]);
  const opened = (await store.doGetObject('opening', id))?.body['opened'];
  expect(Array.isArray(opened) && opened.toSorted()).toEqual([0, 2]);
});

it('forgets all of a collection, however many they are', async () => {
  const { store, openings } = await open();
  for (let number = 0; number < 1001; number += 1)
    await store.doPutObject({
      ...{ kind: 'opening', id: `srch_${number}`, key: 'key_1', createdAt: number },
      body: { collection: 'docs', shown: [], opened: [] },
    });
  const before = openings.remember('docs', result()) ?? '';
  await openings.forget('docs');
  expect(await openings.lists('docs')).toEqual([]);
  expect(await openings.note('docs', before, 'chunk-1', caller)).toBe(false);
});

it('notes nothing of another search, another collection, or one leg alone', async () => {
  const { openings } = await open();
  const id = openings.remember('docs', result()) ?? '';
  expect(await openings.note('docs', 'srch_none', 'chunk-1', caller)).toBe(false);
  expect(await openings.note('other', id, 'chunk-1', caller)).toBe(false);
  expect(await openings.note('docs', id, 'chunk-9', caller)).toBe(false);
  const alone = result().passages.map((one) => ({ ...one, legs: one.legs?.slice(0, 1) ?? [] }));
  expect(openings.remember('docs', { ...result(), passages: alone })).toBeUndefined();
});

it('takes from one key a day no more than 500 searches', async () => {
  const { openings, wait } = await open();
  const note = async () => {
    const id = openings.remember('docs', result()) ?? '';
    return openings.note('docs', id, 'chunk-1', caller);
  };
  for (let count = 0; count < 500; count += 1) await note();
  expect(await note()).toBe(false);
  wait(DAY);
  expect(await note()).toBe(true);
});

it('learns from what verified answers cite that nobody disliked', async () => {
  const { store } = await open();
  const source = (number: number, cited: boolean) => ({
    ...{ collection: 'docs', documentId: `doc-${number}`, documentVersion: 1, path: 'a.md' },
    ...{ start: 0, end: 9, score: 1 / number, cited },
    deviations: { words: number, meaning: 1 },
  });
  const sources = [source(1, false), source(2, true)];
  const attempts = [sampleAttempt({ outcome: 'released' })];
  const put = (id: string, change: object) =>
    store.doPutReceipt({ ...sampleReceipt(id, { sources, attempts }), ...change }, []);
  await put('req_said', { confidence: 0.9 });
  await put('req_unsaid', { confidence: 0.9 });
  await put('req_unsure', { confidence: 0.2 });
  await put('req_bad', { confidence: 0.9 });
  await put('req_unchecked', { confidence: undefined });
  await put('req_all', { confidence: 0.9, sources: [source(2, true)] });
  const feedback = { source: 'thumbs', key: 'key_1', at: 1 } as const;
  await store.doPutFeedback({ ...feedback, receipt: 'req_said', score: 1 });
  await store.doPutFeedback({ ...feedback, receipt: 'req_bad', score: 0 });
  const lists = await citedLists(store, 'docs');
  expect(lists.map((one) => one.trust).sort()).toEqual([0.25, 1]);
  expect(lists[0]).toMatchObject({ taken: ['doc-2'], bias: 'none' });
  expect(lists[0]?.passages.map((one) => one.words)).toEqual([1, 2]);
  expect(await citedLists(store, 'other')).toEqual([]);
});
