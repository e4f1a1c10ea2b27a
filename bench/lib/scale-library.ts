import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createParser } from '../../src/adapters/parsers/parser-process.ts';
import { createFolderSource } from '../../src/adapters/sources/folder.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { createThreadCalls } from '../../src/adapters/threads/thread-calls.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { IndexSummary } from '../../src/core/index-progress.ts';
import type { Embedder } from '../../src/core/ports.ts';
import type { Store } from '../../src/core/stores.ts';
import { engineOver } from '../../src/ground/engine.ts';
import { createKnowledge, type Knowledge } from '../../src/ground/knowledge.ts';

export const RELEASE = 'bench';
const { signal } = new AbortController();

/** The ground room as the farm composes it, in a home of its own. */
export interface ScaleLibrary {
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly indexFolder: string;
  index(name: string, folder: string): Promise<IndexSummary>;
  close(): Promise<void>;
}

export async function openLibrary(home: string, embedder?: Embedder): Promise<ScaleLibrary> {
  const indexFolder = join(home, 'indexes');
  const store = await openSqliteStore(join(home, 'state.db'));
  const parser = createParser();
  const thread = createThreadCalls({
    workerFile: new URL('../../src/workers/search.ts', import.meta.url),
    data: { folder: indexFolder, release: RELEASE },
  });
  const { ground } = parseConfig({});
  const knowledge = createKnowledge({
    engine: engineOver(thread.call),
    chunks: store,
    parser,
    openSource(spec) {
      if (spec.kind !== 'folder') throw new TypeError('only folders are measured');
      return createFolderSource(spec.folder, ground);
    },
    embedder: () => embedder,
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    config: ground,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    onProblem: (name, error) => process.stderr.write(`${name}: ${error.message}\n`),
  });
  return {
    store,
    knowledge,
    indexFolder,
    async index(name, folder) {
      let summary: IndexSummary | undefined;
      const request = {
        name,
        sources: [{ kind: 'folder', folder } as const],
        watch: false,
        principals: ['public'],
      };
      for await (const progress of knowledge.index(request, { signal }))
        summary = progress.summary ?? summary;
      if (summary === undefined) throw new Error('indexing ended without a summary');
      return summary;
    },
    async close() {
      await Promise.all([parser.doClose(), thread.doClose()]);
      await store.doClose();
    },
  };
}
