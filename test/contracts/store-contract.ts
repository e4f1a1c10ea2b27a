import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/stores.ts';
import { describeAccess } from './store-contract-access.ts';
import { describeChunks } from './store-contract-chunks.ts';
import { describeFeedback } from './store-contract-feedback.ts';
import { describeObjects } from './store-contract-objects.ts';
import { describeProcesses } from './store-contract-processes.ts';
import { describeSpend } from './store-contract-spend.ts';
import { describeText } from './store-contract-text.ts';
import { HOSTILE_TEXT, SOLE, sampleEvents, sampleKey, sampleReceipt } from './store-samples.ts';

/** A place for one test's state, empty at first. */
export interface StorePlace {
  /** What child processes open: a file path or a connection string. */
  readonly address: string;
  open(): Promise<Store>;
  /** Every row of every table, as text. */
  readRows(): Promise<string>;
  remove(): Promise<void>;
}

/** Stores of the running test; all are closed after it. */
export interface OpenStores {
  readonly place: StorePlace;
  /** One more independent connection to the same state. */
  open(): Promise<Store>;
  /** A second connection, or the same one where a store has one owner. */
  openBeside(store: Store): Promise<Store>;
}

/** What every adapter of the Store port has to keep, whatever database is behind it. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}`, () => {
    let place: StorePlace;
    let opened: Store[];
    const stores: OpenStores = {
      get place() {
        return place;
      },
      async open() {
        const store = await place.open();
        opened.push(store);
        return store;
      },
      openBeside: async (store) => (name === SOLE ? store : stores.open()),
    };
    beforeEach(async () => {
      place = await makePlace();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.doClose()));
      await place.remove();
    });

    describeReceipts(stores);
    describeText(stores);
    describeFeedback(stores);
    describeKeys(stores);
    describeSpend(stores);
    describeChunks(stores);
    describeAccess(stores);
    describeObjects(stores);
    describeProcesses(name, stores);
  });
}

function describeReceipts(stores: OpenStores): void {
  const text = {
    prompt: HOSTILE_TEXT,
    answer: 'yes',
    citations: [],
    events: sampleEvents('req_a'),
  };

  it('gives back a receipt, its events and its text as they were put', async () => {
    const store = await stores.open();
    const receipt = sampleReceipt('req_a', { requestedModel: HOSTILE_TEXT, parent: 'req_0' });
    await store.doPutReceipt(receipt, sampleEvents('req_a'), text);
    expect(await store.doGetReceipt('req_a')).toEqual(receipt);
    expect(await store.doGetEvents('req_a')).toEqual(sampleEvents('req_a'));
    expect(await store.doGetText('req_a')).toEqual(text);
  });

  it('gives back feature hashes of every size', async () => {
    const store = await stores.open();
    const all = [[], [0, 1, 63, 64, 4095, 4096, 2 ** 18 - 1], [2 ** 18], [0.5]];
    for (const [index, featureHashes] of all.entries()) {
      const receipt = sampleReceipt(`req_${index}`, { featureHashes });
      await store.doPutReceipt(receipt, []);
      expect(await store.doGetReceipt(receipt.id)).toEqual(receipt);
    }
    expect((await store.doListReceipts({ limit: 9 })).map((one) => one.featureHashes)).toEqual(
      all.toReversed(),
    );
  });

  it('gives back the verdict and the decision of the events, which the receipt holds too', async () => {
    const store = await stores.open();
    const [policy] = sampleEvents('req_a').flatMap((one) =>
      one.type === 'policy-judged' ? [one.verdict] : [],
    );
    const verdict = policy ?? { label: 'public', labelReasons: ['none'], destinations: [] };
    const judged = { type: 'policy-judged', verdict } as const;
    const other = { ...judged, verdict: { ...verdict, labelReasons: ['another'] } };
    await store.doPutReceipt(sampleReceipt('req_a', { policy: verdict }), [judged, other]);
    expect(await store.doGetEvents('req_a')).toEqual([judged, other]);
  });

  it('keeps what is put at once, whatever becomes of one of them', async () => {
    const store = await stores.open();
    const wish = { key: 'key_a', period: 'today', at: 1 };
    const puts = Array.from({ length: 40 }, (_, index) =>
      store.doPutReceipt(sampleReceipt(`req_${index}`), [], index % 2 ? text : undefined),
    );
    const broken = store.doSettle('res_none', 1);
    const first = store.doReserve({ ...wish, id: 'res_a', amount: 2, limit: 3 });
    const second = store.doReserve({ ...wish, id: 'res_b', amount: 2, limit: 3 });
    await expect(broken).rejects.toMatchObject({ code: 'store_failed' });
    // Which of two at once is first, a database with several connections may choose.
    expect([await first, await second].toSorted()).toEqual([false, true]);
    await Promise.all(puts);
    expect(await store.doListReceipts({ limit: 99 })).toHaveLength(40);
    expect(await store.doGetText('req_39')).toEqual(text);
    expect(await store.doSpent('key_a', 'today')).toBe(2);
  });

  it('says undefined for what is not there', async () => {
    const store = await stores.open();
    expect(await store.doGetReceipt('req_none')).toBeUndefined();
    expect(await store.doGetEvents('req_none')).toBeUndefined();
    expect(await store.doGetText('req_none')).toBeUndefined();
    expect(await store.doFindKey('none')).toBeUndefined();
    expect(await store.doGetCollection('none')).toBeUndefined();
  });

  it('keeps no text unless it is given', async () => {
    const store = await stores.open();
    await store.doPutReceipt(sampleReceipt('req_a'), []);
    expect(await store.doGetText('req_a')).toBeUndefined();
  });

  it('puts the same receipt twice as once', async () => {
    const store = await stores.open();
    await store.doPutReceipt(sampleReceipt('req_a'), []);
    await store.doPutReceipt(sampleReceipt('req_a', { outcome: 'failed' }), sampleEvents('req_a'));
    const list = await store.doListReceipts({ limit: 10 });
    expect(list.map((one) => one.outcome)).toEqual(['failed']);
  });

  it('lists newest first, ties by id, within limit, time, key and parent', async () => {
    const store = await stores.open();
    const put = (id: string, at: number, key: string, parent?: string) =>
      store.doPutReceipt(sampleReceipt(id, { at, key, ...(parent ? { parent } : {}) }), []);
    await put('req_b', 20, 'one');
    await put('req_a', 10, 'one');
    await put('req_d', 30, 'two', 'req_c');
    await put('req_C', 30, 'one');
    await put('req_e', 30.5, 'two', 'req_c');
    const ids = async (filter: Parameters<Store['doListReceipts']>[0]) =>
      (await store.doListReceipts(filter)).map((one) => one.id);
    expect(await ids({ limit: 9 })).toEqual(['req_e', 'req_d', 'req_C', 'req_b', 'req_a']);
    expect(await ids({ limit: 2 })).toEqual(['req_e', 'req_d']);
    expect(await ids({ limit: 9, before: 30 })).toEqual(['req_b', 'req_a']);
    expect(await ids({ limit: 9, key: 'two' })).toEqual(['req_e', 'req_d']);
    expect(await ids({ limit: 9, parent: 'req_c', before: 30.25 })).toEqual(['req_d']);
    expect(await ids({ limit: 0 })).toEqual([]);
  });

  it('pages through receipts of one millisecond without leaving one out', async () => {
    const store = await stores.open();
    const ids = ['req_f', 'req_e', 'req_d', 'req_c', 'req_B', 'req_A', 'req_0'];
    const at = (index: number) => (index === 0 ? 31 : index === 6 ? 29 : 30);
    for (const [index, id] of ids.entries())
      await store.doPutReceipt(sampleReceipt(id, { at: at(index) }), []);
    const seen: string[] = [];
    let last: { readonly before: number; readonly beforeId: string } | undefined;
    for (let page = 0; page < 4; page += 1) {
      const receipts = await store.doListReceipts({ limit: 2, key: 'loopback', ...last });
      seen.push(...receipts.map((one) => one.id));
      const end = receipts.at(-1);
      if (end) last = { before: end.at, beforeId: end.id };
    }
    expect(seen).toEqual(ids);
    expect(await store.doListReceipts({ limit: 2, ...last })).toEqual([]);
  });

  it('refuses a limit that is not a whole number from 0', async () => {
    const store = await stores.open();
    for (const limit of [-1, 1.5, Number.NaN])
      await expect(store.doListReceipts({ limit })).rejects.toMatchObject({ code: 'store_failed' });
  });

  it('purges receipts and text by their own times, and text with its receipt', async () => {
    const store = await stores.open();
    for (const at of [10, 20, 30]) {
      const id = `req_${at}`;
      await store.doPutReceipt(sampleReceipt(id, { at }), [], text);
    }
    expect(await store.doPurge({ receipts: 20, text: 30 })).toBe(3);
    const left = await store.doListReceipts({ limit: 9 });
    expect(left.map((one) => one.id)).toEqual(['req_30', 'req_20']);
    expect(await store.doGetText('req_20')).toBeUndefined();
    expect(await store.doGetText('req_30')).toEqual(text);
    expect(await store.doPurge({ receipts: 31, text: 0 })).toBe(3);
    expect(await store.doGetText('req_30')).toBeUndefined();
    expect(await store.doPurge({ receipts: 31, text: 31 })).toBe(0);
  });
}

function describeKeys(stores: OpenStores): void {
  it('finds a key by its hash only and gives it back as it was put', async () => {
    const store = await stores.open();
    const key = sampleKey('key_a', {
      name: HOSTILE_TEXT,
      principals: ['public', HOSTILE_TEXT],
      keepsText: true,
      budgetDaily: 0.1,
      rateLimit: 60,
    });
    await store.doPutKey(key);
    expect(await store.doFindKey(key.hash)).toEqual(key);
    expect(await store.doFindKey('key_a')).toBeUndefined();
  });

  it('refuses two keys with one hash', async () => {
    const store = await stores.open();
    await store.doPutKey(sampleKey('key_a'));
    const twin = sampleKey('key_b', { hash: sampleKey('key_a').hash });
    await expect(store.doPutKey(twin)).rejects.toMatchObject({ code: 'store_failed' });
  });

  it('lists keys in the order of their making', async () => {
    const store = await stores.open();
    await store.doPutKey(sampleKey('key_b', { createdAt: 2 }));
    await store.doPutKey(sampleKey('key_c', { createdAt: 1 }));
    expect((await store.doListKeys()).map((key) => key.id)).toEqual(['key_c', 'key_b']);
  });

  it('revokes a key once, and no later write brings it back', async () => {
    const store = await stores.open();
    const key = sampleKey('key_a');
    await store.doPutKey(key);
    expect(await store.doRevokeKey('key_a', 5)).toBe(true);
    expect(await store.doRevokeKey('key_a', 6)).toBe(false);
    expect(await store.doRevokeKey('key_none', 6)).toBe(false);
    await store.doPutKey(key);
    expect(await store.doFindKey(key.hash)).toEqual({ ...key, revokedAt: 5 });
  });

  it('shows a revocation to every connection at once', async () => {
    const [one, other] = [await stores.open(), await stores.open()];
    await one.doPutKey(sampleKey('key_a'));
    await other.doRevokeKey('key_a', 7);
    expect((await one.doFindKey(sampleKey('key_a').hash))?.revokedAt).toBe(7);
  });
}
