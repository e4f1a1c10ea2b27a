import { renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect, Library, wordEmbedder } from './fixtures/library.ts';
import { makePdf } from './fixtures/pdf.ts';

let library: Library;
const { signal } = new AbortController();

beforeEach(async () => {
  library = await Library.open();
});
afterEach(() => library.close());

const chunkIds = async () =>
  (await collect(library.store.doReadChunks('docs'))).map((chunk) => chunk.id).sort();

describe('indexing a folder', () => {
  it('indexes, finds, and does nothing the second time', async () => {
    library.put('pump.md', '# Pump\n\nThe pump runs at 40 bar. It is blue.');
    library.put('deep/valve.txt', 'The valve closes at 90 degrees.');
    const first = await library.index();
    expect(first).toMatchObject({
      documents: 2,
      added: 2,
      changed: 0,
      unchanged: 0,
      dense: false,
      problems: [],
    });
    expect(await library.find('pump pressure')).toEqual([
      'pump.md: The pump runs at 40 bar.',
      'pump.md: It is blue.',
    ]);
    const version = (await library.store.doGetCollection('docs'))?.version;
    expect(await library.index()).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: 2,
      chunks: first.chunks,
    });
    expect((await library.store.doGetCollection('docs'))?.version).toBe(version);
  });

  it('makes no passage of a line of headers', async () => {
    library.put('staff.csv', 'name,salary\nAnna Berg,51000\nTom Hale,48000\n');
    await library.index();
    const sentences = (await collect(library.store.doReadChunks('docs'))).flatMap((chunk) =>
      chunk.sentences.map((one) => one.text),
    );
    expect(sentences).toEqual(['Anna Berg,51000', 'Tom Hale,48000']);
  });

  it('tells how well it fits a question, without a model', async () => {
    library.put('pump.md', '# Pump\n\nThe pump runs at 40 bar. It is blue.');
    await library.index();
    const fitOf = (query: string, principals?: readonly string[]) =>
      library.knowledge.likeness({ collection: 'docs', query, principals }, { signal });
    expect(await fitOf('pump pressure in bar')).toBeGreaterThan(0.2);
    expect(await fitOf('holiday requests')).toBe(0);
    await library.knowledge.change('docs', { principals: ['boss'] });
    await expect(fitOf('pump pressure in bar', ['public'])).rejects.toMatchObject({
      code: 'collection_not_found',
    });
  });

  it('follows edits, deletions and renames', async () => {
    library.put('a.md', 'The old lamp is green.');
    library.put('b.md', 'The heavy hammer is in the shed.');
    await library.index();
    const before = await chunkIds();
    library.put('a.md', 'The new lantern is red.');
    renameSync(join(library.folder, 'b.md'), join(library.folder, 'c.md'));
    expect(await library.index()).toMatchObject({ changed: 1, moved: 1, added: 0, removed: 0 });
    expect(await library.find('lamp green')).toEqual([]);
    expect(await library.find('lantern')).toEqual(['a.md: The new lantern is red.']);
    expect(await library.find('hammer')).toEqual(['c.md: The heavy hammer is in the shed.']);
    expect((await chunkIds()).filter((id) => before.includes(id))).toHaveLength(1);
    rmSync(join(library.folder, 'a.md'));
    expect(await library.index()).toMatchObject({ removed: 1, documents: 1 });
    expect(await library.find('lantern')).toEqual([]);
  });

  it('reads bytes, not times: a touched file is unchanged and the next look costs nothing', async () => {
    library.put('a.md', 'Same text.');
    await library.index();
    utimesSync(join(library.folder, 'a.md'), 5, 5);
    expect(await library.index()).toMatchObject({ unchanged: 1, changed: 0, moved: 0 });
    const version = (await library.store.doGetCollection('docs'))?.version;
    await library.index();
    expect((await library.store.doGetCollection('docs'))?.version).toBe(version);
  });

  it('gives a new file at the place of a renamed one an id of its own', async () => {
    library.put('a.md', 'Twin text here.');
    await library.index();
    renameSync(join(library.folder, 'a.md'), join(library.folder, 'b.md'));
    await library.index();
    library.put('a.md', 'Twin text here.');
    expect(await library.index()).toMatchObject({ added: 1, documents: 2 });
    expect(await library.find('twin')).toHaveLength(2);
  });

  it('reports what cannot be read and indexes the rest', async () => {
    library.put('good.md', 'The answer is 42.');
    library.put('scan.pdf', makePdf([[]]));
    library.put('cut.pdf', makePdf([['text']]).subarray(0, 200));
    library.put('empty.md', '');
    const summary = await library.index();
    expect(summary).toMatchObject({ documents: 1, added: 1 });
    expect(summary.problems.map((one) => one.path).sort()).toEqual([
      'cut.pdf',
      'empty.md',
      'scan.pdf',
    ]);
    expect(await library.find('answer')).toEqual(['good.md: The answer is 42.']);
    library.put('scan.pdf', makePdf([['Now with a readable answer.']]));
    expect((await library.index()).problems.map((one) => one.path).sort()).toEqual([
      'cut.pdf',
      'empty.md',
    ]);
    expect(await library.find('readable')).toEqual(['scan.pdf: Now with a readable answer.']);
  });

  it('takes names with line breaks and other scripts, and text that is not valid UTF-8', async () => {
    library.put('line\nbreak.md', 'Zebra one.');
    library.put('日本.txt', '全文検索は速い。');
    library.put('latin.txt', Buffer.from('Gr\xf6\xdfe ist wichtig.', 'latin1'));
    await library.index();
    expect(await library.find('zebra')).toEqual(['line\nbreak.md: Zebra one.']);
    expect(await library.find('検索')).toEqual(['日本.txt: 全文検索は速い。']);
    expect(await library.find('Größe')).toEqual(['latin.txt: Größe ist wichtig.']);
  });

  it('refuses a folder that is missing, empty or relative, and a bad name, and writes nothing', async () => {
    const refused = { code: 'invalid_request' };
    library.put('photo.gif', 'x');
    await expect(library.index()).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('.md .txt .html .pdf'),
    });
    expect(await library.knowledge.list()).toEqual([]);
    const at = (folder: string) => [{ kind: 'folder' as const, folder }];
    const sources = at(`${library.folder}/none`);
    const base = { name: 'other', sources, watch: false, principals: [] };
    for (const request of [base, { ...base, sources: at('docs') }, { ...base, name: '../x' }])
      await expect(collect(library.knowledge.index(request, { signal }))).rejects.toMatchObject(
        refused,
      );
    expect((await library.knowledge.list()).map((row) => row.name)).not.toContain('other');
  });

  it('keeps its folder unless another is asked for in its place', async () => {
    library.put('a.md', 'Zebra one.');
    await library.index();
    const sources = [{ kind: 'folder' as const, folder: `${library.folder}/sub` }];
    const other = { name: 'docs', sources, watch: false, principals: [] };
    library.put('sub/b.md', 'Zebra two.');
    await expect(collect(library.knowledge.index(other, { signal }))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(library.folder),
    });
    expect(await library.find('zebra')).toEqual(['a.md: Zebra one.']);
    await collect(library.knowledge.index({ ...other, replace: true }, { signal }));
    expect(await library.find('zebra')).toEqual(['b.md: Zebra two.']);
  });

  it('waits for the documents of a folder that the configuration names', async () => {
    const request = { name: 'docs', sources: library.sources, watch: false, principals: [] };
    await collect(library.knowledge.index({ ...request, mayBeEmpty: true }, { signal }));
    expect((await library.knowledge.list()).map((row) => row.name)).toEqual(['docs']);
  });

  it('stays whole when it is cancelled between documents, and goes on from there', async () => {
    for (let index = 0; index < 6; index += 1)
      library.put(`${index}.md`, `Document number${index} is here.`);
    const controller = new AbortController();
    const request = {
      name: 'docs',
      sources: library.sources,
      watch: false,
      principals: ['public'],
    };
    let cancelled: unknown;
    try {
      for await (const progress of library.knowledge.index(request, { signal: controller.signal }))
        if (progress.path === '3.md') controller.abort();
    } catch (thrown) {
      cancelled = thrown;
    }
    expect(cancelled).toBe(controller.signal.reason);
    const documents = await library.store.doListDocuments('docs');
    expect(documents.length).toBeGreaterThanOrEqual(3);
    expect(documents.every((one) => one.chunkCount === 1)).toBe(true);
    expect(await library.find('number1')).toEqual(['1.md: Document number1 is here.']);
    const { added, unchanged } = await library.index();
    expect([added + unchanged, unchanged]).toEqual([6, documents.length]);
  });

  it('frees the collection when a caller leaves the loop', async () => {
    for (let index = 0; index < 3; index += 1) library.put(`${index}.md`, 'text');
    const request = {
      name: 'docs',
      sources: library.sources,
      watch: false,
      principals: ['public'],
    };
    for await (const progress of library.knowledge.index(request, { signal }))
      if (progress.stage === 'reading') break;
    expect(await library.index()).toMatchObject({ documents: 3 });
  });

  it('serves two runs at once one after the other', async () => {
    for (let index = 0; index < 3; index += 1) library.put(`${index}.md`, 'text');
    const [one, two] = await Promise.all([library.index(), library.index()]);
    expect([one?.added, two?.added, two?.unchanged]).toEqual([3, 0, 3]);
  });
});

describe('embeddings', () => {
  it('ranks by both legs and embeds only what changed', async () => {
    const embedder = wordEmbedder();
    library.embedder = embedder;
    const section = (name: string) =>
      `## ${name}\n\n${`The ${name} is made of steel and brass. `.repeat(80)}\n\n`;
    library.put('a.md', section('pump') + section('valve') + section('motor'));
    expect(await library.index()).toMatchObject({ dense: true });
    const chunks = embedder.texts;
    expect(chunks).toBeGreaterThan(5);
    const result = await library.knowledge.search(
      { collection: 'docs', query: 'valve', limit: 3, principals: [] },
      { signal },
    );
    expect(result.legs).toEqual(['lexical', 'dense']);
    expect(result.passages[0]?.denseScore).toBeGreaterThan(0);
    embedder.texts = 0;
    library.put('a.md', section('pump') + section('valve') + section('rotor'));
    await library.index();
    expect(embedder.texts).toBeGreaterThan(0);
    expect(embedder.texts).toBeLessThan(chunks / 2);
  });

  it('indexes by words while the embedder is missing and adds the embeddings later', async () => {
    library.put('a.md', 'The pump is blue.');
    library.put('b.md', 'The valve is red.');
    expect(await library.index()).toMatchObject({ dense: false });
    library.embedder = wordEmbedder();
    expect(await library.index()).toMatchObject({ dense: true, unchanged: 2, changed: 0 });
    expect((await library.store.doGetCollection('docs'))?.embedder).toBe('words-64');
    const all = await collect(library.store.doReadChunks('docs'));
    expect(all.every((chunk) => chunk.embedding?.length === 64)).toBe(true);
    library.embedder = wordEmbedder('other-64');
    const search = () =>
      library.knowledge.search(
        { collection: 'docs', query: 'pump', limit: 3, principals: [] },
        { signal },
      );
    expect((await search()).legs).toEqual(['lexical']);
    await library.index();
    expect((await search()).legs).toEqual(['lexical', 'dense']);
  });

  it('answers by words when the embedder fails', async () => {
    library.embedder = wordEmbedder();
    library.put('a.md', 'The pump is blue.');
    await library.index();
    library.embedder = {
      id: 'words-64',
      dimensions: 64,
      doEmbed: () => Promise.reject(new Error('broken')),
    };
    const { legs, passages, missingLegs } = await library.knowledge.search(
      { collection: 'docs', query: 'pump', limit: 3, principals: [] },
      { signal },
    );
    expect([legs, passages.length, library.problems]).toEqual([['lexical'], 1, ['broken']]);
    expect(passages[0]?.legs).toEqual([
      { leg: 'lexical', rank: 1, score: passages[0]?.lexicalScore },
    ]);
    expect(missingLegs).toEqual([
      { leg: 'dense', reason: 'words-64 failed: internal' },
      { leg: 'latent', reason: 'it needs 64 chunks' },
    ]);
  });
});
