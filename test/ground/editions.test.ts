import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DocumentEdition } from '../../src/core/evidence.ts';
import { fatesOf } from '../../src/ground/document-fate.ts';
import { createKnowledge } from '../../src/ground/knowledge.ts';
import { Library } from './fixtures/library.ts';

const { signal } = new AbortController();
let library: Library;
beforeEach(async () => {
  library = await Library.open();
});
afterEach(() => library.close());

/** The edition that a search finds now, and its text. */
async function editionOf(): Promise<DocumentEdition & { readonly text: string }> {
  const { passages } = await library.knowledge.search(
    { collection: 'docs', query: 'dose', limit: 1 },
    { signal },
  );
  const [sentence] = passages[0]?.sentences ?? [];
  if (sentence === undefined) throw new Error('nothing was found');
  return sentence;
}
const fateOf = async (edition: DocumentEdition) =>
  (await fatesOf(library.knowledge, [edition], undefined))(edition);

async function writeTwice(second: string): Promise<DocumentEdition & { readonly text: string }> {
  library.put('dose.md', 'The dose is 10 mg.');
  await library.index();
  library.put('dose.md', second);
  await library.index();
  return editionOf();
}

it('an edition never names other text, though the file goes and comes back as it first was', async () => {
  const before = await writeTwice('The dose is 20 mg.');
  expect(before.text).toBe('The dose is 20 mg.');
  expect(await fateOf(before)).toBe('stands');
  library.put('other.md', 'Bring a towel.');
  rmSync(join(library.folder, 'dose.md'));
  await library.index();
  expect(await fateOf(before)).toBe('hidden');
  const after = await writeTwice('The dose is 40 mg.');
  expect(after.text).toBe('The dose is 40 mg.');
  expect(await fateOf(before)).toBe('hidden');
  expect(await fateOf(after)).toBe('stands');
});

it('neither where the whole collection is dropped and made again', async () => {
  const before = await writeTwice('The dose is 20 mg.');
  await library.knowledge.drop('docs');
  const after = await writeTwice('The dose is 40 mg.');
  expect(await fateOf(before)).toBe('hidden');
  expect(await fateOf(after)).toBe('stands');
});

const places = async () => (await library.store.doListDocuments('docs')).map(({ path }) => path);

it('two writers that meet the same new file make one document of it', async () => {
  library.put('other.md', 'Bring a towel.');
  await library.index();
  library.put('dose.md', 'The dose is 10 mg.');
  const before = await library.store.doListDocuments('docs');
  await library.index();
  // The other writer listed the documents before the first one wrote.
  const chunks = { ...library.store, doListDocuments: async () => before };
  const late = createKnowledge({ ...library.parts, chunks });
  const request = { name: 'docs', sources: library.sources, watch: false };
  for await (const _progress of late.index(request, { signal }));
  expect((await places()).sort()).toEqual(['dose.md', 'other.md']);
});

it('of two documents at one path one goes with the next run', async () => {
  library.put('dose.md', 'The dose is 10 mg.');
  await library.index();
  const [document] = await library.store.doListDocuments('docs');
  if (document === undefined) throw new Error('nothing was indexed');
  const chunks = await library.store.doReadDocument('docs', document.id);
  const other = 'f'.repeat(32);
  const doubled = chunks.map((one) => ({ ...one, id: `f${one.id.slice(1)}`, documentId: other }));
  await library.store.doSwapDocument({ ...document, id: other }, doubled);
  expect(await places()).toEqual(['dose.md', 'dose.md']);
  await library.index();
  expect(await places()).toEqual(['dose.md']);
});
