import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SQLITE_MIGRATIONS } from '../../src/adapters/stores/sqlite-migrations.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { sampleEvents, sampleReceipt } from '../contracts/store-samples.ts';

describe('SQLite store', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cadre-sqlite-'));
    path = join(folder, 'deep', 'state.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fill = async (count: number) => {
    const store = await openSqliteStore(path);
    for (let index = 0; index < count; index += 1)
      await store.doPutReceipt(sampleReceipt(`req_${index}`), sampleEvents('x'), {
        prompt: 'the prompt nobody may find',
        answer: '',
        citations: [],
        events: [],
      });
    return store;
  };

  it('makes its folder and is readable by its owner alone', async () => {
    const store = await fill(1);
    for (const file of readdirSync(join(folder, 'deep')))
      expect(statSync(join(folder, 'deep', file)).mode & 0o077, file).toBe(0);
    await store.doClose();
  });

  it('names a damaged file and what to do', async () => {
    await (await openSqliteStore(path)).doClose();
    await writeFile(path, 'this was a database once, but no more '.repeat(500));
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/state\.db is damaged .*move it away/),
    });
  });

  it('names the file when it was cut or overwritten in the middle', async () => {
    await (await fill(300)).doClose();
    truncateSync(path, 40_000);
    const use = async () => {
      const store = await openSqliteStore(path);
      try {
        return await store.doListReceipts({ limit: 1000 });
      } finally {
        await store.doClose();
      }
    };
    await expect(use()).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(path),
    });
  });

  it('refuses a folder in place of the file', async () => {
    await expect(openSqliteStore(folder)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(folder),
    });
  });

  it('refuses the file of a newer Cadre and leaves it as it is', async () => {
    await (await openSqliteStore(path)).doClose();
    const newer = SQLITE_MIGRATIONS.length + 1;
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${newer}`);
    database.close();
    await expect(openSqliteStore(path)).rejects.toThrow(/newer Cadre/);
    const again = new DatabaseSync(path);
    expect(again.prepare('PRAGMA user_version').get()).toEqual({ user_version: newer });
    again.close();
  });

  it('refuses a stored row that is no JSON', async () => {
    const store = await fill(1);
    const database = new DatabaseSync(path);
    database.exec(`UPDATE receipts SET body = '{'`);
    database.close();
    await expect(store.doGetReceipt('req_0')).rejects.toMatchObject({ code: 'store_failed' });
    await store.doClose();
  });

  it('leaves no purged text in any of its files', async () => {
    const store = await fill(50);
    const found = () =>
      readdirSync(join(folder, 'deep')).some((file) =>
        readFileSync(join(folder, 'deep', file)).includes('the prompt nobody may find'),
      );
    expect(found()).toBe(true);
    expect(await store.doPurge({ receipts: 0, text: 2e12 })).toBe(50);
    // The rows go at once, what the write-ahead log still holds of them within ten seconds.
    await expect.poll(found, { timeout: 25_000, interval: 500 }).toBe(false);
    expect(await store.doListReceipts({ limit: 99 })).toHaveLength(50);
    await store.doClose();
  });

  it('purges more rows than one transaction takes', async () => {
    const store = await fill(1203);
    expect(await store.doPurge({ receipts: 2e12, text: 0 })).toBe(2406);
    await store.doClose();
  });

  it('waits for the write of another connection, then says who was in the way', async () => {
    const store = await fill(1);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.doPutReceipt(sampleReceipt('req_b'), [])).rejects.toThrow(/locked for 5 s/);
    other.exec('COMMIT');
    other.close();
    await store.doPutReceipt(sampleReceipt('req_b'), []);
    expect(await store.doGetReceipt('req_b')).toBeDefined();
    await store.doClose();
  });

  it('leaves no correction in its files whose receipt was deleted before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const store = await openSqliteStore(path);
      // The log is emptied after every start as well.
      vi.advanceTimersByTime(10_000);
      const text = 'the correction nobody may find';
      const said = {
        receipt: 'req_gone',
        source: 'correction',
        key: 'a',
        score: 0,
        at: 1,
      } as const;
      await store.doPutFeedback({ ...said, text });
      // And after every correction.
      vi.advanceTimersByTime(10_000);
      const found = () =>
        readdirSync(join(folder, 'deep')).some((file) =>
          readFileSync(join(folder, 'deep', file)).includes(text),
        );
      expect(found()).toBe(true);
      await store.doPurge({ receipts: 2, text: 2 });
      vi.advanceTimersByTime(10_000);
      expect(found()).toBe(false);
      await store.doClose();
    } finally {
      vi.useRealTimers();
    }
  });
});
