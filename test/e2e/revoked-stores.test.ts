import { expect, it, vi } from 'vitest';
import { keysCommand } from '../../src/cli/keys.ts';
import type { FarmClient } from '../../src/core/farm-client.ts';
import { openHouse } from '../fixtures/open-house.ts';
import { send } from '../server/running-server.ts';

it('vector stores of a revoked key are named, seen by operators and deleted by them', async () => {
  const { farm, port } = await openHouse(() => ({ fleet: { starter: false, offline: true } }));
  const made = await farm.addKey({ name: 'a', principals: ['public'], keepsText: false });
  const boss = await farm.addKey({ name: 'boss', principals: ['operator'], keepsText: false });
  const as = async (secret: string, method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${secret}` };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return JSON.parse((await send(port, { method, path, headers, ...text })).text);
  };
  const store = await as(made.secret, 'POST', '/v1/vector_stores', { name: 'notes' });
  const names = async () =>
    (await as(boss.secret, 'GET', '/cadre/v1/collections')).collections.map(
      (one: { name: string }) => one.name,
    );
  await expect.poll(names, { timeout: 10_000 }).toEqual([store.id]);

  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const client: Partial<FarmClient> = {
    doGet: (path) => as(boss.secret, 'GET', path),
    doSend: (method, path, body) => as(boss.secret, method, path, body as object | undefined),
    doClose: async () => undefined,
  };
  const input = { words: ['revoke', made.row.id], flags: {}, json: true };
  await keysCommand.run({ ...input, connect: async () => client } as never);
  expect(told.mock.calls.join('')).toContain(`nobody but operators reads them: ${store.id}`);
  told.mockRestore();

  await as(boss.secret, 'DELETE', `/cadre/v1/collections/${store.id}`);
  expect(await names()).toEqual([]);
  expect(await farm.objects.doGetObject('vector_store', store.id)).toBeUndefined();
});
