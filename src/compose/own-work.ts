import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { Clock } from '../core/ports.ts';
import type { ReceiptStore } from '../core/stores.ts';
import type { GroundEngine } from '../ground/engine.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Generations } from './generations.ts';
import type { Models } from './models.ts';
import { composeModeration, type Moderation } from './moderation.ts';
import { composeRerank } from './rerank.ts';
import type { Settings } from './settings.ts';
import { composeWork } from './work.ts';

interface OwnWork extends Pick<Farm, 'embed' | 'rerank' | 'moderate'> {
  readonly makeReady: Moderation['makeReady'];
  close(): Promise<void>;
}

/** What the farm's small models do besides answering: vectors, rankings and moderations. */
export function composeOwnWork(parts: {
  readonly settings: Settings;
  readonly store: ReceiptStore;
  readonly models: Models;
  readonly rank: GroundEngine['rank'];
  readonly generations: Generations;
  readonly metrics: Metrics;
  readonly clock: Clock;
}): OwnWork {
  const { settings, models, generations, rank } = parts;
  const doWork = composeWork({
    receipts: parts.store,
    metrics: parts.metrics,
    clock: parts.clock,
    config: () => generations.current.settings.config.record,
  });
  const { denseWeight } = settings.config.ground;
  const moderation = composeModeration({ settings, models, doWork });
  const ownName = (name: string) => generations.current.names.targetOf(name);
  const rerank = composeRerank({
    ...{ models, rank, denseWeight, doWork, ownName },
    specialists: () => generations.current.specialists,
  });
  return {
    embed: (request, signal) => {
      const run = () => embed(models, { ...request, model: ownName(request.model) }, signal);
      return doWork({ kind: 'embeddings', work: request, threads: 1, run, signal });
    },
    rerank,
    moderate: moderation.moderate,
    makeReady: moderation.makeReady,
    close: moderation.close,
  };
}

async function embed(
  models: Pick<Models, 'embedder' | 'catalogue'>,
  request: Parameters<Farm['embed']>[0],
  signal: AbortSignal,
): Promise<Omit<Awaited<ReturnType<Farm['embed']>>, 'receipt'>> {
  const embedder = models.embedder();
  const isOther = request.model !== 'auto' && request.model !== embedder?.id;
  if (isOther && models.catalogue.find(request.model)?.embedding === undefined)
    throw new CadreError('model_not_found', `${request.model} makes no embeddings`, {
      param: 'model',
    });
  if (embedder === undefined || isOther)
    throw new CadreError('model_unavailable', `the embedder ${request.model} is not in use here`, {
      param: 'model',
    });
  const made = await embedder.doEmbedCounted(request.texts, request.kind, { signal });
  const { vectors, tokenCount, cutCount } = made;
  return { vectors, model: embedder.id, tokens: tokenCount, cutCount };
}
