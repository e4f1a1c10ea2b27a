/** Indexes a folder into a store and says each document that the store has taken; it may be killed at any time. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createParser } from '../../src/adapters/parsers/parser-process.ts';
import { openPostgresStore } from '../../src/adapters/stores/postgres-store.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { parseConfig } from '../../src/core/config.ts';
import { createKnowledge } from '../../src/ground/knowledge.ts';
import { openSources } from '../../test/ground/fixtures/open-sources.ts';

const [address = '', folder = ''] = process.argv.slice(2);
const store = await (address.startsWith('postgres:')
  ? openPostgresStore(address)
  : openSqliteStore(address));
const parser = createParser();
const knowledge = createKnowledge({
  chunks: {
    ...store,
    async doSwapDocument(document, chunks) {
      await store.doSwapDocument(document, chunks);
      writeSync(1, `${JSON.stringify([document.id, document.version])}\n`);
    },
  },
  parser,
  openSource: openSources(),
  clock: { now: () => Date.now(), elapsed: () => performance.now() },
  config: parseConfig({}).ground,
  hash: (text) => createHash('sha256').update(text).digest('hex'),
});
const request = {
  name: 'docs',
  sources: [{ kind: 'folder' as const, folder }],
  watch: false,
  principals: ['public'],
};
const { signal } = new AbortController();
for await (const _progress of knowledge.index(request, { signal }));
await parser.doClose();
await store.doClose();
