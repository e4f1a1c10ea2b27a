import { dirname, join, resolve } from 'node:path';
import { createParser } from '../adapters/parsers/parser-process.ts';
import { createIndexFiles } from '../adapters/stores/index-files.ts';
import { createThreadCalls } from '../adapters/threads/thread-calls.ts';
import type { CollectionSettings } from '../core/collection-settings.ts';
import type { Config } from '../core/config.ts';
import type { Clock } from '../core/ports.ts';
import { placedAt } from '../core/source.ts';
import type { Store } from '../core/stores.ts';
import { engineOver, type GroundEngine } from '../ground/engine.ts';
import { createKnowledge, type Knowledge } from '../ground/knowledge.ts';
import { isStoreOver } from '../ground/store-life.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { SearchData } from '../workers/search.ts';
import { contentHash } from './content-hash.ts';
import type { Models } from './models.ts';
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
    onProblem: (collection, error) => log(`${collection}: ${error.message}`),
  });
  await applySettings(knowledge, config.collections);
  const rows = await knowledge.list();
  await createIndexFiles(indexes).doTidy(rows.map((row) => row.name));
  const base = dirname(settings.configFile ?? settings.home);
  return {
    knowledge,
    rank: engine.rank,
    follow: (signal) => follow({ knowledge, config, base, log }, signal),
    async close() {
      await Promise.all([parser.doClose(), thread.doClose(), documents.close()]);
    },
  };
}

interface Following {
  readonly knowledge: Knowledge;
  readonly config: Config;
  /** What places in the file are relative to. */
  readonly base: string;
  readonly log: (line: string) => void;
}

/** Indexes what the file describes, then follows all that is watched. */
async function follow(
  { knowledge, config, base, log }: Following,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, sources: written, watch, ...access } of config.collections) {
    // Of one that is there `applySettings` has said it, and a later file may have said other things.
    const isThere = (await knowledge.list()).some((one) => one.name === name);
    const { principals, ...settings } = isThere ? {} : settingsOf(access);
    const sources = written.map((spec) => placedAt(spec, (place) => resolve(base, place)));
    try {
      for await (const progress of knowledge.index(
        // What the file says wins over what was indexed before.
        { name, sources, watch, principals, settings, replace: true, mayBeEmpty: true },
        { signal },
      ))
        if (progress.stage === 'ready')
          log(`${name}: ${progress.summary?.documents ?? 0} documents`);
    } catch (error) {
      if (!signal.aborted)
        log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await knowledge.watchAll({ signal }).catch((error: unknown) => {
    if (!signal.aborted) log(`following sources ended: ${String(error)}`);
  });
}

/**
 * Puts what the file says of readers in force for collections that are there, before anyone asks.
 * Where it says nothing of them they stay as they are, so that no closed collection opens by it.
 */
export async function applySettings(
  knowledge: Pick<Knowledge, 'change'>,
  collections: Config['collections'],
): Promise<void> {
  for (const collection of collections)
    await knowledge.change(collection.name, settingsOf(collection));
}

function settingsOf(
  collection: Pick<
    Config['collections'][number],
    'principals' | 'owner' | 'rules' | 'halfLifeDays'
  >,
): Partial<CollectionSettings> {
  const { principals, owner, rules, halfLifeDays } = collection;
  return {
    ...{ owner, halfLifeDays },
    ...(principals === undefined ? {} : { principals }),
    ...(rules === undefined ? {} : { rules }),
  };
}
