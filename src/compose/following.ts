import { resolve } from 'node:path';
import type { CollectionSettings } from '../core/collection-settings.ts';
import type { Config } from '../core/config.ts';
import { placedAt } from '../core/source.ts';
import type { Knowledge } from '../ground/knowledge.ts';

/** Configured collections that are indexed at once: one that takes hours holds no other up. */
const LANES = 8;

interface Following {
  readonly knowledge: Pick<Knowledge, 'index' | 'list' | 'watchAll'>;
  readonly collections: Config['collections'];
  /** What places in the file are relative to. */
  readonly base: string;
  readonly log: (line: string) => void;
}

/** Follows all that is watched, and meanwhile indexes what the file describes. */
export async function followCollections(following: Following, signal: AbortSignal): Promise<void> {
  const { knowledge, collections, log } = following;
  const except = collections.map((one) => one.name);
  const watching = knowledge.watchAll({ signal, except }).catch((error: unknown) => {
    if (!signal.aborted) log(`following sources ended: ${String(error)}`);
  });
  const waiting = [...collections];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await index(following, next, signal);
  };
  await Promise.all([watching, ...Array.from({ length: LANES }, lane)]);
}

async function index(
  { knowledge, base, log }: Following,
  { name, sources: written, watch, ...access }: Config['collections'][number],
  signal: AbortSignal,
): Promise<void> {
  try {
    // Of one that is there `applySettings` has said it, and a later file may have said other things.
    const isThere = (await knowledge.list()).some((one) => one.name === name);
    const { principals, ...settings } = isThere ? {} : settingsOf(access);
    const sources = written.map((spec) => placedAt(spec, (place) => resolve(base, place)));
    for await (const progress of knowledge.index(
      // What the file says wins over what was indexed before.
      { name, sources, watch, principals, settings, replace: true, mayBeEmpty: true },
      { signal },
    ))
      if (progress.stage === 'ready') log(`${name}: ${progress.summary?.documents ?? 0} documents`);
  } catch (error) {
    if (!signal.aborted) log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
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
    'principals' | 'owner' | 'rules' | 'halfLifeDays' | 'context'
  >,
): Partial<CollectionSettings> {
  const { principals, owner, rules, halfLifeDays, context } = collection;
  return {
    ...{ owner, halfLifeDays, context },
    ...(principals === undefined ? {} : { principals }),
    ...(rules === undefined ? {} : { rules }),
  };
}
