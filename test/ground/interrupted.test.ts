import { afterEach, describe, expect, it, vi } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import { Library, wordEmbedder } from './fixtures/library.ts';
import { openSources } from './fixtures/open-sources.ts';

const libraries: Library[] = [];
const controllers: AbortController[] = [];
afterEach(async () => {
  for (const controller of controllers.splice(0)) controller.abort();
  for (const library of libraries.splice(0)) await library.close();
});

async function open(parts: Parameters<typeof Library.open>[0] = {}): Promise<Library> {
  const library = await Library.open(parts);
  libraries.push(library);
  const controller = new AbortController();
  controllers.push(controller);
  void library.knowledge.watchAll({ signal: controller.signal });
  return library;
}

const until = (check: () => Promise<boolean>) =>
  vi.waitUntil(check, { timeout: 15_000, interval: 20 });

describe('a run that ends early', () => {
  it('is gone on with where the collection is watched', async () => {
    const library = await open();
    for (let index = 0; index < 6; index += 1)
      library.put(`${index}.md`, `Number${index} is here.`);
    const controller = new AbortController();
    const run = library.knowledge.index(
      { name: 'docs', sources: library.sources, watch: true },
      { signal: controller.signal },
    );
    const read = async () => {
      for await (const progress of run) if (progress.path === '1.md') controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
    await until(async () => (await library.find('number5')).length === 1);
    library.put('7.md', 'Number7 came later.');
    await until(async () => (await library.find('number7')).length === 1);
  });

  it('is gone on with where it was followed before and its source has no events', async () => {
    const real = openSources();
    let isBroken = false;
    const library = await open({
      openSource: (spec) => {
        const { doWatch: _none, ...source } = real(spec);
        return {
          ...source,
          async doList(options) {
            const listing = await source.doList(options);
            if (!isBroken) return listing;
            isBroken = false;
            throw new CadreError('source_failed', 'out of reach');
          },
        };
      },
    });
    library.put('a.md', 'The walrus.');
    await library.index({ watch: true });
    library.put('b.md', 'The penguin.');
    isBroken = true;
    await expect(library.index({ watch: true })).rejects.toMatchObject({ code: 'source_failed' });
    await until(async () => (await library.find('penguin')).length === 1);
  });
});

describe('a collection that is dropped while it is indexed', () => {
  it('is gone, with the run that was on and those that waited', async () => {
    const library = await open();
    const embedder = wordEmbedder();
    const begun = Promise.withResolvers<void>();
    library.embedder = {
      ...embedder,
      // Stops for nothing but its signal.
      doEmbed: (_texts, _kind, { signal }) =>
        new Promise((_resolve, reject) => {
          begun.resolve();
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    library.put('a.md', 'The walrus.');
    const runs = [library.index({ watch: true }), library.index({ watch: true })];
    const ends = Promise.allSettled(runs);
    await begun.promise;
    expect(await library.knowledge.drop('docs')).toBe(true);
    const dropped = { status: 'rejected', reason: { code: 'conflict' } };
    expect(await ends).toMatchObject([dropped, dropped]);
    library.put('b.md', 'The penguin.');
    expect(await library.knowledge.list()).toEqual([]);
    expect(library.problems).toEqual([]);
    library.embedder = embedder;
    expect(await library.index()).toMatchObject({ documents: 2 });
  });
});
