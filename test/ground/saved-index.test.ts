import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { createIndexFiles } from '../../src/adapters/stores/index-files.ts';
import { createEngine } from '../../src/ground/engine.ts';
import { Library, wordEmbedder } from './fixtures/library.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const COUNT = 1100;

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'cadre-indexes-')), 'indexes');
}

function engineIn(folder: string, release = '1') {
  return createEngine({ hash, files: createIndexFiles({ folder, release }) });
}

/** A library with enough chunks to be saved, indexed. */
async function indexed(folder: string, machine = 'pump'): Promise<Library> {
  const library = await Library.open({ engine: engineIn(folder) });
  library.embedder = wordEmbedder();
  for (let document = 0; document < 22; document += 1) {
    const sections = Array.from({ length: COUNT / 22 }, (_one, part) => {
      const number = document * 50 + part;
      return `# Part ${part}\n\nThe ${machine} of kind number${number} stands in hall ${part % 7}.\n`;
    });
    library.put(`${document}.md`, sections.join('\n'));
  }
  await library.index();
  return library;
}

/** The same collection after a start; `read` tells how many chunks were read from the store for it. */
function restarted({ store, embedder }: Library, folder: string, release = '1') {
  let read = 0;
  async function* doReadChunks(collection: string) {
    for await (const chunk of store.doReadChunks(collection)) {
      read += 1;
      yield chunk;
    }
  }
  const library = new Library({ ...store, doReadChunks }, { engine: engineIn(folder, release) });
  library.embedder = embedder;
  return { library, read: () => read };
}

describe('a saved index', () => {
  it('is opened instead of reading all chunks, and follows what changed since', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    expect(readdirSync(folder)).toEqual(['docs.index']);
    const first = restarted(library, folder);
    const queries = ['pump number17', 'hall 3', 'kind number1099 pump'];
    for (const query of queries)
      expect(await first.library.find(query)).toEqual(await library.find(query));
    library.put('0.md', 'A valve replaces number17.');
    library.put('late.md', 'The lamp is late.');
    await library.index();
    const { library: again, read } = restarted(library, folder);
    expect((await again.find('number17'))[0]).toBe('0.md: A valve replaces number17.');
    expect((await again.find('lamp'))[0]).toBe('late.md: The lamp is late.');
    for (const query of queries) expect(await again.find(query)).toEqual(await library.find(query));
    expect([first.read(), read(), again.problems]).toEqual([0, 0, []]);
    await library.close();
  });

  it('follows a long run in small steps', async () => {
    const library = await Library.open();
    const sizes: number[] = [];
    const { store } = library;
    const counted = {
      ...store,
      async doReadChanges(collection: string, since: number) {
        const changes = await store.doReadChanges(collection, since);
        sizes.push(changes.documents.length);
        return changes;
      },
    };
    const watched = new Library(counted, {});
    for (let index = 0; index < 300; index += 1) watched.put(`${index}.txt`, `Pump ${index}.`);
    expect(await watched.index()).toMatchObject({ documents: 300 });
    expect(Math.max(...sizes)).toBeLessThan(200);
    expect((await watched.find('pump 299'))[0]).toBe('299.txt: Pump 299.');
    await watched.parser.doClose();
    await library.close();
  });

  it('ranks for each caller what he may read, also what was closed after it was saved', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    const rules = [{ path: '0.md', principals: ['hr'] }];
    await library.store.doChangeCollection('docs', { rules });
    const { library: again, read } = restarted(library, folder);
    expect((await again.find('number17', ['hr']))[0]).toContain('0.md: ');
    const open = await again.find('number17 hall', ['public']);
    expect(open).toHaveLength(10);
    expect(open.filter((one) => one.startsWith('0.md'))).toEqual([]);
    expect(read()).toBe(0);
    await library.close();
  });

  it('that cannot be saved behind a search is told, and the search answers', async () => {
    const library = await indexed(newFolder());
    const { store } = library;
    let lists = 0;
    const broken = {
      ...store,
      async doListDocuments(collection: string) {
        lists += 1;
        if (lists > 1) throw new Error('the disk is full');
        return store.doListDocuments(collection);
      },
    };
    const again = new Library(broken, { engine: engineIn(newFolder()) });
    expect((await again.find('number17'))[0]).toContain('number17');
    await vi.waitUntil(() => again.problems.length > 0);
    expect([lists, again.problems]).toEqual([2, ['the disk is full']]);
    await again.parser.doClose();
    await library.close();
  });

  it('loses the words of what was deleted or replaced, also where few passages are left', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    const holds = (word: string) => readFileSync(join(folder, 'docs.index')).includes(word);
    expect([holds('number517'), holds('number617')]).toEqual([true, true]);
    library.put('10.md', 'A valve replaces it.');
    await library.index();
    expect([holds('number517'), holds('number617')]).toEqual([false, true]);
    // After a start; another process deleted meanwhile.
    for (const { id, path } of await library.store.doListDocuments('docs'))
      if (path !== '10.md') await library.store.doDropDocument('docs', id);
    const { library: again, read } = restarted(library, folder);
    expect(await again.find('valve')).toEqual(['10.md: A valve replaces it.']);
    await vi.waitFor(() => expect(holds('number617')).toBe(false), 20_000);
    expect([read(), again.problems]).toEqual([0, []]);
    await library.close();
  });

  it('does not come back where its collection is dropped while it is written', async () => {
    const folder = newFolder();
    const files = createIndexFiles({ folder, release: '1' });
    const bytes = new Uint8Array(1000);
    for (let turn = 0; turn < 20; turn += 1) {
      const sections = { numbers: { bytes: bytes.length, pieces: [bytes] } };
      const writing = files.doWrite('docs', { about: {}, sections });
      for (let step = 0; step < turn; step += 1) await new Promise(setImmediate);
      await Promise.all([writing, files.doDelete('docs')]);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('goes with its collection', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    await library.knowledge.drop('docs');
    expect(readdirSync(folder)).toEqual([]);
    await library.close();
  });

  it('is not believed where the store is another one', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    const other = await indexed(newFolder(), 'crane');
    const { library: again, read } = restarted(other, folder);
    expect((await again.find('crane number17'))[0]).toContain('The crane of kind number17');
    expect([read(), again.problems.join()]).toEqual([
      COUNT,
      'the saved index is of another state of the store; it is built again',
    ]);
    await library.close();
    await other.close();
  });

  it('is refused where any byte is wrong, cut or of another release, and built again', async () => {
    const folder = newFolder();
    const library = await indexed(folder);
    const path = join(folder, 'docs.index');
    const whole = readFileSync(path);
    const flip = (at: number) => whole.map((byte, index) => (index === at ? byte ^ 4 : byte));
    const ends = [0, 5, whole.length - 7].map((end) => whole.subarray(0, end));
    const places = [0, whole.length >> 1, whole.length - 60, whole.length - 1].map(flip);
    const expected = await library.find('pump number17');
    for (const bytes of [...ends, ...places]) {
      writeFileSync(path, bytes);
      const { library: again, read } = restarted(library, folder);
      expect(await again.find('pump number17')).toEqual(expected);
      expect([read(), again.problems.length]).toEqual([COUNT, 1]);
      expect(again.problems[0]).toMatch(/it is built again$/);
      // A good one takes its place.
      await vi.waitFor(() => expect(readFileSync(path).equals(bytes)).toBe(false), 20_000);
    }
    writeFileSync(path, whole);
    const { library: newer } = restarted(library, folder, '2');
    expect(await newer.find('pump number17')).toEqual(expected);
    expect(newer.problems.join()).toMatch(/written by release 1/);
    await library.close();
  });

  it('is the old or the new one, whole, whenever its writer is killed', async () => {
    const folder = newFolder();
    const script = fileURLToPath(new URL('fixtures/save-and-die.ts', import.meta.url));
    const files = createIndexFiles({ folder, release: '1' });
    const seen = new Set<unknown>();
    for (let turn = 0; turn < 8; turn += 1) {
      const { signal } = spawnSync(process.execPath, [script, folder, String(turn * 7)]);
      expect(signal).toBe('SIGKILL');
      const turnOf = await files.doRead('docs', ({ about, sections }) => {
        const pieces = [...(sections['numbers']?.pieces ?? [])].map((piece) => [...new Set(piece)]);
        expect(new Set(pieces.flat())).toEqual(new Set([about['turn']]));
        return about['turn'];
      });
      seen.add(turnOf);
    }
    expect(seen.size).toBeGreaterThan(1);
    await files.doTidy([]);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.part'))).toEqual([]);
  });
});
