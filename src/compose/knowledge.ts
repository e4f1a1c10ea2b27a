import { dirname, join } from 'node:path';
import { createParser } from '../adapters/parsers/parser-process.ts';
import { createIndexFiles } from '../adapters/stores/index-files.ts';
import { createThreadCalls } from '../adapters/threads/thread-calls.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import { engineOver, type GroundEngine } from '../ground/engine.ts';
import { createKnowledge, type Knowledge } from '../ground/knowledge.ts';
import { isStoreOver } from '../ground/store-life.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { SearchData } from '../workers/search.ts';
import { citedLists } from './cited-lists.ts';
import { contentHash } from './content-hash.ts';
import { applySettings, followCollections } from './following.ts';
import type { Models } from './models.ts';
import type { Openings } from './openings.ts';
import type { Settings } from './settings.ts';
import { composeDocuments, composeSources } from './sources.ts';
import { VERSION } from './version.ts';

interface ComposedKnowledge {
  readonly knowledge: Knowledge;
  /** Ranks texts that are in no collection, in the thread of the indexes. */
  readonly rank: GroundEngine['rank'];
  /** Indexes the configured collections and follows all watched ones until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The ground room with its parsers, folders and embedder. */
export async function composeKnowledge(options: {
  readonly settings: Settings;
  readonly store: Store;
  readonly models: Models;
  readonly clock: Clock;
  readonly permits: PermitOffice;
  readonly openings: Openings;
  readonly log: (line: string) => void;
}): Promise<ComposedKnowledge> {
  const { settings, store, models, clock, permits, log } = options;
  const { config } = settings;
  const parser = createParser();
  const indexes: SearchData = { folder: join(settings.home, 'indexes'), release: VERSION };
  const thread = createThreadCalls({
    workerFile: new URL('../workers/search.ts', import.meta.url),
    data: indexes,
  });
  const engine = engineOver(thread.call);
  const documents = composeDocuments(settings, permits);
  const knowledge = createKnowledge({
    engine,
    chunks: store,
    isOver: isStoreOver(store, clock),
    parser,
    openSource: composeSources(settings, { documents, clock, objects: store }),
    embedder: () => models.embedder(),
    clock,
    config: config.ground,
    hash: contentHash,
    shown: async (name) => ({
      opened: await options.openings.lists(name),
      answered: await citedLists(store, name),
    }),
    onProblem: (collection, error) => log(`${collection}: ${error.message}`),
  });
  await applySettings(knowledge, config.collections);
  const rows = await knowledge.list();
  await createIndexFiles(indexes).doTidy(rows.map((row) => row.name));
  const base = dirname(settings.configFile ?? settings.home);
  return {
    knowledge,
    rank: engine.rank,
    follow: (signal) =>
      followCollections({ knowledge, collections: config.collections, base, log }, signal),
    async close() {
      await Promise.all([parser.doClose(), thread.doClose(), documents.close()]);
    },
  };
}
