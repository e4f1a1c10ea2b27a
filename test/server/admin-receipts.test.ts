import { expect, it } from 'vitest';
import { send, startServer } from './running-server.ts';
import { createScriptedFarm, receiptOf } from './scripted-farm.ts';

it('pages receipts of one millisecond without losing any', async () => {
  const all = ['d', 'c', 'b', 'a'].map((id) => ({ ...receiptOf(id, 'loopback'), at: 5 }));
  const farm = createScriptedFarm(
    {},
    {
      receipts: async ({ limit, before, beforeId = '' }) =>
        all
          .filter(({ at, id }) => before === undefined || at < before || id < beforeId)
          .slice(0, limit),
    },
  );
  const { port } = await startServer(farm);
  const page = async (query: string) => {
    const { text } = await send(port, { path: `/cadre/v1/receipts?limit=2${query}` });
    return (JSON.parse(text) as { receipts: { id: string }[] }).receipts.map(({ id }) => id);
  };
  expect(await page('')).toEqual(['d', 'c']);
  expect(await page('&before=5&beforeId=c')).toEqual(['b', 'a']);
  expect(await page('&before=5')).toEqual([]);
});
