import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheEmbeddings } from '../../src/adapters/models/embedding-cache.ts';
import type { Embedder } from '../../src/core/ports.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-vectors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function counted(id: string) {
  const asked: string[] = [];
  const embedder: Embedder = {
    id,
    dimensions: 2,
    async doEmbed(texts, kind) {
      asked.push(...texts);
      return texts.map((text) => Float32Array.of(text.length, kind === 'query' ? 1 : 0));
    },
  };
  return { embedder, asked };
}

const { signal } = new AbortController();

test('a text is embedded once per model and kind, across openings of the file', async () => {
  const path = join(folder, 'deep', 'vectors.db');
  const first = counted('one');
  const cache = cacheEmbeddings(first.embedder, path);
  expect(await cache.doEmbed(['longer', 'a'], 'passage', { signal })).toEqual([
    Float32Array.of(6, 0),
    Float32Array.of(1, 0),
  ]);
  expect(await cache.doEmbed(['a', 'new'], 'passage', { signal })).toEqual([
    Float32Array.of(1, 0),
    Float32Array.of(3, 0),
  ]);
  expect(await cache.doEmbed(['a'], 'query', { signal })).toEqual([Float32Array.of(1, 1)]);
  expect(first.asked).toEqual(['a', 'longer', 'new', 'a']);
  cache.close();

  const second = counted('two');
  const other = cacheEmbeddings(second.embedder, path);
  await other.doEmbed(['a'], 'passage', { signal });
  expect(second.asked).toEqual(['a']);
  other.close();
  const again = cacheEmbeddings(first.embedder, path);
  await again.doEmbed(['longer', 'new'], 'passage', { signal });
  expect(first.asked).toHaveLength(4);
  again.close();
});
