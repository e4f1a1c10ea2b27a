import { describe, expect, it } from 'vitest';
import { decodeCollection } from '../../src/adapters/stores/document-codec.ts';
import { parseConfig } from '../../src/core/config.ts';
import { sourceSchema } from '../../src/core/config-source.ts';
import { placedAt, sourceName } from '../../src/core/source.ts';

const sourcesOf = (collection: object) =>
  parseConfig({ collections: [{ name: 'docs', ...collection }] }).collections[0]?.sources;

describe('the sources of a collection', () => {
  it('are the folder, what is listed beside it, or both', () => {
    expect(sourcesOf({ folder: 'handbook' })).toEqual([{ kind: 'folder', folder: 'handbook' }]);
    const mail = { kind: 'mail', path: 'in.mbox' };
    expect(sourcesOf({ folder: 'handbook', sources: [mail] })).toEqual([
      { kind: 'folder', folder: 'handbook' },
      mail,
    ]);
  });

  it.each([
    [{}, 'collections.0.folder'],
    [{ sources: [{ kind: 'ftp' }] }, 'collections.0.sources.0.kind'],
    [{ sources: [{ kind: 'folder', folder: 'a', recursive: true }] }, 'recursive'],
    [{ sources: [{ kind: 'folder', folder: 'a', prefix: '/a' }] }, 'prefix'],
    [{ sources: [{ kind: 'web' }] }, 'sitemap'],
    [{ sources: [{ kind: 'feed', url: 'no address' }] }, 'url'],
    [{ sources: [{ kind: 'git', repository: 'a', ref: '-x' }] }, 'ref'],
    [{ sources: [{ kind: 'sql', query: 'SELECT 1' }] }, 'file'],
    [{ sources: [{ kind: 'sql', query: 'SELECT 1', file: 'a', postgresEnv: 'A' }] }, 'file'],
  ])('stop the start where they are wrong: %j', (collection, where) => {
    expect(() => sourcesOf(collection)).toThrow(where);
  });

  it('have names of their own, and places that follow the file that names them', () => {
    const all = [
      { kind: 'folder', folder: 'a/' },
      { kind: 'git', repository: 'a' },
      { kind: 'git', repository: 'https://example.com/a.git', ref: 'v1' },
      { kind: 'web', sitemap: 'https://example.com/sitemap.xml' },
      { kind: 'feed', url: 'https://example.com/feed' },
      { kind: 'sql', file: 'a.db', query: 'SELECT 1' },
      { kind: 'mail', path: 'a.mbox' },
    ].map((one) => sourceSchema.parse(one));
    const placed = all.map((one) => sourceName(placedAt(one, (place) => `/home/${place}`)));
    expect(new Set(placed).size).toBe(all.length);
    expect(placed.filter((name) => name.includes('/home/'))).toHaveLength(4);
  });

  it('are the one folder of a collection that an earlier release stored', () => {
    const row = { name: 'docs', watched: 1, version: 3, embedder: null, body: '{}' };
    const stored = { ...row, principals: '["public"]', sources: '"/docs"' };
    expect(decodeCollection(stored).sources).toEqual([{ kind: 'folder', folder: '/docs' }]);
  });
});
