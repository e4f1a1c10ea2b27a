/**
 * How well are the right documents ranked: by words, by meaning, by both? What does a query cost,
 * and can the strength of the best passage tell own from foreign questions?
 *
 *     CADRE_DATA=./data node bench/retrieval.ts [--sets cranfield,med] [--lexical | --all]
 *
 * Without a flag the dense leg is measured where it takes minutes: on sets up to 2,000 chunks.
 */
import { parseArgs } from 'node:util';
import type { Embedder } from '../src/core/ports.ts';
import { CollectionIndex, type RankedChunk } from '../src/ground/collection-index.ts';
import { strengthOf } from '../src/ground/evidence.ts';
import { benchEmbedder } from './lib/embedder.ts';
import { auroc, bootstrapInterval, mean, ndcg, quantile } from './lib/ranking.ts';
import { printResult } from './lib/result.ts';
import { type RetrievalSet, readRetrievalSet } from './lib/retrieval-set.ts';

const SEED = 17;
const WEIGHTS = { lexical: 0, dense: 1, fused: 0.45 } as const;
const DENSE_CHUNKS = 2000;
/** Chunks per document differ; this many chunks hold ten documents with room to spare. */
const DEPTH = 60;
const { signal } = new AbortController();

const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: 'cranfield,med,vaswani,code,scifact-train' },
    lexical: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

interface Measured {
  readonly set: RetrievalSet;
  readonly index: CollectionIndex;
  readonly vectors: readonly (Float32Array | undefined)[];
  readonly metrics: Record<string, number>;
}

async function embed(
  embedder: Embedder,
  texts: readonly string[],
  kind: 'query' | 'passage',
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += 32) {
    vectors.push(...(await embedder.doEmbed(texts.slice(at, at + 32), kind, { signal })));
    process.stderr.write(`\r${kind} ${vectors.length} of ${texts.length}   `);
  }
  process.stderr.write('\n');
  return vectors;
}

function rank(
  one: Measured,
  query: number,
  denseWeight: number,
  from = one,
): readonly RankedChunk[] {
  const text = from.set.queries[query]?.text ?? '';
  const queryVector = from.vectors[query];
  const isDense = denseWeight > 0 && queryVector !== undefined;
  return one.index.search({
    query: text,
    limit: DEPTH,
    denseWeight,
    ...(isDense ? { queryVector } : {}),
  }).ranked;
}

async function measure(name: string, embedder: Embedder | undefined): Promise<Measured> {
  const set = readRetrievalSet(name);
  const isDense = embedder !== undefined && (flags.all || set.chunks.length <= DENSE_CHUNKS);
  const texts = set.chunks.map((chunk) => chunk.indexText);
  const embeddings = isDense ? await embed(embedder, texts, 'passage') : [];
  const vectors = isDense
    ? await embed(
        embedder,
        set.queries.map((one) => one.text),
        'query',
      )
    : [];
  const index = new CollectionIndex();
  const began = process.cpuUsage();
  index.applyChanges({
    dropped: [],
    chunks: set.chunks.map((chunk, place) => {
      const embedding = embeddings[place];
      return embedding === undefined ? chunk : { ...chunk, embedding };
    }),
  });
  const spent = process.cpuUsage(began);
  const metrics: Record<string, number> = {
    documents: set.documentCount,
    chunks: set.chunks.length,
    indexMsPerThousand: (spent.user + spent.system) / set.chunks.length,
  };
  const measured: Measured = { set, index, vectors, metrics };
  for (const [leg, weight] of Object.entries(WEIGHTS))
    if (leg === 'lexical' || isDense) Object.assign(metrics, measureLeg(measured, leg, weight));
  return measured;
}

function measureLeg(one: Measured, leg: string, weight: number): Record<string, number> {
  const documents = new Map(one.set.chunks.map((chunk) => [chunk.id, chunk.documentId]));
  const scores: number[] = [];
  const times: number[] = [];
  for (const [query, { id }] of one.set.queries.entries()) {
    const began = performance.now();
    const ranked = rank(one, query, weight);
    times.push(performance.now() - began);
    const ids = [...new Set(ranked.map((chunk) => documents.get(chunk.chunkId) ?? ''))];
    scores.push(ndcg(ids, one.set.grades.get(id) ?? new Map()));
  }
  const [low, high] = bootstrapInterval(scores, SEED);
  return {
    [`${leg}Ndcg10`]: mean(scores),
    [`${leg}Low`]: low,
    [`${leg}High`]: high,
    [`${leg}P50Ms`]: quantile(times, 0.5),
    [`${leg}P95Ms`]: quantile(times, 0.95),
  };
}

/** Own questions against those of the other sets, the same number of each. */
function measureStrength(one: Measured, others: readonly Measured[]): void {
  const weight = one.vectors.length > 0 ? WEIGHTS.fused : 0;
  const strengths = (from: Measured, count: number) =>
    from.set.queries.slice(0, count).map((_query, at) => strengthOf(rank(one, at, weight, from)));
  const foreign = others.filter((other) => other.vectors.length > 0 === one.vectors.length > 0);
  if (foreign.length === 0) return;
  const own = strengths(one, 90);
  const negatives = foreign.flatMap((other) => strengths(other, Math.ceil(90 / foreign.length)));
  one.metrics['strengthAuroc'] = auroc(own, negatives);
  one.metrics['strengthOwnP10'] = quantile(own, 0.1);
  one.metrics['strengthForeignP90'] = quantile(negatives, 0.9);
}

const embedder = flags.lexical ? undefined : benchEmbedder(1);
const all: Measured[] = [];
for (const name of flags.sets.split(',')) all.push(await measure(name, embedder));
await embedder?.doClose();
for (const one of all)
  measureStrength(
    one,
    all.filter((other) => other !== one),
  );
for (const { set, metrics } of all) {
  const shown = Object.entries(metrics).map(([key, value]) => `${key} ${Number(value.toFixed(4))}`);
  process.stdout.write(`${set.name}: ${shown.join(', ')}\n`);
}
printResult(
  'retrieval',
  SEED,
  Object.fromEntries(all.map(({ set, metrics }) => [set.name, metrics])),
);
