import { expect, it } from 'vitest';
import type { ChunkStore } from '../../src/core/stores.ts';
import { createKnowledge } from '../../src/ground/knowledge.ts';
import { Library } from './fixtures/library.ts';

it('a search sees what was acknowledged before it, also while the index follows an older change', async () => {
  const library = await Library.open();
  try {
    library.put('a.md', 'The pump pressure is 3 bar.');
    library.put('b.md', 'The pump pressure is 7 bar.');
    await library.index();
    const close = (id: string, principals: readonly string[]) =>
      library.store.doChangeDocument('docs', id, { override: () => ({ principals }) });
    const ids = new Map(
      (await library.knowledge.documents('docs')).map((one) => [one.path, one.id]),
    );
    const idOf = (path: string) => ids.get(path) ?? '';
    await close(idOf('b.md'), ['hr']);
    const [isRead, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isSlow = false;
    const chunks: ChunkStore = {
      ...library.store,
      async doReadChanges(collection, since) {
        const changes = await library.store.doReadChanges(collection, since);
        if (isSlow) {
          isRead.resolve();
          await mayGoOn.promise;
        }
        return changes;
      },
    };
    const knowledge = createKnowledge({ ...library.parts, chunks });
    const find = async () => {
      const wish = { collection: 'docs', query: 'pump pressure', limit: 9, principals: ['public'] };
      const { passages } = await knowledge.search(wish, { signal: AbortSignal.timeout(20_000) });
      return passages.map((one) => one.sentences[0]?.path).toSorted();
    };
    expect(await find()).toEqual(['a.md']);
    isSlow = true;
    // A change that the index begins to follow, and one that comes after it has read the store.
    await close(idOf('a.md'), ['hr']);
    const first = find();
    await isRead.promise;
    await close(idOf('b.md'), ['public']);
    const second = find();
    mayGoOn.resolve();
    await first;
    expect(await second).toEqual(['b.md']);
  } finally {
    await library.close();
  }
});
