import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { IndexSummary } from '../../src/core/index-progress.ts';
import type { Embedder } from '../../src/core/ports.ts';
import type { Source, SourceItem } from '../../src/core/source.ts';
import { createEngine } from '../../src/ground/engine.ts';
import { collect, Library, wordEmbedder } from './fixtures/library.ts';
import { openSources } from './fixtures/open-sources.ts';

const { signal } = new AbortController();
/** Fixed, so that retries and the night come when the test says. */
let now = Date.now();
let library: Library;
/** Stands in front of the real sources; a test changes how items are opened. */
let intercept: (item: SourceItem, open: Source['doOpen']) => ReturnType<Source['doOpen']>;

beforeEach(async () => {
  intercept = (item, open) => open(item, { signal });
  const real = openSources();
  library = await Library.open({
    clock: { now: () => now, elapsed: () => performance.now() },
    openSource: (spec) => {
      const source = real(spec);
      return { ...source, doOpen: (item) => intercept(item, source.doOpen) };
    },
  });
});
afterEach(() => library.close());

const rows = async () =>
  new Map((await library.store.doListDocuments('docs')).map((one) => [one.path, one]));
const chunkIds = async () =>
  (await collect(library.store.doReadChunks('docs'))).map((chunk) => chunk.id);

describe('a document that changes', () => {
  const section = (name: string) => `## ${name}\n\nThe ${name} is made of steel and brass.\n\n`;

  it('keeps ids and embeddings of passages that did not change, also where they moved', async () => {
    const embedder = wordEmbedder();
    library.embedder = embedder;
    library.put('a.md', section('pump') + section('valve') + section('motor'));
    await library.index();
    const before = await chunkIds();
    embedder.texts = 0;
    library.put('a.md', section('motor') + section('lamp') + section('pump') + section('valve'));
    expect(await library.index()).toMatchObject({ changed: 1 });
    expect(embedder.texts).toBe(1);
    const after = await chunkIds();
    expect(after.filter((id) => before.includes(id)).sort()).toEqual([...before].sort());
  });

  it('is read again when it changes while it is read, and left for later when it never rests', async () => {
    library.put('a.md', 'The first walrus.');
    let changes = 1;
    intercept = async (item, open) => {
      const opened = await open(item, { signal });
      if (changes > 0) appendFileSync(join(library.folder, item.path), ' More.');
      changes -= 1;
      return opened;
    };
    expect(await library.index()).toMatchObject({ added: 1, problems: [] });
    expect(await library.find('walrus')).toContain('a.md: More.');
    changes = 100;
    library.put('a.md', 'The second walrus.');
    expect(await library.index()).toMatchObject({
      problems: [{ path: 'a.md', reason: 'it changes while it is read' }],
    });
    changes = 0;
    expect(await library.index()).toMatchObject({ changed: 1, problems: [] });
  });

  it('is found by the nightly run where its time and size lie, and by no other', async () => {
    library.put('a.md', 'The old walrus.');
    await library.index();
    const { atime, mtime } = statSync(join(library.folder, 'a.md'));
    library.put('a.md', 'The new penguin'.padEnd('The old walrus.'.length, '.'));
    utimesSync(join(library.folder, 'a.md'), atime, mtime);
    const mark = (await rows()).get('a.md')?.mark;
    const size = statSync(join(library.folder, 'a.md'), { bigint: true });
    // Times of more than microseconds cannot be set; the stored mark is made the file's.
    if (mark !== `${size.size}-${size.mtimeNs}`)
      await library.store.doChangeDocument('docs', (await rows()).get('a.md')?.id ?? '', {
        mark: `${size.size}-${size.mtimeNs}`,
      });
    await library.follow();
    expect(await library.find('walrus')).toHaveLength(1);
    await library.follow(true);
    expect(await library.find('walrus')).toEqual([]);
    expect(await library.find('penguin')).toHaveLength(1);
  });
});

describe('a document that cannot be read', () => {
  const refuse = (code: 'source_failed' | 'document_unreadable') => async (item: SourceItem) => {
    throw new CadreError(code, `${item.path} is out of reach`);
  };

  it('keeps its last version while its source cannot be reached, and loses it when it is unreadable', async () => {
    library.put('a.md', 'The first walrus.');
    await library.index();
    library.put('a.md', 'The second walrus.');
    intercept = refuse('source_failed');
    const summary = await library.index();
    expect(summary.problems).toEqual([{ path: 'a.md', reason: 'a.md is out of reach' }]);
    expect(await library.find('walrus')).toEqual(['a.md: The first walrus.']);
    intercept = refuse('document_unreadable');
    await library.index();
    expect(await library.find('walrus')).toEqual([]);
    intercept = (item, open) => open(item, { signal });
    expect(await library.index()).toMatchObject({ changed: 1, problems: [] });
    expect(await library.find('walrus')).toEqual(['a.md: The second walrus.']);
    expect((await rows()).get('a.md')).not.toHaveProperty('retryAt');
  });

  it('is tried again after waits that grow, so many times, and by every run that is asked for', async () => {
    library.put('a.md', 'text');
    library.put('b.md', 'The penguin.');
    let tries = 0;
    intercept = (item, open) => {
      if (item.path !== 'a.md') return open(item, { signal });
      tries += 1;
      return refuse('document_unreadable')(item);
    };
    await library.index();
    const waits: number[] = [];
    for (;;) {
      const { retryAt, attempts } = (await rows()).get('a.md') ?? {};
      expect(attempts).toBe(tries);
      if (retryAt === undefined) break;
      waits.push(retryAt - now);
      await library.follow();
      expect(tries).toBe(attempts);
      now = retryAt;
      await library.follow();
    }
    expect(waits).toEqual([60_000, 240_000, 960_000, 3_840_000, 15_360_000]);
    await library.index();
    expect(tries).toBe(7);
    library.put('a.md', 'changed');
    await library.follow();
    expect((await rows()).get('a.md')).toMatchObject({ attempts: 1, retryAt: now + 60_000 });
    expect(await library.find('penguin')).toHaveLength(1);
  });
});

describe('a document of which something fails after it was read', () => {
  /** Refuses every batch that holds such a text. */
  function refusing(word: string): Embedder {
    const words = wordEmbedder();
    const { id, dimensions, doEmbed } = words;
    const refuse: Embedder['doEmbed'] = (texts, kind, options) => {
      if (!texts.some((text) => text.includes(word)))
        return doEmbed.call(words, texts, kind, options);
      return Promise.reject(new CadreError('upstream_failed', 'this text is too odd'));
    };
    return { id, dimensions, doEmbed: refuse };
  }
  const embedded = async () =>
    (await collect(library.store.doReadChunks('docs'))).filter((one) => one.embedding).length;

  it('is found by its words where the embedder refuses it, is tried again, and stops no other', async () => {
    library.embedder = refusing('cursed');
    library.put('gone.md', 'The otter.');
    await library.index();
    rmSync(join(library.folder, 'gone.md'));
    library.put('a.md', '# One\n\nThe cursed walrus.\n\n# Two\n\nThe seal.');
    library.put('b.md', 'The penguin.');
    const reason =
      '1 of its 2 passages are found by words only: the embedder failed: this text is too odd';
    expect(await library.index()).toMatchObject({
      documents: 2,
      removed: 1,
      problems: [{ path: 'a.md', reason }],
      retryAt: now + 60_000,
    });
    expect(await library.find('walrus')).toContain('a.md: The cursed walrus.');
    expect(await embedded()).toBe(2);
    now += 60_000;
    await library.follow();
    expect((await rows()).get('a.md')).toMatchObject({ problem: reason, attempts: 2 });
    library.embedder = wordEmbedder();
    now += 240_000;
    expect(await library.follow()).toMatchObject({ problems: [], unchanged: 2 });
    expect(await embedded()).toBe(3);
    expect((await rows()).get('a.md')).not.toHaveProperty('retryAt');
  });

  it('is listed where cutting it brings the engine down, and stops no other', async () => {
    await library.close();
    const engine = createEngine({
      hash: (text) => createHash('sha256').update(text).digest('hex'),
    });
    library = await Library.open({
      engine: {
        ...engine,
        chunk: async (document, origin) => {
          if (origin.path === 'a.md') throw new CadreError('worker_crashed', 'the thread stopped');
          return engine.chunk(document, origin);
        },
      },
    });
    library.put('a.md', 'The walrus.');
    library.put('b.md', 'The penguin.');
    const problems = [{ path: 'a.md', reason: 'the thread stopped' }];
    expect(await library.index()).toMatchObject({ documents: 1, problems });
    expect(await library.find('penguin')).toHaveLength(1);
  });
});

describe('a document that moves', () => {
  it('is found by its new name and no more by its old one, with its embedding', async () => {
    const embedder = wordEmbedder();
    library.embedder = embedder;
    library.put('zebra-report.md', 'It eats leaves.');
    await library.index();
    embedder.texts = 0;
    renameSync(join(library.folder, 'zebra-report.md'), join(library.folder, 'giraffe-report.md'));
    expect(await library.index()).toMatchObject({ moved: 1, added: 0, removed: 0 });
    expect(embedder.texts).toBe(0);
    library.embedder = undefined;
    expect(await library.find('giraffe')).toEqual(['giraffe-report.md: It eats leaves.']);
    expect(await library.find('zebra')).toEqual([]);
  });
});

describe('a caller who leaves', () => {
  it('waits for nothing that is read ahead, and leaves nothing open', async () => {
    for (let index = 0; index < 5; index += 1) library.put(`${index}.md`, `text ${index}`);
    const opened = new Set<string>();
    intercept = async (item, open) => {
      const one = await open(item, { signal });
      opened.add(item.path);
      return {
        ...one,
        close: async () => {
          opened.delete(item.path);
        },
      };
    };
    const request = { name: 'docs', sources: library.sources, watch: false, principals: [] };
    for await (const progress of library.knowledge.index(request, { signal }))
      if (progress.path === '1.md') break;
    expect(opened).toEqual(new Set());
  });
});

describe('several sources', () => {
  const spec = (folder: string, prefix?: string) => ({
    kind: 'folder' as const,
    folder: join(library.folder, folder),
    ...(prefix === undefined ? {} : { prefix }),
  });
  const index = async (
    ...sources: ReturnType<typeof spec>[]
  ): Promise<IndexSummary | undefined> => {
    const request = { name: 'docs', sources, watch: false, principals: [], replace: true };
    const all = await collect(library.knowledge.index(request, { signal }));
    return all.at(-1)?.summary;
  };

  it('make one collection; equal paths need a prefix', async () => {
    library.put('one/a.md', 'The walrus.');
    library.put('two/a.md', 'The penguin.');
    const both = await index(spec('one'), spec('two'));
    expect(both).toMatchObject({ documents: 1, problems: [{ path: 'a.md' }] });
    expect(await index(spec('one'), spec('two', 'two/'))).toMatchObject({ documents: 2 });
    expect(await library.find('penguin')).toEqual(['two/a.md: The penguin.']);
  });

  it('follow a document from one to the other, and leave alone what one that fails had', async () => {
    library.put('one/a.md', 'The walrus.');
    library.put('two/b.md', 'The penguin.');
    await index(spec('one'), spec('two'));
    const before = await chunkIds();
    renameSync(join(library.folder, 'one/a.md'), join(library.folder, 'two/c.md'));
    expect(await index(spec('one'), spec('two'))).toMatchObject({ moved: 1, removed: 0 });
    expect((await chunkIds()).sort()).toEqual(before.sort());
    rmSync(join(library.folder, 'two'), { recursive: true });
    library.put('one/d.md', 'The otter.');
    const summary = await index(spec('one'), spec('two'));
    expect(summary).toMatchObject({ added: 1, removed: 0, documents: 3 });
    expect(summary?.problems[0]?.reason).toContain('there is no folder');
    expect(summary?.retryAt).toBeGreaterThan(now);
    expect(await index(spec('one'))).toMatchObject({ removed: 2, documents: 1 });
  });
});
