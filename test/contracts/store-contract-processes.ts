import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import type { ChunkRow } from '../../src/core/stores.ts';
import type { OpenStores } from './store-contract.ts';
import { SOLE, sampleCollection } from './store-samples.ts';

const WRITER = join(import.meta.dirname, '..', 'stores', 'store-writer.ts');
const ENDLESS = 1_000_000;

interface WriterOptions {
  readonly what: 'receipts' | 'documents' | 'reservations' | 'spending';
  readonly name: string;
  readonly count: number;
  /** Lines after which the process is killed. */
  readonly killAfter?: number;
}

/** Starts a process that writes; returns what the store acknowledged to it. */
async function write(
  kind: string,
  address: string,
  { what, name, count, killAfter }: WriterOptions,
): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WRITER, kind, address, what, name, String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  }
  const [code, signal] = await exit;
  expect([code, signal]).toEqual(killAfter === undefined ? [0, null] : [null, 'SIGKILL']);
  return lines;
}

/** Every document of the chunks is there as one version, whole. */
function expectWhole(chunks: readonly ChunkRow[]): void {
  for (const [, group] of Map.groupBy(chunks, (chunk) => chunk.documentId)) {
    expect(group).toHaveLength(100);
    for (const chunk of group) {
      expect(chunk.indexText).toContain(`version ${chunk.documentVersion} `);
      expect(chunk.embedding?.[0]).toBe(chunk.documentVersion);
    }
    expect(new Set(group.map((chunk) => chunk.documentVersion)).size).toBe(1);
  }
}

export function describeProcesses(kind: string, stores: OpenStores): void {
  it('has every receipt that a killed process acknowledged', async () => {
    const ids = await write(kind, stores.place.address, {
      what: 'receipts',
      name: 'req_killed',
      count: ENDLESS,
      killAfter: 200,
    });
    expect(ids.length).toBeGreaterThanOrEqual(200);
    const store = await stores.open();
    for (const id of ids) {
      expect(await store.doGetReceipt(id), id).toBeDefined();
      expect(await store.doGetText(id), id).toBeDefined();
    }
  });

  it('has all that a killed process said was spent, once', async () => {
    const { length } = await write(kind, stores.place.address, {
      what: 'spending',
      name: 'res_killed',
      count: ENDLESS,
      killAfter: 300,
    });
    const store = await stores.open();
    // The request under way may be settled without a word, or have set its two dollars aside.
    const spent = await store.doSpent('key_a', 'today');
    expect(spent).toBeGreaterThanOrEqual(length);
    expect(spent - length).toBeLessThanOrEqual(2);
    await store.doClose();
    expect(await (await stores.open()).doSpent('key_a', 'today')).toBe(spent);
  });

  it('shows only whole documents while a process swaps them, and after it was killed', async () => {
    const store = await stores.open();
    await store.doPutCollection(sampleCollection('docs'));
    let writing = true;
    const writer = write(kind, stores.place.address, {
      what: 'documents',
      name: 'a',
      count: ENDLESS,
      killAfter: 25,
    }).finally(() => {
      writing = false;
    });
    while (writing) {
      const changes = await store.doReadChanges('docs', 0);
      expectWhole(changes.chunks);
      // One document, swapped each time: the collection's version and its own go together.
      expect(changes.chunks[0]?.documentVersion ?? 0).toBe(changes.version);
      const read: ChunkRow[] = [];
      for await (const chunk of store.doReadChunks('docs')) read.push(chunk);
      expectWhole(read);
      await new Promise(setImmediate);
    }
    const acknowledged = (await writer).length;
    const after = await store.doReadChanges('docs', 0);
    expectWhole(after.chunks);
    expect(after.chunks[0]?.documentVersion).toBeGreaterThanOrEqual(acknowledged);
    expect(after.version).toBe(after.chunks[0]?.documentVersion);
  });

  it('refuses work after it was closed, and closes twice as once', async () => {
    const store = await stores.open();
    await store.doClose();
    await store.doClose();
    await expect(store.doGetReceipt('req_a')).rejects.toMatchObject({ code: 'store_failed' });
  });

  // Who owns the file alone has no other process beside him.
  if (kind === SOLE) return;

  it('lets two processes start and write at once, and loses nothing', async () => {
    const written = await Promise.all(
      ['req_one', 'req_two'].map((name) =>
        write(kind, stores.place.address, { what: 'receipts', name, count: 150 }),
      ),
    );
    const store = await stores.open();
    const stored = await store.doListReceipts({ limit: 1000 });
    expect(stored.map((receipt) => receipt.id).sort()).toEqual(written.flat().sort());
  });

  it('grants two processes together no more than the cap', async () => {
    const granted = await Promise.all(
      ['one', 'two'].map((name) =>
        write(kind, stores.place.address, { what: 'reservations', name, count: 90 }),
      ),
    );
    expect(granted.flat()).toHaveLength(100);
    expect(await (await stores.open()).doSpent('key_a', 'today')).toBe(100);
  });
}
