import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createClassifier } from '../adapters/models/classifier-process.ts';
import type { Farm } from '../core/farm.ts';
import type { Classification } from '../core/ports.ts';
import { moderate, moderationWindows } from '../run/moderation.ts';
import { embedderOf, folderOf } from './classifiers.ts';
import type { Models } from './models.ts';
import type { Settings } from './settings.ts';

interface Moderation {
  readonly moderate: Farm['moderate'];
  close(): Promise<void>;
}

/**
 * The micro-model behind /v1/moderations. It learns its examples in a thread when the first text
 * comes (ten to thirty seconds) and is kept in the home.
 */
export function composeModeration({
  settings,
  models,
}: {
  readonly settings: Settings;
  readonly models: Models;
}): Moderation {
  const { model, examples, safeLabel, threshold } = settings.config.moderation;
  const classifier = createClassifier({
    id: model,
    examplesFolder: folderOf(examples, settings),
    modelFile: join(settings.home, 'classifiers', `${model}.bin`),
    embedder: embedderOf(models),
    elapsed: () => performance.now(),
  });
  return {
    async moderate({ texts }, signal) {
      await classifier.doPrepare({ signal });
      // Half as many are wrong with the embedder (starter/README.md): worth the wait, which is once.
      const isWhole = classifier.state.features === 'n-grams+embedding';
      if (!isWhole && models.embedder() !== undefined) await classifier.doImprove({ signal });
      const { labels } = classifier;
      const results = [];
      let features: Classification['features'] = 'n-grams';
      for (const text of texts) {
        const windows: Classification[] = [];
        for (const window of moderationWindows(text)) {
          windows.push(await classifier.doClassify(window, { signal }));
          // A long text must not keep the others waiting.
          await turn();
        }
        features = windows[0]?.features ?? features;
        results.push(moderate(windows, { labels, safeLabel, threshold }));
      }
      return { model, results, features };
    },
    close: () => classifier.doClose(),
  };
}
