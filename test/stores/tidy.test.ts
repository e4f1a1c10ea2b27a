import { expect, it } from 'vitest';
import { keepTidy } from '../../src/compose/tidy.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { Store } from '../../src/core/stores.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

it('purges stored objects whose time is over at every start', async () => {
  const objects = temporaryObjects();
  const row = { kind: 'file' as const, key: 'a', createdAt: 1, body: {} };
  const now = Date.now();
  await objects.doPutObject({ ...row, id: 'old', expiresAt: now - 1 });
  await objects.doPutObject({ ...row, id: 'new', expiresAt: now + 60_000 });
  await objects.doPutPart('file', 'old', { position: 0, bytes: Buffer.from('words') });
  const controller = new AbortController();
  const purged = Promise.withResolvers<void>();
  const store = {
    ...objects,
    doPurge: async () => 0,
    doPurgeObjects: async (at: number) => {
      const count = await objects.doPurgeObjects(at);
      purged.resolve();
      return count;
    },
  } as unknown as Store;
  const tidy = keepTidy(
    {
      store,
      vectorStores: { tidy: async () => {} },
      clock: { now: () => now, elapsed: () => 0 },
      config: () => parseConfig({}).record,
      log: () => {},
    },
    controller.signal,
  );
  await purged.promise;
  controller.abort();
  await tidy;
  expect(await objects.doListPlaces('file', 'old')).toEqual([]);
  expect(await objects.doGetObject('file', 'new')).toBeDefined();
});
