import { expect, it } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const ROW = {
  ...{ name: 'law', sources: [], watched: true, principals: ['public'], version: 1 },
  embedder: null,
};

const WARNING = { code: 'indexing', words: '3 of 9 documents of law can be found' } as const;

it('fits the ranking for operators, and notes what any reader opened', async () => {
  const noted: unknown[] = [];
  const farm = createScriptedFarm(
    {},
    {
      collections: async () => [ROW],
      warnings: () => [WARNING],
      noteOpening: async (opening, { key }) => noted.push([opening, key]) > 0,
    },
  );
  farm.keys.set('sk', { key: 'a', principals: ['public'], keepsText: false });
  farm.keys.set('op', { key: 'b', principals: ['operator'], keepsText: false });
  const { port } = await startServer(farm);
  const post = (path: string, key: string, body: object) =>
    send(port, {
      path: `/cadre/v1/collections/${path}`,
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}` },
    });
  const wish = { judged: [{ query: 'why', documents: { 'a.md': 1 } }], dryRun: true };
  const fitted = await post('law/fit', 'op', wish);
  expect(JSON.parse(fitted.text).fit).toMatchObject({ collection: 'law', isDryRun: true });
  expect(JSON.parse(fitted.text).warnings).toEqual([WARNING]);
  expect((await post('law/fit', 'sk', wish)).status).toBe(403);
  const wrong = await post('law/fit', 'op', { judged: [{ query: 'why', documents: { a: 0 } }] });
  expect([wrong.status, errorOf(wrong).code]).toEqual([400, 'invalid_request']);
  const opened = await post('law/opened', 'sk', { search: 'srch_1', chunk: 'c1' });
  expect(JSON.parse(opened.text)).toEqual({ isNoted: true });
  expect(noted).toEqual([[{ collection: 'law', search: 'srch_1', chunk: 'c1' }, 'a']]);
  expect((await post('none/opened', 'sk', { search: 's', chunk: 'c' })).status).toBe(404);
});
