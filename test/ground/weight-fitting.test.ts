import { createHash } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { Library } from './fixtures/library.ts';

const { signal } = new AbortController();
const COLOURS = ['blue', 'red', 'green', 'black', 'white', 'grey'];
const PARTS = ['pump', 'valve', 'filter', 'gauge', 'motor', 'hose', 'seal'];

/** Its nearness says nothing at all. */
function noise(id: string) {
  return {
    id,
    dimensions: 16,
    doEmbed: async (texts: readonly string[]) =>
      texts.map((text) => {
        const bytes = createHash('sha256').update(text).digest();
        const vector = Float32Array.from(bytes.subarray(0, 16), (byte) => byte - 127.5);
        const length = Math.hypot(...vector);
        return vector.map((value) => value / length);
      }),
    doClose: async () => undefined,
  };
}

const judged = COLOURS.flatMap((colour) =>
  PARTS.map((part) => ({
    query: `which ${colour} ${part} is it`,
    documents: { [`${colour}-${part}.md`]: 1 },
  })),
);

async function openLibrary(): Promise<Library> {
  const library = await Library.open();
  onTestFinished(() => library.close());
  for (const colour of COLOURS)
    for (const part of PARTS)
      library.put(`${colour}-${part}.md`, `The ${colour} one is a ${part} of the plant.`);
  library.embedder = noise('noise-1');
  await library.index();
  return library;
}

it('takes weight from meaning that says nothing, for every search from then on', async () => {
  const library = await openLibrary();
  const { knowledge, store } = library;
  const wish = { judged, dryRun: true, reset: false };
  const right = async () => {
    let count = 0;
    for (const { query, documents } of judged) {
      const found = await knowledge.search({ collection: 'docs', query, limit: 1 }, { signal });
      const path = found.passages[0]?.sentences[0]?.path ?? '';
      if (path in documents) count += 1;
    }
    return count;
  };
  const before = await right();
  const told = await knowledge.fitWeight('docs', wish, { signal });
  expect(told).toMatchObject({ isChanged: true, before: 0.8, isDryRun: true });
  expect((await store.doGetCollection('docs'))?.weight).toBeUndefined();
  const fit = await knowledge.fitWeight('docs', { ...wish, dryRun: false }, { signal });
  expect(fit.weight).toBeLessThan(0.7);
  expect(fit.signals.judged).toBe(judged.length);
  expect(await right()).toBeGreaterThan(before);
  // Indexing again keeps it; another embedder is another meaning.
  await library.index();
  const search = () =>
    knowledge.search({ collection: 'docs', query: 'pump', limit: 1 }, { signal });
  expect((await search()).denseWeight).toBe(fit.weight);
  library.embedder = noise('noise-2');
  library.put('blue-hose.md', 'The blue one is a hose, and long.');
  await library.index();
  expect((await search()).denseWeight).toBe(0.8);
  library.embedder = noise('noise-1');
  const back = await knowledge.fitWeight(
    'docs',
    { judged: [], dryRun: false, reset: true },
    { signal },
  );
  expect(back).toMatchObject({
    weight: 0.8,
    isChanged: false,
    reason: 'what was fitted is taken back',
  });
  const again = await knowledge.fitWeight(
    'docs',
    { judged: [], dryRun: false, reset: true },
    { signal },
  );
  expect(again.reason).toBe('nothing was fitted');
  expect((await store.doGetCollection('docs'))?.weight).toBeUndefined();
});

it('says what it could not learn from', async () => {
  const library = await openLibrary();
  const { knowledge } = library;
  const strange = [{ query: 'a pump', documents: { 'nowhere.md': 1 } }];
  const wish = { judged: strange, dryRun: false, reset: false };
  const fit = await knowledge.fitWeight('docs', wish, { signal });
  expect(fit).toMatchObject({ isChanged: false, unknownDocuments: 1, signals: { judged: 0 } });
  expect(fit.reason).toMatch(/too few/);
  library.embedder = undefined;
  await expect(knowledge.fitWeight('docs', wish, { signal })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('no embedder'),
  });
  await expect(knowledge.fitWeight('none', wish, { signal })).rejects.toMatchObject({
    code: 'collection_not_found',
  });
});
