import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFolderSource } from '../../src/adapters/sources/folder.ts';
import { FolderWatch } from '../../src/adapters/sources/folder-watch.ts';

const open = (at = folder, retryMs?: number) =>
  createFolderSource(at, {
    debounceMs: 5,
    reconcileSeconds: 3600,
    ...(retryMs === undefined ? {} : { retryMs }),
  });
const { signal } = new AbortController();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const put = (path: string, text = 'text') => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const paths = async () => (await open().doList({ signal })).items.map((file) => file.path);

describe('listing a folder', () => {
  it('lists what can be read, in order, whatever the names hold', async () => {
    for (const path of ['b.md', 'a/z.txt', 'a/line\nbreak.md', 'ünï 日本.MD', 'quote\'".py'])
      put(path);
    expect(await paths()).toEqual([
      'a/line\nbreak.md',
      'a/z.txt',
      'b.md',
      'quote\'".py',
      'ünï 日本.MD',
    ]);
    const [file] = (await open().doList({ signal })).items;
    expect(file).toMatchObject({ bytes: 4, path: 'a/line\nbreak.md' });
    expect(Number.isInteger(file?.modifiedAt)).toBe(true);
  });

  it('says nothing of hidden and generated folders and counts what it cannot read', async () => {
    for (const path of [
      '.git/x.md',
      'node_modules/y.md',
      '.hidden.md',
      '~$open.docx',
      'p.gif',
      'q.GIF',
      'r.zip',
    ])
      put(path);
    const { items, skipped } = await open().doList({ signal });
    expect(items).toEqual([]);
    expect(skipped).toEqual([
      { path: '*.gif', reason: '2 files of this kind are not read' },
      { path: '*.zip', reason: 'one file of this kind is not read' },
    ]);
  });

  it('does not follow links: no loop, no document twice, none from outside', async () => {
    put('a/one.md');
    symlinkSync(folder, join(folder, 'a/loop'));
    symlinkSync(join(folder, 'a/one.md'), join(folder, 'again.md'));
    symlinkSync('/etc/hosts', join(folder, 'hosts.txt'));
    symlinkSync('/nowhere', join(folder, 'broken.md'));
    const { items, skipped } = await open().doList({ signal });
    expect(items.map((file) => file.path)).toEqual(['a/one.md']);
    expect(skipped.map((one) => one.path)).toEqual(['hosts.txt']);
  });

  it('skips files that are too large, with the reason', async () => {
    put('large.txt', 'x'.repeat(50_000_001));
    expect((await open().doList({ signal })).skipped).toEqual([
      { path: 'large.txt', reason: 'larger than 50 MB; cut it into parts' },
    ]);
  });

  it('reports a log of 2 GB without reading it, and a name that is not valid UTF-8', async () => {
    put('huge.log');
    truncateSync(join(folder, 'huge.log'), 2_000_000_000);
    writeFileSync(
      Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff]), Buffer.from('.md')]),
      'x',
    );
    put('a.md');
    const { items, skipped } = await open().doList({ signal });
    expect(items.map((item) => item.path)).toEqual(['a.md']);
    expect(skipped).toEqual(
      expect.arrayContaining([
        { path: 'huge.log', reason: 'larger than 50 MB; cut it into parts' },
        { path: '\ufffd.md', reason: 'it is gone, or its name is not valid UTF-8' },
      ]),
    );
  });

  it('opens no link and no pipe that took the place of a file', async () => {
    put('a.md');
    const source = open();
    const [item] = (await source.doList({ signal })).items;
    if (item === undefined) throw new Error('no item');
    rmSync(join(folder, 'a.md'));
    symlinkSync('/etc/hosts', join(folder, 'a.md'));
    await expect(source.doOpen(item, { signal })).rejects.toMatchObject({
      code: 'document_unreadable',
    });
  });

  it('reports a folder that may not be read and reads the rest', async () => {
    put('closed/a.md');
    put('b.md');
    chmodSync(join(folder, 'closed'), 0);
    const { items, skipped } = await open().doList({ signal });
    chmodSync(join(folder, 'closed'), 0o755);
    // The superuser may read everything.
    if (process.getuid?.() === 0) return;
    expect(items.map((file) => file.path)).toEqual(['b.md']);
    expect(skipped).toEqual([{ path: 'closed', reason: 'the farm may not read it' }]);
  });

  it('rejects a folder that is missing or a file, and an aborted signal', async () => {
    put('file.md');
    for (const path of ['nowhere', 'file.md'])
      await expect(open(join(folder, path)).doList({ signal })).rejects.toMatchObject({
        code: 'invalid_request',
        param: 'folder',
      });
    await expect(open().doList({ signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('hashes bytes', async () => {
    put('a.md', 'abc');
    const source = open();
    const [item] = (await source.doList({ signal })).items;
    if (item === undefined) throw new Error('no file');
    const opened = await source.doOpen(item, { signal });
    expect(opened).toMatchObject({
      file: join(folder, 'a.md'),
      hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    });
    expect(await opened.isSteady?.()).toBe(true);
    put('a.md', 'abcd');
    expect(await opened.isSteady?.()).toBe(false);
    rmSync(join(folder, 'a.md'));
    expect(await opened.isSteady?.()).toBe(false);
    await expect(source.doOpen(item, { signal })).rejects.toMatchObject({
      code: 'document_unreadable',
    });
  });
});

describe('watching a folder', () => {
  it('reports new, changed, renamed and deleted files, in new folders too, until it is stopped', async () => {
    put('a.md');
    const controller = new AbortController();
    let changes = 0;
    const onChange = () => {
      changes += 1;
    };
    const watching = open().doWatch?.(onChange, { signal: controller.signal });
    const sees = async (act: (attempt: number) => void) => {
      const before = changes;
      for (let attempt = 0; changes === before; attempt += 1) {
        act(attempt);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    };
    await sees((attempt) => put('a.md', `changed ${attempt}`));
    await sees((attempt) => put(`new-${attempt}/b.md`));
    await sees((attempt) => put('new-0/b.md', `changed ${attempt}`));
    await sees((attempt) => {
      put(`from-${attempt}.md`);
      renameSync(join(folder, `from-${attempt}.md`), join(folder, `to-${attempt}.md`));
    });
    await sees(() => rmSync(join(folder, 'a.md'), { force: true }));
    controller.abort();
    await watching;
    const after = changes;
    put('a.md');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(changes).toBe(after);
  });

  it('waits for a folder that is not there yet', async () => {
    const controller = new AbortController();
    const quick = open(join(folder, 'later'), 10);
    let changes = 0;
    await new Promise<void>((resolve) => {
      const onChange = () => {
        changes += 1;
        if (changes === 1) put('later/a.md');
        else resolve();
      };
      void quick.doWatch?.(onChange, { signal: controller.signal });
    });
    controller.abort();
    expect(changes).toBeGreaterThan(1);
  });

  it('says once how many folders it cannot watch, and what to do', async () => {
    for (const name of ['one', 'two', 'three']) put(`${name}/a.md`);
    const problems: string[] = [];
    const watching = new AbortController();
    const began = Promise.withResolvers<void>();
    const options = {
      debounceMs: 5,
      reconcileSeconds: 3600,
      mostFolders: 2,
      onProblem: (error: Error) => problems.push(error.message),
    };
    let changes = 0;
    const onChange = () => {
      changes += 1;
      began.resolve();
    };
    const run = new FolderWatch(folder, onChange, options).run(watching.signal);
    await began.promise;
    await vi.waitUntil(() => {
      put('b.md', `${changes}`);
      return changes > 1;
    });
    watching.abort();
    await run;
    expect(problems).toEqual([expect.stringMatching(/^2 folders .*max_user_watches/)]);
  });
});
