import { expect, it } from 'vitest';
import type { Store } from '../../src/core/stores.ts';
import type { OpenStores } from './store-contract.ts';
import { HOSTILE_TEXT, sampleChunks, sampleCollection, sampleDocument } from './store-samples.ts';

/** Who may read which document, and that nothing else comes out. */
export function describeAccess(stores: OpenStores): void {
  const started = async (change: Parameters<typeof sampleCollection>[1] = {}) => {
    const store = await stores.open();
    await store.doPutCollection(sampleCollection('docs', change));
    return store;
  };
  const put = async (
    store: Store,
    id: string,
    change: Parameters<typeof sampleDocument>[3] = {},
  ) => {
    const document = sampleDocument('docs', id, change.version ?? 1, change);
    await store.doSwapDocument(document, sampleChunks(document));
  };
  const readersOf = async (store: Store, id: string) =>
    (await store.doFindDocuments('docs', [id]))[0]?.principals;
  const listed = async (store: Store, principals?: readonly string[]) =>
    (await store.doListDocuments('docs', principals)).map((one) => one.id);
  const found = async (store: Store, ids: readonly string[], principals?: readonly string[]) =>
    (await store.doFindChunks('docs', ids, principals)).map((one) => one.id);

  it('lists and finds only documents that a principal may read', async () => {
    const store = await started();
    await put(store, 'a');
    await put(store, 'b', { given: { principals: ['hr', HOSTILE_TEXT] } });
    await put(store, 'c', { given: { principals: [] } });
    await put(store, 'd', { given: { principals: ['hr'], owner: 'ann' } });
    expect(await listed(store)).toEqual(['a', 'b', 'c', 'd']);
    expect(await listed(store, [])).toEqual(['a']);
    expect(await listed(store, ['h', '"hr"', '%'])).toEqual(['a']);
    expect(await listed(store, ['hr'])).toEqual(['a', 'b', 'd']);
    expect(await listed(store, [HOSTILE_TEXT])).toEqual(['a', 'b']);
    expect(await listed(store, ['ann'])).toEqual(['a', 'd']);
    const ids = ['d#1', 'c#0', 'b#0', 'a#1', 'none'];
    expect(await found(store, ids)).toEqual(['d#1', 'c#0', 'b#0', 'a#1']);
    expect(await found(store, ids, ['public'])).toEqual(['a#1']);
    expect(await found(store, ids, ['hr'])).toEqual(['d#1', 'b#0', 'a#1']);
    const some = await store.doFindDocuments('docs', ['b', 'a', 'none'], ['public']);
    expect(some.map((one) => one.id)).toEqual(['a']);
  });

  it('lists page by page what a principal may read, each once', async () => {
    const store = await started();
    for (const id of ['c', 'B', 'a', 'd', 'e']) await put(store, id);
    await store.doChangeDocument('docs', 'c', { override: () => ({ principals: ['hr'] }) });
    const pages: string[][] = [];
    for (let after: string | undefined; pages.length < 9; ) {
      const page = { limit: 2, ...(after === undefined ? {} : { after }) };
      const ids = (await store.doListDocuments('docs', [], page)).map((one) => one.id);
      if (ids.length === 0) break;
      pages.push(ids);
      after = ids.at(-1);
    }
    expect(pages).toEqual([
      ['B', 'a'],
      ['d', 'e'],
    ]);
    expect(await store.doListDocuments('docs', undefined, { after: 'd' })).toMatchObject([
      { id: 'e' },
    ]);
  });

  it('gives found chunks as they were put, with their document', async () => {
    const store = await started();
    const path = `folder/${HOSTILE_TEXT}.md`;
    await put(store, 'a', { path, title: HOSTILE_TEXT, given: { metadata: { year: 2024 } } });
    const [document] = await store.doListDocuments('docs');
    expect(document).toMatchObject({ title: HOSTILE_TEXT, metadata: { year: 2024 } });
    const [first] = await store.doFindChunks('docs', ['a#0']);
    const [sample] = sampleChunks(sampleDocument('docs', 'a', 1, { path }));
    const { indexText: _t, context: _c, embedding: _e, ...shown } = sample ?? { indexText: '' };
    expect(first).toEqual({ ...shown, document });
  });

  it('finds no chunk of a document that was dropped, replaced or closed, nor of a dropped collection', async () => {
    const [store, other] = [await started(), await stores.open()];
    for (const id of ['a', 'b', 'c']) await put(store, id);
    await other.doDropDocument('docs', 'a');
    const next = sampleDocument('docs', 'b', 2);
    await other.doSwapDocument(next, sampleChunks(next, 1));
    await other.doChangeDocument('docs', 'c', { override: () => ({ principals: ['hr'] }) });
    expect(await found(store, ['a#0', 'b#0', 'b#1', 'c#0'], ['public'])).toEqual(['b#0']);
    expect((await store.doFindChunks('docs', ['b#0']))[0]?.documentVersion).toBe(2);
    await other.doChangeCollection('docs', { principals: ['hr'] });
    expect(await found(store, ['b#0', 'c#0'], ['public'])).toEqual([]);
    expect(await found(store, ['b#0', 'c#0'], ['hr'])).toEqual(['b#0', 'c#0']);
    await other.doDropCollection('docs');
    expect(await found(store, ['b#0', 'c#0'])).toEqual([]);
  });

  it('lets rules count for documents that are there and for those that come, by the last that fits', async () => {
    const store = await started();
    await put(store, 'a', { path: 'hr/pay/a.md' });
    await put(store, 'b', { path: 'b.md', given: { principals: ['sales'] } });
    const rules = [
      { path: 'hr/', principals: ['hr'] },
      { path: 'hr/open/', principals: ['public'] },
    ];
    const before = await store.doGetCollection('docs');
    const changed = await store.doChangeCollection('docs', { rules });
    expect(changed).toMatchObject({ rules, version: (before?.version ?? 0) + 1 });
    expect(await readersOf(store, 'a')).toEqual(['hr']);
    expect(await readersOf(store, 'b')).toEqual(['sales']);
    expect(await store.doReadChanges('docs', before?.version ?? 0)).toMatchObject({
      documents: [{ id: 'a', principals: ['hr'] }],
      dropped: [],
      chunks: [],
    });
    await put(store, 'c', { path: 'hr/open/c.md', given: { principals: ['sales'] } });
    expect(await readersOf(store, 'c')).toEqual(['public']);
    await store.doChangeDocument('docs', 'c', { path: 'hr/c.md' });
    expect(await readersOf(store, 'c')).toEqual(['hr']);
    await store.doPutCollection(sampleCollection('docs', { owner: 'ann', rules }));
    expect(await readersOf(store, 'a')).toEqual(['ann', 'hr']);
  });

  it('keeps what was said by hand through new versions, and takes it back', async () => {
    const store = await started();
    await put(store, 'a', {
      given: { principals: ['sales'], metadata: { year: 2023, team: 'x' } },
    });
    const override = { principals: ['law'], metadata: { year: 2024, note: HOSTILE_TEXT } };
    const changed = await store.doChangeDocument('docs', 'a', { override: () => override });
    expect(changed).toMatchObject({
      override,
      principals: ['law'],
      metadata: { year: 2024, team: 'x', note: HOSTILE_TEXT },
    });
    await put(store, 'a', {
      version: 2,
      given: { principals: ['public'], metadata: { year: 2025 } },
    });
    const [document] = await store.doListDocuments('docs');
    expect(document).toMatchObject({ principals: ['law'], metadata: { year: 2024 }, version: 2 });
    // Who read the row before and writes it again cannot bring the old word back.
    await store.doChangeDocument('docs', 'a', { override: () => null });
    if (document) await store.doSwapDocument(document, []);
    const [after] = await store.doListDocuments('docs');
    expect(after).toMatchObject({ principals: ['public'], metadata: { year: 2025 } });
    expect(after).not.toHaveProperty('override');
    await put(store, 'a', { version: 3 });
    expect((await store.doListDocuments('docs'))[0]).not.toHaveProperty('given');
  });

  it('keeps what was said by hand for the document that comes in the place of one that went', async () => {
    const store = await started();
    const say = (id: string, team: string) =>
      store.doChangeDocument('docs', id, { override: () => ({ principals: [team] }) });
    await put(store, 'a', { path: HOSTILE_TEXT, hash: 'aa' });
    await put(store, 'b', { path: 'b.md', hash: 'bb' });
    await say('a', 'law');
    await say('b', 'hr');
    await put(store, 'copy', { path: 'copy.md', hash: 'bb' });
    expect(await readersOf(store, 'copy')).toEqual(['hr']);
    await store.doChangeDocument('docs', 'copy', { override: () => null });
    await store.doDropDocument('docs', 'a');
    await store.doDropDocument('docs', 'b');
    await put(store, 'c', { path: HOSTILE_TEXT, hash: 'cc' });
    await put(store, 'd', { path: 'moved.md', hash: 'bb' });
    await put(store, 'e', { path: HOSTILE_TEXT, hash: 'ee' });
    expect(await readersOf(store, 'c')).toEqual(['law']);
    expect(await readersOf(store, 'd')).toEqual(['hr']);
    expect(await readersOf(store, 'e')).toEqual(['public']);
    await store.doDropDocument('docs', 'c');
    await store.doDropCollection('docs');
    await store.doPutCollection(sampleCollection('docs'));
    await put(store, 'f', { path: HOSTILE_TEXT, hash: 'cc' });
    expect(await readersOf(store, 'f')).toEqual(['public']);
  });

  it('never opens a copy by what was said of the document it has its bytes from', async () => {
    const store = await started({ rules: [{ path: 'hr/', principals: ['hr', 'board'] }] });
    const say = (id: string, principals: readonly string[], owner?: string) =>
      store.doChangeDocument('docs', id, {
        override: () => ({ principals, ...(owner === undefined ? {} : { owner }) }),
      });
    await put(store, 'open', { path: 'hr/open.md', hash: 'aa' });
    await say('open', ['public'], 'ann');
    await put(store, 'copy', { path: 'hr/copy.md', hash: 'aa' });
    expect(await readersOf(store, 'copy')).toEqual(['board', 'hr']);
    await put(store, 'closed', { path: 'z.md', hash: 'aa' });
    await say('closed', ['hr', 'law']);
    await put(store, 'third', { path: 'hr/third.md', hash: 'aa' });
    await put(store, 'fourth', { path: 'fourth.md', hash: 'aa' });
    expect(await readersOf(store, 'third')).toEqual(['hr']);
    expect(await readersOf(store, 'fourth')).toEqual(['hr', 'law']);
    // A rule that comes later closes it further, and never opens it.
    await store.doChangeCollection('docs', { rules: [{ path: '*', principals: ['law', 'ben'] }] });
    expect(await readersOf(store, 'fourth')).toEqual(['law']);
    await say('fourth', ['public']);
    expect(await readersOf(store, 'fourth')).toEqual(['public']);
  });

  it('closes a document that gets the bytes of a closed one, whichever of the two is seen first', async () => {
    const store = await started();
    for (const [id, hash] of Object.entries({ a: 'aa', b: 'bb', c: 'cc', d: '' }))
      await put(store, id, { path: `${id}.md`, hash });
    for (const id of ['a', 'c'])
      await store.doChangeDocument('docs', id, { override: () => ({ principals: ['law'] }) });
    await put(store, 'b', { path: 'b.md', hash: 'aa', version: 2 });
    await store.doDropDocument('docs', 'c');
    await put(store, 'd', { path: 'd.md', hash: 'cc', version: 2 });
    expect(await readersOf(store, 'b')).toEqual(['law']);
    expect(await readersOf(store, 'd')).toEqual(['law']);
    await put(store, 'b', { path: 'b.md', hash: 'b3', version: 3 });
    expect(await readersOf(store, 'b')).toEqual(['law']);
  });

  it('opens no other text at the place of a document that was opened by hand', async () => {
    const store = await started({ rules: [{ path: 'hr/', principals: ['hr'] }] });
    const open = async (id: string, path: string, hash: string) => {
      await put(store, id, { path, hash });
      await store.doChangeDocument('docs', id, {
        override: () => ({ principals: ['public'], metadata: { year: 2024 } }),
      });
      await store.doDropDocument('docs', id);
    };
    await open('a', 'hr/a.md', 'aa');
    await put(store, 'b', { path: 'hr/a.md', hash: 'bb' });
    expect(await readersOf(store, 'b')).toEqual(['hr']);
    await open('c', 'hr/c.md', 'cc');
    await put(store, 'd', { path: 'hr/c.md', hash: 'cc' });
    expect((await store.doFindDocuments('docs', ['d']))[0]).toMatchObject({
      principals: ['public'],
      metadata: { year: 2024 },
    });
    // The word of its place must not hide that its bytes were closed elsewhere.
    await open('e', 'e.md', 'ee');
    await put(store, 'f', { path: 'f.md', hash: 'ff' });
    await store.doChangeDocument('docs', 'f', { override: () => ({ principals: ['law'] }) });
    await store.doDropDocument('docs', 'f');
    await put(store, 'g', { path: 'e.md', hash: 'ff' });
    expect(await readersOf(store, 'g')).toEqual(['law']);
  });

  it('raises the version for real changes only, and tells readers of them', async () => {
    const store = await started();
    await put(store, 'a');
    const change = { override: () => ({ metadata: { year: 2024 } }) };
    await store.doChangeDocument('docs', 'a', change);
    const again = await store.doChangeDocument('docs', 'a', change);
    expect((await store.doGetCollection('docs'))?.version).toBe(2);
    expect(await store.doReadChanges('docs', 1)).toEqual({
      version: 2,
      dropped: [],
      documents: [again],
      chunks: [],
    });
    await store.doChangeCollection('docs', { principals: ['hr'] });
    expect((await store.doGetCollection('docs'))?.version).toBe(2);
  });

  it('keeps the fitted weight of a collection until it is taken back', async () => {
    const store = await started();
    const weight = {
      ...{ dense: 0.9, embedder: 'bge', at: 5, gain: 0.012, gainLow: 0.001 },
      signals: { judged: 40, opened: 0, answered: 2 },
    };
    await store.doChangeCollection('docs', { weight });
    expect((await store.doListCollections())[0]?.weight).toEqual(weight);
    await store.doChangeCollection('docs', { owner: 'ann' });
    expect((await store.doGetCollection('docs'))?.weight).toEqual(weight);
    await store.doChangeCollection('docs', { weight: undefined });
    expect((await store.doGetCollection('docs'))?.weight).toBeUndefined();
  });

  it('changes one thing of a collection, whatever others change at the same time', async () => {
    const [one, other] = [await started(), await stores.open()];
    await Promise.all([
      one.doChangeCollection('docs', { principals: ['hr'] }),
      other.doChangeCollection('docs', { embedder: 'other' }),
      one.doChangeCollection('docs', { halfLifeDays: 30 }),
      other.doChangeCollection('docs', { owner: 'ann' }),
    ]);
    expect(await one.doGetCollection('docs')).toMatchObject({
      principals: ['hr'],
      embedder: 'other',
      halfLifeDays: 30,
      owner: 'ann',
    });
    expect(await one.doChangeCollection('none', { watched: false })).toBeUndefined();
  });
}
