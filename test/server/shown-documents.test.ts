import { describe, expect, it } from 'vitest';
import { sampleDocument } from '../contracts/store-samples.ts';
import { send, startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const ROW = {
  name: 'law',
  sources: [{ kind: 'folder' as const, folder: '/law' }],
  watched: true,
  principals: ['public'],
  version: 1,
  embedder: null,
};

describe('documents as they are shown', () => {
  it('tells readers of a document neither where it lies nor who else reads it', async () => {
    const document = {
      ...sampleDocument('law', 'a', 1),
      source: 'https://ann:pw@news.example/feed?token=abc and /srv/secret',
      mark: 'sha-1',
      problem: 'GET https://news.example/a?token=abc answered 500',
      given: { principals: ['hr'] },
      override: { principals: ['public', 'hr'] },
      principals: ['public', 'hr'],
    };
    const { origin, length } = { origin: 'index' as const, length: 0 };
    const farm = createScriptedFarm(
      {},
      {
        collections: async () => [ROW],
        documents: async (_name, _readers, { limit } = {}) =>
          [document, { ...document, id: 'b' }].slice(0, limit),
        documentText: async () => ({
          ...{ document, origin, length, reason: document.problem },
          ...{ start: 0, end: 0, text: '', blocks: [] },
        }),
      },
    );
    farm.keys.set('sk', { key: 'a', principals: ['public'], keepsText: false });
    farm.keys.set('op', { key: 'o', principals: ['operator'], keepsText: false });
    const { port } = await startServer(farm);
    const read = async (key: string, path: string) => {
      const headers = { authorization: `Bearer ${key}` };
      return (await send(port, { path: `/cadre/v1/collections/law/${path}`, headers })).text;
    };
    const id = 'a'.repeat(32);
    for (const path of ['documents', `documents/${id}/text`]) {
      expect(await read('sk', path)).not.toMatch(/srv|token|ann:pw|sha-1|feed|"hr"/);
      expect(await read('sk', path)).toContain('GET https://news.example/a?… answered 500');
      expect(await read('op', path)).toContain('https://news.example/feed?… and /srv/secret');
      expect(await read('op', path)).not.toMatch(/token|ann:pw/);
    }
    const page = async (path: string) => JSON.parse(await read('sk', path));
    expect(await page('documents?limit=1')).toMatchObject({ documents: [{}], hasMore: true });
    expect(await page('documents?limit=2')).toMatchObject({ documents: [{}, {}], hasMore: false });
  });
});
