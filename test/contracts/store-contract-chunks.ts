import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChunkRow, Store } from '../../src/core/stores.ts';
import type { OpenStores } from './store-contract.ts';
import { HOSTILE_TEXT, sampleChunks, sampleCollection, sampleDocument } from './store-samples.ts';

async function readChunks(store: Store, collection: string): Promise<ChunkRow[]> {
  const chunks: ChunkRow[] = [];
  for await (const chunk of store.doReadChunks(collection)) chunks.push(chunk);
  return chunks;
}

async function swap(store: Store, id: string, version: number, count = 2): Promise<void> {
  const document = sampleDocument('docs', id, version);
  await store.doSwapDocument(document, sampleChunks(document, count));
}

/** A reader of doReadChanges: documents that are dropped leave, then the new chunks enter. */
class Follower {
  readonly chunks = new Map<string, ChunkRow>();
  version = 0;

  async follow(store: Store): Promise<void> {
    const changes = await store.doReadChanges('docs', this.version);
    for (const [id, chunk] of this.chunks)
      if (changes.dropped.includes(chunk.documentId)) this.chunks.delete(id);
    const paths = new Map(changes.documents.map((one) => [one.id, one.path]));
    for (const [id, chunk] of this.chunks) {
      const path = paths.get(chunk.documentId) ?? chunk.path;
      this.chunks.set(id, { ...chunk, path });
    }
    for (const chunk of changes.chunks) {
      expect(this.chunks.has(chunk.id), 'a chunk enters that had not left').toBe(false);
      this.chunks.set(chunk.id, chunk);
    }
    this.version = changes.version;
  }

  state(): readonly ChunkRow[] {
    return [...this.chunks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

export function describeChunks(stores: OpenStores): void {
  const started = async () => {
    const store = await stores.open();
    await store.doPutCollection(sampleCollection('docs'));
    return store;
  };

  it('keeps the version of a collection that is put again', async () => {
    const store = await started();
    await swap(store, 'a', 1);
    const sources = [{ kind: 'folder' as const, folder: HOSTILE_TEXT }];
    const put = await store.doPutCollection(
      sampleCollection('docs', { sources, watched: false, embedder: null }),
    );
    expect(put).toMatchObject({ version: 1, sources, watched: false, embedder: null });
    expect(await store.doGetCollection('docs')).toEqual(put);
  });

  it('lists the collections that a principal may read', async () => {
    const store = await started();
    await store.doPutCollection(sampleCollection('hr', { principals: ['hr', HOSTILE_TEXT] }));
    await store.doPutCollection(sampleCollection('nobody', { principals: [] }));
    const names = async (principals?: readonly string[]) =>
      (await store.doListCollections(principals)).map((one) => one.name);
    expect(await names()).toEqual(['docs', 'hr', 'nobody']);
    expect(await names([])).toEqual(['docs']);
    expect(await names(['public', 'sales'])).toEqual(['docs']);
    expect(await names(['hr'])).toEqual(['docs', 'hr']);
    expect(await names([HOSTILE_TEXT])).toEqual(['docs', 'hr']);
    expect(await names(['h', '%', '"hr"'])).toEqual(['docs']);
  });

  it('gives back documents and chunks as they were put', async () => {
    const store = await started();
    const document = sampleDocument('docs', 'a', 3, {
      path: `folder/${HOSTILE_TEXT}.md`,
      problem: HOSTILE_TEXT,
      flags: ['instructions'],
    });
    await store.doSwapDocument(document, sampleChunks(document, 3));
    expect(await store.doListDocuments('docs')).toEqual([document]);
    expect(await readChunks(store, 'docs')).toEqual(sampleChunks(document, 3));
  });

  it('reads the chunks of many documents in one stable order', async () => {
    const store = await started();
    for (let index = 0; index < 70; index += 1) await swap(store, `d${(index * 37) % 70}`, 1, 3);
    const first = await readChunks(store, 'docs');
    expect(first).toHaveLength(210);
    expect(new Set(first.map((chunk) => chunk.id)).size).toBe(210);
    expect(await readChunks(store, 'docs')).toEqual(first);
    expect(await readChunks(store, 'none')).toEqual([]);
  });

  it('reads the chunks of one document in reading order, with embeddings', async () => {
    const store = await started();
    for (const id of ['a', 'b', 'c']) await swap(store, id, 1, 13);
    const document = sampleDocument('docs', 'b', 1);
    expect(await store.doReadDocument('docs', 'b')).toEqual(sampleChunks(document, 13));
    expect(await store.doReadDocument('docs', 'none')).toEqual([]);
    expect(await store.doReadDocument('none', 'b')).toEqual([]);
  });

  it('refuses chunks of another document or version, and leaves everything as it was', async () => {
    const store = await started();
    await swap(store, 'a', 2);
    const document = sampleDocument('docs', 'a', 3);
    const alien = sampleChunks(sampleDocument('docs', 'b', 3));
    const stale = sampleChunks(sampleDocument('docs', 'a', 2));
    for (const chunks of [alien, stale])
      await expect(store.doSwapDocument(document, chunks)).rejects.toMatchObject({
        code: 'store_failed',
      });
    const [chunk] = sampleChunks(document);
    const twice = chunk === undefined ? [] : [chunk, chunk];
    await expect(store.doSwapDocument(document, twice)).rejects.toMatchObject({
      code: 'store_failed',
    });
    expect((await store.doListDocuments('docs'))[0]?.version).toBe(2);
    expect(await readChunks(store, 'docs')).toHaveLength(2);
    expect((await store.doGetCollection('docs'))?.version).toBe(1);
  });

  it('refuses an older version of a document, a strange collection and a strange document', async () => {
    const store = await started();
    await swap(store, 'a', 2);
    await expect(swap(store, 'a', 1)).rejects.toMatchObject({ code: 'conflict' });
    const stray = sampleDocument('none', 'a', 1);
    await expect(store.doSwapDocument(stray, [])).rejects.toMatchObject({
      code: 'collection_not_found',
    });
    await expect(store.doChangeDocument('docs', 'none', { path: 'x' })).rejects.toMatchObject({
      code: 'store_failed',
    });
    await expect(store.doReadChanges('none', 0)).rejects.toMatchObject({
      code: 'collection_not_found',
    });
    expect((await store.doGetCollection('docs'))?.version).toBe(1);
  });

  it('moves a document with its chunks, and raises the version by one', async () => {
    const store = await started();
    await swap(store, 'a', 1);
    await store.doChangeDocument('docs', 'a', { path: HOSTILE_TEXT, modifiedAt: 5.5 });
    const [document] = await store.doListDocuments('docs');
    expect(document).toMatchObject({ path: HOSTILE_TEXT, modifiedAt: 5.5, version: 1 });
    const moved = sampleChunks(sampleDocument('docs', 'a', 1)).map((chunk) => ({
      ...chunk,
      path: HOSTILE_TEXT,
    }));
    expect(await readChunks(store, 'docs')).toEqual(moved);
    expect(await store.doReadChanges('docs', 1)).toEqual({
      version: 2,
      dropped: [],
      documents: [document],
      chunks: [],
    });
  });

  it('counts only real changes', async () => {
    const store = await started();
    await swap(store, 'a', 1);
    await store.doDropDocument('docs', 'none');
    await store.doDropDocument('none', 'a');
    expect((await store.doGetCollection('docs'))?.version).toBe(1);
    const unchanged = { version: 1, dropped: [], documents: [], chunks: [] };
    expect(await store.doReadChanges('docs', 1)).toEqual(unchanged);
    await store.doDropDocument('docs', 'a');
    expect(await store.doReadChanges('docs', 1)).toEqual({
      version: 2,
      dropped: ['a'],
      documents: [],
      chunks: [],
    });
  });

  it('knows for ever which ids were dropped, alone or with their collection', async () => {
    const store = await started();
    await swap(store, 'a', 1);
    await swap(store, 'b', 1);
    expect(await store.doWasDropped('docs', 'a')).toBe(false);
    await store.doDropDocument('docs', 'a');
    expect(await store.doWasDropped('docs', 'a')).toBe(true);
    expect(await store.doWasDropped('docs', 'b')).toBe(false);
    expect(await store.doWasDropped('others', 'a')).toBe(false);
    await store.doDropCollection('docs');
    expect(await store.doWasDropped('docs', 'b')).toBe(true);
  });

  it('drops what is usual in a collection with it, and with no other', async () => {
    const store = await started();
    await store.doPutCollection(sampleCollection('others'));
    const usual = { kind: 'usual', key: '', createdAt: 1, body: { readings: [0.25] } } as const;
    for (const id of ['docs', 'others']) await store.doPutObject({ ...usual, id });
    await store.doPutObject({ ...usual, id: 'docs', kind: 'file' });
    await store.doDropCollection('docs');
    expect(await store.doGetObject('usual', 'docs')).toBeUndefined();
    expect(await store.doGetObject('usual', 'others')).toMatchObject(usual);
    expect(await store.doGetObject('file', 'docs')).toBeDefined();
  });

  it('lets readers of a dropped collection follow the new one of the same name', async () => {
    const store = await started();
    const follower = new Follower();
    await swap(store, 'a', 1);
    await swap(store, 'b', 1);
    await follower.follow(store);
    expect(await store.doDropCollection('docs')).toBe(true);
    expect(await store.doDropCollection('docs')).toBe(false);
    expect(await store.doGetCollection('docs')).toBeUndefined();
    expect(await store.doListDocuments('docs')).toEqual([]);
    await expect(swap(store, 'a', 2)).rejects.toMatchObject({ code: 'collection_not_found' });
    const again = await store.doPutCollection(sampleCollection('docs'));
    expect(again.version).toBeGreaterThan(2);
    await swap(store, 'a', 1);
    await follower.follow(store);
    expect(follower.state()).toEqual(await readChunks(store, 'docs'));
  });

  it('lets a reader follow any history, from any version, through another connection', async () => {
    const [writer, reader] = [await started(), await stores.open()];
    const versions = new Map<string, number>();
    const step = fc.record({
      change: fc.constantFrom('swap', 'swap', 'move', 'drop'),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      follow: fc.boolean(),
    });
    const follower = new Follower();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        for (const { change, id, follow } of steps) {
          const version = versions.get(id) ?? 0;
          if (change === 'swap') {
            versions.set(id, version + 1);
            await swap(writer, id, version + 1, version % 3);
          } else if (change === 'move' && version > 0) {
            await writer.doChangeDocument('docs', id, {
              path: `${id}-${version}.md`,
              modifiedAt: version,
            });
          } else if (change === 'drop') {
            versions.delete(id);
            await writer.doDropDocument('docs', id);
          }
          if (follow) await follower.follow(reader);
        }
        await follower.follow(reader);
        const expected = await readChunks(writer, 'docs');
        expect(follower.state()).toEqual(expected);
        const late = new Follower();
        await late.follow(reader);
        expect(late.state()).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('never shows a half-swapped document, and loses no version of two writers', async () => {
    const [one, two, reader] = [await started(), await stores.open(), await stores.open()];
    await swap(one, 'a', 1, 20);
    let writing = true;
    const write = async (store: Store, id: string) => {
      for (let version = 2; version <= 15; version += 1) await swap(store, id, version, 20);
    };
    const watch = async () => {
      let seen = 0;
      while (writing || seen === 0) {
        const { chunks } = await reader.doReadChanges('docs', 0);
        const all = [...chunks, ...(await readChunks(reader, 'docs'))];
        const perDocument = new Map<string, ChunkRow[]>();
        for (const chunk of chunks)
          perDocument.set(chunk.documentId, [...(perDocument.get(chunk.documentId) ?? []), chunk]);
        for (const [, group] of perDocument) expect(group).toHaveLength(20);
        for (const chunk of all) {
          expect(chunk.indexText).toContain(`version ${chunk.documentVersion} `);
          expect(chunk.embedding?.[0]).toBe(chunk.documentVersion);
        }
        seen += 1;
        await new Promise(setImmediate);
      }
    };
    const writers = Promise.all([write(one, 'a'), write(two, 'b')]).finally(() => {
      writing = false;
    });
    await Promise.all([writers, watch()]);
    expect((await reader.doGetCollection('docs'))?.version).toBe(29);
  });
}
