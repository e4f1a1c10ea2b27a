import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { createThreadCalls } from '../../src/adapters/threads/thread-calls.ts';
import { Library } from './fixtures/library.ts';

describe('a farm that is killed while it indexes', () => {
  it('has whole documents and goes on from there', async () => {
    const database = join(mkdtempSync(join(tmpdir(), 'cadre-killed-')), 'state.db');
    const store = await openSqliteStore(database);
    const library = new Library(store, {});
    for (let index = 0; index < 6; index += 1)
      library.put(`${index}.md`, `Document number${index} is here.`);
    const script = fileURLToPath(new URL('fixtures/index-and-die.ts', import.meta.url));
    const { signal } = spawnSync(process.execPath, [script, library.folder, database]);
    expect(signal).toBe('SIGKILL');
    const before = await store.doListDocuments('docs');
    expect(before.map((one) => [one.path, one.chunkCount]).sort()).toEqual([
      ['0.md', 1],
      ['1.md', 1],
      ['2.md', 1],
    ]);
    expect(await library.find('number2')).toEqual(['2.md: Document number2 is here.']);
    expect(await library.index()).toMatchObject({ unchanged: 3, added: 3, documents: 6 });
    await library.close();
  });
});

describe('a thread that misbehaves', () => {
  const workerFile = new URL('fixtures/moody-thread.ts', import.meta.url);

  it.each(['hang', 'crash'])('fails its calls on %s and is replaced', async (mood) => {
    const thread = createThreadCalls({ workerFile, seconds: 1 });
    const both = [thread.call(mood, []), thread.call('waiting', [])];
    for (const call of both) await expect(call).rejects.toMatchObject({ code: 'worker_crashed' });
    expect(await thread.call('fine', [])).toBe('fine');
    await thread.doClose();
    await expect(thread.call('fine', [])).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
