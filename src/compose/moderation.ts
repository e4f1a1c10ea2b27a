import { join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { createClassifier, type TrainedClassifier } from '../adapters/models/classifier-process.ts';
import type { Classification } from '../core/classification.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { CallOptions } from '../core/ports.ts';
import { estimateTokens } from '../ground/token-estimate.ts';
import { moderate, moderationWindows } from '../run/moderation.ts';
import { embedderOf, folderOf } from './classifiers.ts';
import type { Models } from './models.ts';
import type { Settings } from './settings.ts';
import type { DoWork } from './work.ts';

export interface Moderation {
  readonly moderate: Farm['moderate'];
  /** Makes the model ready before anybody asks, once the farm's start is over; never rejects. */
  makeReady(options: CallOptions & { readonly log: (line: string) => void }): Promise<void>;
  close(): Promise<void>;
}

/** The first answers have the machine to themselves. */
const AFTER_START_MS = 5000;
/** A caller who waits longer is told to come again. */
const WAIT_MS = 10_000;
/** Seconds; learning takes ten to forty-five of one core. */
const RETRY_AFTER = 10;

/**
 * The micro-model behind /v1/moderations. It learns its examples in a thread of the lowest priority
 * and is kept in the home, so that it learns once. A request that comes earlier begins that itself
 * and waits a while.
 */
export function composeModeration({
  settings,
  models,
  doWork,
  waitMs = WAIT_MS,
}: {
  readonly settings: Settings;
  readonly models: Pick<Models, 'catalogue' | 'embedder'>;
  readonly doWork: DoWork;
  /** How long a request waits for the model. */
  readonly waitMs?: number;
}): Moderation {
  const { model, examples, safeLabel, threshold } = settings.config.moderation;
  const classifier = createClassifier({
    id: model,
    examplesFolder: folderOf(examples, settings),
    modelFile: join(settings.home, 'classifiers', `${model}.bin`),
    embedder: embedderOf(models),
    elapsed: () => performance.now(),
  });
  const ready = async ({ signal }: CallOptions) => {
    await classifier.doPrepare({ signal });
    // Half as many are wrong with the embedder (starter/README.md): worth the wait, which is once.
    const isWhole = classifier.state.features === 'n-grams+embedding';
    if (!isWhole && models.embedder() !== undefined) await classifier.doImprove({ signal });
  };
  const run = async (texts: readonly string[], signal: AbortSignal) => {
    const { labels } = classifier;
    const judged = await classify(classifier, texts, signal);
    return {
      model,
      tokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
      features: judged.flat()[0]?.features ?? 'n-grams',
      results: judged.map((windows) => moderate(windows, { labels, safeLabel, threshold })),
    };
  };
  return {
    moderate: (work, signal) =>
      doWork({
        kind: 'moderations',
        work,
        threads: 1,
        prepare: () => soon(ready, waitMs, signal),
        run: () => run(work.texts, signal),
        signal,
      }),
    async makeReady({ signal, log }) {
      try {
        await pause(AFTER_START_MS, undefined, { signal });
        await ready({ signal });
      } catch (thrown) {
        if (!signal.aborted) log(`${model}: ${thrown instanceof Error ? thrown.message : thrown}`);
      }
    },
    close: () => classifier.doClose(),
  };
}

/** Waits a while; `model_preparing` after that, with the work going on. */
async function soon(
  ready: (options: CallOptions) => Promise<void>,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(
    () =>
      patience.abort(
        new CadreError('model_preparing', 'the moderation model still learns its examples', {
          retryAfter: RETRY_AFTER,
        }),
      ),
    waitMs,
  );
  try {
    await ready({ signal: AbortSignal.any([signal, patience.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** The verdicts on each text's windows. */
async function classify(
  classifier: TrainedClassifier,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Classification[][]> {
  const judged: Classification[][] = [];
  for (const text of texts) {
    const windows: Classification[] = [];
    for (const window of moderationWindows(text)) {
      windows.push(await classifier.doClassify(window, { signal }));
      // A long text must not keep the others waiting.
      await turn();
    }
    judged.push(windows);
  }
  return judged;
}
