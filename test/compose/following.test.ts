import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { followCollections } from '../../src/compose/following.ts';
import { parseConfig } from '../../src/core/config.ts';
import { Library } from '../ground/fixtures/library.ts';
import { openSources } from '../ground/fixtures/open-sources.ts';

const controller = new AbortController();
const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'cadre-following-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

it('follows what is stored and indexes the others while one source takes for ever', async () => {
  const [slow, quick] = [folder(), folder()];
  const real = openSources();
  const never = new Promise<never>(() => undefined);
  const library = await Library.open({
    openSource: (spec) => {
      const source = real(spec);
      const isSlow = spec.kind === 'folder' && spec.folder === slow;
      return isSlow ? { ...source, doList: () => never } : source;
    },
  });
  library.put('a.md', 'The walrus.');
  await library.index({ watch: true });
  writeFileSync(join(quick, 'q.md'), 'The otter.');
  const { collections } = parseConfig({
    collections: [slow, quick].map((path, index) => ({
      name: `configured-${index}`,
      sources: [{ kind: 'folder', folder: path }],
    })),
  });
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const parts = { knowledge: library.knowledge, collections, base: '/', log };
  const following = followCollections(parts, controller.signal);
  library.put('b.md', 'The penguin.');
  await vi.waitUntil(async () => (await library.find('penguin')).length === 1, 15_000);
  await vi.waitUntil(() => lines.includes('configured-1: 1 documents'), 15_000);
  writeFileSync(join(quick, 'r.md'), 'The seal.');
  const seals = async () =>
    (await library.store.doListDocuments('configured-1')).some((one) => one.path === 'r.md');
  await vi.waitUntil(seals, 15_000);
  expect(lines).toEqual(['configured-1: 1 documents']);
  controller.abort();
  void following;
  await library.parser.doClose();
});
