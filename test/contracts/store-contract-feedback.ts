import { expect, it } from 'vitest';
import type { FeedbackRow } from '../../src/core/outcome.ts';
import type { OpenStores } from './store-contract.ts';
import { HOSTILE_TEXT, sampleReceipt } from './store-samples.ts';

function said(receipt: string, change: Partial<FeedbackRow> = {}): FeedbackRow {
  return { receipt, source: 'thumbs', key: 'key_a', score: 1, at: 1000, ...change };
}

export function describeFeedback(stores: OpenStores): void {
  it('gives back what was said of a receipt, by source', async () => {
    const store = await stores.open();
    const rows = [
      said('req_a', { source: 'correction', score: 0, text: HOSTILE_TEXT, at: 1000.25 }),
      said('req_a', { source: 'score', score: 0.125 }),
      said('req_a'),
    ];
    for (const row of rows.toReversed()) await store.doPutFeedback(row);
    await store.doPutFeedback(said('req_b', { score: 0 }));
    expect(await store.doGetFeedback('req_a')).toEqual(rows);
    expect(await store.doGetFeedback('req_none')).toEqual([]);
    expect(await (await stores.openBeside(store)).doGetFeedback('req_a')).toEqual(rows);
  });

  it('changes nothing for the same again, and replaces what the source said before', async () => {
    const store = await stores.open();
    await store.doPutFeedback(said('req_a'));
    await store.doPutFeedback(said('req_a', { at: 2000 }));
    expect(await store.doGetFeedback('req_a')).toEqual([said('req_a')]);
    await store.doPutFeedback(said('req_a', { score: 0, at: 3000, key: 'key_b' }));
    const changed = said('req_a', { score: 0, at: 3000, key: 'key_b' });
    expect(await store.doGetFeedback('req_a')).toEqual([changed]);
    const corrected = said('req_a', { source: 'correction', score: 0, text: 'one' });
    await store.doPutFeedback(corrected);
    await store.doPutFeedback({ ...corrected, text: 'two', at: 4000 });
    expect((await store.doGetFeedback('req_a'))[0]).toMatchObject({ text: 'two', at: 4000 });
    await store.doPutFeedback(said('req_a', { source: 'correction', score: 0, at: 5000 }));
    expect((await store.doGetFeedback('req_a'))[0]).not.toHaveProperty('text');
  });

  it('lists by time, page by page, and a changed row as new', async () => {
    const store = await stores.open();
    for (const [index, id] of ['req_c', 'req_a', 'req_b'].entries())
      await store.doPutFeedback(said(id, { at: 1000 + Math.floor(index / 2) }));
    const first = await store.doListFeedback({ limit: 2 });
    expect(first.map((one) => one.receipt)).toEqual(['req_a', 'req_c']);
    const [, last] = first;
    const after = last ?? said('req_c');
    const rest = await store.doListFeedback({ limit: 2, after });
    expect(rest.map((one) => one.receipt)).toEqual(['req_b']);
    await store.doPutFeedback(said('req_a', { score: 0, at: 2000 }));
    const news = await store.doListFeedback({ limit: 9, after });
    expect(news.map((one) => one.receipt)).toEqual(['req_b', 'req_a']);
    expect(await store.doListFeedback({ limit: 0 })).toEqual([]);
  });

  it('loses what was said with the receipt, and the words with the texts', async () => {
    const store = await stores.open();
    const words = { source: 'correction', score: 0, text: 'zcorrection' } as const;
    for (const [id, at] of [
      ['req_old', 1000],
      ['req_middle', 2000],
      ['req_new', 3000],
    ] as const) {
      await store.doPutReceipt(sampleReceipt(id, { at }), []);
      await store.doPutFeedback(said(id, { ...words, at: at + 10 }));
    }
    // Said long after the old receipt, of which nothing is left.
    await store.doPutFeedback(said('req_old', { at: 9000 }));
    await store.doPurge({ receipts: 1500, text: 2500 });
    expect(await store.doGetFeedback('req_old')).toEqual([]);
    const [middle] = await store.doGetFeedback('req_middle');
    expect(middle).toMatchObject({ score: 0, source: 'correction' });
    expect(middle).not.toHaveProperty('text');
    expect(await store.doGetFeedback('req_new')).toMatchObject([words]);
    await store.doPurge({ receipts: 3500, text: 3500 });
    expect(await stores.place.readRows()).not.toContain('zcorrection');
    expect(await store.doListFeedback({ limit: 9 })).toEqual([]);
  });

  it('does not keep what was said of a receipt that is gone already', async () => {
    const store = await stores.open();
    await store.doPutFeedback(said('req_gone', { at: 1000 }));
    await store.doPurge({ receipts: 2000, text: 2000 });
    expect(await store.doGetFeedback('req_gone')).toEqual([]);
  });
}
