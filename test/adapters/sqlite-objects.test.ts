import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'cadre-sqlite-'));
  const path = join(folder, 'state.db');
  const store = await openSqliteStore(path);
  onTestFinished(async () => {
    await store.doClose();
    await rm(folder, { recursive: true, force: true });
  });
  return { store, path };
}

/** Turns of the event loop that others got while `work` ran. */
async function turnsWhile(work: () => Promise<void>): Promise<number> {
  let turns = 0;
  let next = setImmediate(count);
  function count() {
    turns += 1;
    next = setImmediate(count);
  }
  await work();
  clearImmediate(next);
  return turns;
}

it('lets others in between while it reads many parts, or large ones', async () => {
  const { store } = await open();
  for (let position = 0; position < 160; position += 1)
    await store.doPutPart('batch', 'small', { position, bytes: new Uint8Array(1) });
  for (let position = 0; position < 8; position += 1)
    await store.doPutPart('file', 'large', { position, bytes: new Uint8Array(256 * 1024) });
  const read = (kind: 'file' | 'batch', id: string) => async () => {
    for await (const _part of store.doReadParts(kind, id));
  };
  expect(await turnsWhile(read('batch', 'small'))).toBeGreaterThanOrEqual(8);
  expect(await turnsWhile(read('file', 'large'))).toBeGreaterThanOrEqual(3);
});

it('lists the places of more parts than it reads at once', async () => {
  const { store } = await open();
  for (let position = 0; position < 4100; position += 1)
    await store.doPutPart('batch', 'many', { position: position * 2, bytes: new Uint8Array(1) });
  expect(await store.doListPlaces('batch', 'many')).toEqual(
    Array.from({ length: 4100 }, (_, index) => index * 2),
  );
});

it('takes deleted words out of the log once for all deletions of ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { store, path } = await open();
  const put = async (id: string) =>
    store.doPutPart('file', id, { position: 0, bytes: Buffer.from(`a walrus in ${id}`) });
  for (const id of ['a', 'b', 'c']) {
    await put(id);
    await store.doDropParts('file', id);
  }
  // Nobody waited for the disk.
  expect((await readFile(`${path}-wal`)).includes('walrus')).toBe(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await stat(`${path}-wal`)).size).toBe(0);
  expect((await readFile(path)).includes('walrus')).toBe(false);
});
