import { dirname, isAbsolute, join, resolve } from 'node:path';
import { createClassifier, type TrainedClassifier } from '../adapters/models/classifier-process.ts';
import type { CountingEmbedder } from '../adapters/models/specialist-ranker.ts';
import type { SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import type { Classifier } from '../core/ports.ts';
import { deviceModelOf } from './devices.ts';
import type { Models } from './models.ts';
import type { Settings } from './settings.ts';

export interface Classifiers {
  /** The classifier of a spoke; undefined while it learns its examples for the first time. */
  get(spoke: string): Classifier | undefined;
  close(): Promise<void>;
}

/** Micro-models of all classifier spokes; they train in a thread when their examples are new. */
export function composeClassifiers(options: {
  readonly settings: Settings;
  readonly spokes: readonly SpokeConfig[];
  readonly models: Models;
  readonly log: (line: string) => void;
}): Classifiers {
  const { settings, models, log } = options;
  const trained = new Map<string, TrainedClassifier>();
  const closing = new AbortController();
  for (const spoke of options.spokes) {
    if (spoke.kind !== 'classifier' || deviceModelOf(spoke) !== undefined) continue;
    if (spoke.examples === undefined)
      throw new CadreError(
        'config_invalid',
        `the classifier ${spoke.id} has no \`examples\` folder`,
        { param: 'spokes' },
      );
    const classifier = createClassifier({
      id: spoke.id,
      examplesFolder: folderOf(spoke.examples, settings),
      modelFile: join(settings.home, 'classifiers', `${spoke.id}.bin`),
      embedder: embedderOf(models),
      withThread: models.threadLease.withThread,
      elapsed: () => performance.now(),
    });
    trained.set(spoke.id, classifier);
    classifier.doPrepare({ signal: closing.signal }).catch((error: unknown) => {
      if (!closing.signal.aborted)
        log(`${spoke.id}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return {
    get(spoke) {
      const classifier = trained.get(spoke);
      return classifier?.state.phase === 'ready' ? classifier : undefined;
    },
    async close() {
      closing.abort();
      await Promise.all([...trained.values()].map((classifier) => classifier.doClose()));
    },
  };
}

/** The starter's examples lie in the package; a configured folder is relative to the file that names it. */
export function folderOf(examples: string, settings: Settings): string {
  if (isAbsolute(examples)) return examples;
  if (examples.startsWith('starter/')) return resolve(import.meta.dirname, '..', '..', examples);
  return resolve(settings.configFile === undefined ? '.' : dirname(settings.configFile), examples);
}

/** Asks for the embedder at each call: it may be installed after the classifier was made. */
export function embedderOf(models: Pick<Models, 'catalogue' | 'embedder'>): CountingEmbedder {
  const entry = models.catalogue.starters().find((one) => one.embedding !== undefined);
  if (entry?.embedding === undefined)
    throw new CadreError('config_invalid', 'models.lock.json names no starter embedder');
  const embedder = () => {
    const found = models.embedder();
    if (found === undefined)
      throw new CadreError('model_unavailable', `${entry.id} is not installed`);
    return found;
  };
  return {
    id: entry.id,
    dimensions: entry.embedding.dimensions,
    doEmbed: async (texts, kind, options) => embedder().doEmbed(texts, kind, options),
    doEmbedCounted: async (texts, kind, options) => embedder().doEmbedCounted(texts, kind, options),
  };
}
