import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import type { OpenStores } from './store-contract.ts';

const WRITER = join(import.meta.dirname, '..', 'stores', 'receipt-writer.ts');

/** Starts a process that writes receipts; returns the ids it acknowledged, killed after `killAfter`. */
async function write(
  kind: string,
  address: string,
  name: string,
  options: { readonly count: number; readonly killAfter?: number },
): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WRITER, kind, address, name, String(options.count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  const ids: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(line);
    if (ids.length === options.killAfter) child.kill('SIGKILL');
  }
  const [code, signal] = await exit;
  expect([code, signal]).toEqual(options.killAfter === undefined ? [0, null] : [null, 'SIGKILL']);
  return ids;
}

export function describeProcesses(kind: string, stores: OpenStores): void {
  it('has every receipt that a killed process acknowledged', async () => {
    const ids = await write(kind, stores.place.address, 'killed', {
      count: 1_000_000,
      killAfter: 200,
    });
    expect(ids.length).toBeGreaterThanOrEqual(200);
    const store = await stores.open();
    for (const id of ids) {
      expect(await store.doGetReceipt(id), id).toBeDefined();
      expect(await store.doGetText(id), id).toBeDefined();
    }
  });

  it('lets two processes start and write at once, and loses nothing', async () => {
    const written = await Promise.all(
      ['one', 'two'].map((name) => write(kind, stores.place.address, name, { count: 150 })),
    );
    const store = await stores.open();
    const stored = await store.doListReceipts({ limit: 1000 });
    expect(stored.map((receipt) => receipt.id).sort()).toEqual(written.flat().sort());
  });

  it('refuses work after it was closed, and closes twice as once', async () => {
    const store = await stores.open();
    await store.doClose();
    await store.doClose();
    await expect(store.doGetReceipt('req_a')).rejects.toMatchObject({ code: 'store_failed' });
  });
}
