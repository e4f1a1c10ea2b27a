import type { CollectionWeight, WeightReport, WeightWish } from '../core/collection-weight.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions, Clock, Embedder } from '../core/ports.ts';
import type { ChunkStore, CollectionRow } from '../core/stores.ts';
import type { GroundEngine } from './engine.ts';
import type { LiveCollection } from './live-collection.ts';
import { queryVector } from './query-vector.ts';
import { type WeightTrial, weightsToTry } from './weight-fit.ts';
import type { ShownList } from './weight-shown.ts';

/** What callers made of results, without a word of it. */
export interface ShownSignals {
  readonly opened: readonly ShownList[];
  readonly answered: readonly ShownList[];
}

export interface WeightFittingParts {
  readonly chunks: ChunkStore;
  readonly engine: GroundEngine;
  readonly embedder?: (() => Embedder | undefined) | undefined;
  readonly clock: Clock;
  readonly defaultWeight: number;
  readonly liveOf: (collection: string) => LiveCollection;
  readonly shown: (collection: string) => Promise<ShownSignals>;
}

const SEED = 17;
const NO_SIGNALS = { judged: 0, opened: 0, answered: 0 };

/** The weight of meaning for a collection, by what its embedder is compared with. */
export function weightOf(
  row: CollectionRow,
  embedder: Embedder | undefined,
  defaultWeight: number,
): number {
  const { weight } = row;
  return weight !== undefined && weight.embedder === embedder?.id ? weight.dense : defaultWeight;
}

/**
 * Fits the weight of meaning of one collection to what is known of its queries and puts it in force,
 * unless that is only to be told. Rejects with `collection_not_found`, and with `invalid_request` where
 * the collection is not searched by meaning.
 */
export async function fitCollection(
  name: string,
  wish: WeightWish,
  parts: WeightFittingParts,
  options: CallOptions,
): Promise<WeightReport> {
  const { chunks, defaultWeight } = parts;
  const row = await chunks.doGetCollection(name);
  if (row === undefined)
    throw new CadreError('collection_not_found', `there is no collection ${name}`);
  const embedder = parts.embedder?.();
  const common = {
    collection: name,
    defaultWeight,
    before: weightOf(row, embedder, defaultWeight),
    isDryRun: wish.dryRun,
  };
  if (wish.reset) {
    if (!wish.dryRun) await chunks.doChangeCollection(name, { weight: undefined });
    const reason =
      row.weight === undefined ? 'nothing was fitted' : 'what was fitted is taken back';
    const fit = { weight: defaultWeight, isChanged: false, reason, queries: 0 };
    return { ...common, ...fit, signals: NO_SIGNALS, unknownDocuments: 0 };
  }
  if (embedder === undefined)
    throw new CadreError('invalid_request', 'there is nothing to weigh: no embedder is installed');
  const { judged, unknownDocuments } = await judge(row, wish.judged, { parts, embedder }, options);
  const { opened, answered } = await parts.shown(name);
  const weights = weightsToTry(defaultWeight);
  const fit = await parts.engine.fitWeight({
    ...{ judged, shown: [...opened, ...answered], weights, defaultWeight, seed: SEED },
  });
  const signals = {
    judged: judged.length,
    opened: opened.length,
    answered: answered.length,
  };
  if (!wish.dryRun) {
    const weight: CollectionWeight | undefined = fit.isChanged
      ? {
          dense: fit.weight,
          embedder: embedder.id,
          at: parts.clock.now(),
          signals,
          gain: fit.best?.gain ?? 0,
          gainLow: fit.best?.gainLow ?? 0,
        }
      : undefined;
    await chunks.doChangeCollection(name, { weight });
  }
  return { ...common, ...fit, signals, unknownDocuments };
}

/** How high each judged query finds its documents; queries whose documents are all unknown say nothing. */
async function judge(
  row: CollectionRow,
  wished: WeightWish['judged'],
  { parts, embedder }: { readonly parts: WeightFittingParts; readonly embedder: Embedder },
  options: CallOptions,
): Promise<{ readonly judged: readonly WeightTrial[]; readonly unknownDocuments: number }> {
  if (wished.length === 0) return { judged: [], unknownDocuments: 0 };
  const documents = await parts.chunks.doListDocuments(row.name);
  const ids = new Map(
    documents.flatMap(({ path, id }) => [[path, id] as const, [id, id] as const]),
  );
  const weights = weightsToTry(parts.defaultWeight);
  const live = parts.liveOf(row.name);
  const judged: WeightTrial[] = [];
  let unknownDocuments = 0;
  for (const { query, documents: wanted } of wished) {
    const grades = new Map<string, number>();
    for (const [document, grade] of Object.entries(wanted)) {
      const id = ids.get(document);
      if (id === undefined) unknownDocuments += 1;
      else grades.set(id, grade);
    }
    if (grades.size === 0) continue;
    const asked = await queryVector(query, row, embedder, options);
    if (!('vector' in asked))
      throw new CadreError('invalid_request', `there is nothing to weigh: ${asked.reason}`);
    const order = { query, queryVector: asked.vector, grades, weights };
    const trials = await live.tryWeights(order, options);
    for (const found of trials ?? []) judged.push({ found });
  }
  return { judged, unknownDocuments };
}
