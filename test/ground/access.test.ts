import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentFilter } from '../../src/core/document-filter.ts';
import { Library, wordEmbedder } from './fixtures/library.ts';

const signal = new AbortController().signal;
let library: Library;
beforeEach(async () => {
  library = await Library.open();
});
afterEach(() => library.close());

const pathsOf = async (principals?: readonly string[], filter?: DocumentFilter, limit = 10) => {
  const request = { collection: 'docs', query: 'pump pressure', limit, principals, filter };
  const { passages } = await library.knowledge.search(request, { signal });
  return passages.map((one) => one.sentences[0]?.path).toSorted();
};

const idOf = async (path: string) => {
  const found = (await library.knowledge.documents('docs')).find((one) => one.path === path);
  return found?.id ?? '';
};

describe('readers of documents', () => {
  beforeEach(() => {
    library.put('open.md', 'The pump pressure is 3 bar.');
    library.put('hr/closed.md', 'The pump pressure is 7 bar, says the staff file.');
  });

  it('are found only what they may read, at the next search, without reading anything again', async () => {
    const embedder = wordEmbedder();
    library.embedder = embedder;
    await library.index();
    const embedded = embedder.texts;
    expect(await pathsOf(['public'])).toEqual(['hr/closed.md', 'open.md']);
    const rules = [{ path: 'hr/', principals: ['hr'] }];
    await library.store.doChangeCollection('docs', { rules });
    expect(await pathsOf(['public'])).toEqual(['open.md']);
    expect(await pathsOf(['public', 'hr'])).toEqual(['hr/closed.md', 'open.md']);
    expect(await pathsOf(undefined)).toEqual(['hr/closed.md', 'open.md']);
    const override = { principals: ['law'] };
    await library.store.doChangeDocument('docs', await idOf('open.md'), {
      override: () => override,
    });
    expect(await pathsOf(['public'])).toEqual([]);
    expect(await pathsOf(['law'])).toEqual(['open.md']);
    // One text for each of the three questions' vectors at most.
    expect(embedder.texts - embedded).toBeLessThanOrEqual(6);
  });

  it('see the documents of a listing that they may read', async () => {
    await library.index();
    const rules = [{ path: 'hr/', principals: ['hr'] }];
    await library.store.doChangeCollection('docs', { rules });
    const paths = async (principals?: readonly string[]) =>
      (await library.knowledge.documents('docs', principals)).map((one) => one.path).toSorted();
    expect(await paths(['public'])).toEqual(['open.md']);
    expect(await paths(['hr'])).toEqual(['hr/closed.md', 'open.md']);
    expect(await paths()).toEqual(['hr/closed.md', 'open.md']);
  });

  it('get a full list of results, however many documents are closed to them', async () => {
    for (let index = 0; index < 300; index += 1)
      library.put(`hr/file-${index}.md`, `Pump pressure pump pressure, sheet ${index}.`);
    library.put('other.md', 'A pump needs pressure.');
    await library.index();
    await library.store.doChangeCollection('docs', {
      rules: [{ path: 'hr/', principals: ['hr'] }],
    });
    expect(await pathsOf(['public'], undefined, 2)).toEqual(['open.md', 'other.md']);
  });

  it('stay as they were said by hand when the document changes or moves', async () => {
    await library.index();
    const override = { principals: ['law'], metadata: { year: 2024 } };
    await library.store.doChangeDocument('docs', await idOf('open.md'), {
      override: () => override,
    });
    library.put('open.md', 'The pump pressure is 4 bar now.');
    await library.index();
    expect(await pathsOf(['public'])).toEqual(['hr/closed.md']);
    const [document] = await library.store.doFindDocuments('docs', [await idOf('open.md')]);
    expect(document).toMatchObject({ version: 2, principals: ['law'], metadata: { year: 2024 } });
    expect(await pathsOf(['law'])).toEqual(['hr/closed.md', 'open.md']);
  });

  it('of a document change with the folder that it is moved to', async () => {
    await library.index();
    await library.store.doChangeCollection('docs', {
      rules: [{ path: 'hr/', principals: ['hr'] }],
    });
    await library.store.doChangeDocument('docs', await idOf('open.md'), { path: 'hr/open.md' });
    expect(await pathsOf(['public'])).toEqual([]);
    expect(await pathsOf(['hr'])).toEqual(['hr/closed.md', 'hr/open.md']);
  });
});

describe('a filtered search', () => {
  it('finds by path, type, time and metadata, and keeps up with their changes', async () => {
    library.put('a/one.md', 'The pump pressure is 3 bar.');
    library.put('a/b/two.txt', 'The pump pressure is 4 bar.');
    library.put('three.md', 'The pump pressure is 5 bar.');
    await library.index();
    expect(await pathsOf(undefined, { paths: ['a/*'] })).toEqual(['a/one.md']);
    expect(await pathsOf(undefined, { paths: ['a/'] })).toEqual(['a/b/two.txt', 'a/one.md']);
    expect(await pathsOf(undefined, { types: ['txt'] })).toEqual(['a/b/two.txt']);
    const future = Date.now() + 1e9;
    expect(await pathsOf(undefined, { after: future })).toEqual([]);
    await library.store.doChangeDocument('docs', await idOf('three.md'), {
      modifiedAt: future,
      override: () => ({ metadata: { team: 'law' } }),
    });
    expect(await pathsOf(undefined, { after: future })).toEqual(['three.md']);
    const metadata = { type: 'eq', key: 'team', value: 'law' } as const;
    expect(await pathsOf(undefined, { metadata })).toEqual(['three.md']);
    expect(await pathsOf(undefined, { metadata, before: future })).toEqual([]);
  });

  it('prefers newer documents where the collection has a half-life', async () => {
    library.put('old.md', 'Pump pressure, pump pressure: 3 bar.');
    library.put('new.md', 'The pump pressure of the house in the garden is 5 bar.');
    await library.index();
    const first = async () => (await library.find('pump pressure'))[0];
    await library.store.doChangeDocument('docs', await idOf('old.md'), { modifiedAt: 0 });
    expect(await first()).toContain('old.md');
    await library.store.doChangeCollection('docs', { halfLifeDays: 365 });
    expect(await first()).toContain('new.md');
  });

  it('tells for every sentence how old its document is and in which index it was found', async () => {
    library.put('one.md', 'The pump pressure is 3 bar.');
    await library.index();
    const [document] = await library.knowledge.documents('docs');
    const request = { collection: 'docs', query: 'pump', limit: 1 };
    const { passages, indexVersion } = await library.knowledge.search(request, { signal });
    expect(passages[0]?.sentences[0]).toMatchObject({
      modifiedAt: document?.modifiedAt,
      indexVersion,
    });
  });
});
