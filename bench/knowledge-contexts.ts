/**
 * Does a sentence that a small local model writes about each passage make it easier to find? On a
 * seeded sample of the code set's documents, all passages get theirs; then the queries whose relevant
 * passages are all among them are ranked with and without the sentences: among the sampled documents
 * alone (every passage has one) and in the whole set (most have none).
 *
 *     CADRE_DATA=./data node bench/knowledge-contexts.ts [--minutes 5.4] [--models ID,ID]
 *
 * `--minutes` bounds each model's CPU time; sentences are kept in CADRE_HOME/bench.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shuffledIndices } from '../src/base/random.ts';
import { bootstrapMean, mean, quantile } from '../src/base/statistics.ts';
import { contentHash } from '../src/compose/content-hash.ts';
import { configSchema } from '../src/core/config.ts';
import { CollectionIndex } from '../src/ground/collection-index.ts';
import { CONTEXT_ANSWER_TOKENS, contextOrders, readContext } from '../src/ground/context-prompt.ts';
import { type CorpusChunk, chunkCorpus } from '../src/ground/corpus-chunks.ts';
import { measureRanking, type RankingMeasures } from '../src/ground/retrieval-measures.ts';
import { readRetrievalSet } from '../src/ground/retrieval-set.ts';
import { ContextSentences, openWriter, type WrittenContext } from './lib/context-sentences.ts';
import { readData } from './lib/data.ts';
import { benchCachedEmbedder } from './lib/embedder.ts';
import { printResult } from './lib/result.ts';

const SEED = 17;
const DEPTH = 100;
const DENSE_WEIGHT = configSchema.parse({}).ground.denseWeight;
const MEASURES = ['pass5', 'pass10', 'pass20', 'ndcg10'] as const;
const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5.4' },
    models: {
      type: 'string',
      default: 'qwen2.5-coder-0.5b-instruct-q4_k_m',
    },
    json: { type: 'boolean', default: false },
  },
});

const part = (name: string) => ({
  path: `retrieval/code/${name}`,
  text: readData('retrieval', 'code', `${name}.gz`),
});
const set = readRetrievalSet({
  corpus: part('corpus.jsonl'),
  queries: part('queries.jsonl'),
  judgements: part('qrels.tsv'),
});
const chunks = chunkCorpus(set.corpus, contentHash);
const documents = [...Map.groupBy(chunks, (chunk) => chunk.documentId).values()];
const sampled = [...shuffledIndices(documents.length, SEED)].flatMap((at) => documents[at] ?? []);

const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
const kept = new ContextSentences(join(owner, 'bench', 'knowledge-contexts.jsonl'));
const embedder = benchCachedEmbedder(1);
const { signal } = new AbortController();
const queryVectors = await embedder?.doEmbed(
  set.queries.map((query) => query.text),
  'query',
  { signal },
);

/** Writes document by document until the time is used up; a document that is not done does not count. */
async function writeAll(model: string) {
  const most = Number(flags.minutes) * 60;
  const written = new Map<string, WrittenContext>();
  const contexts = new Map<string, string>();
  const refused = new Map<string, number>();
  const rows = new Set<string>();
  let writer: Awaited<ReturnType<typeof openWriter>> | undefined;
  let spent = 0;
  for (const group of Map.groupBy(sampled, (chunk) => chunk.documentId).values()) {
    if (spent >= most) break;
    const orders = contextOrders(group, { model, hash: contentHash });
    for (const order of orders) {
      const before = await kept.of(order, undefined);
      if (before === undefined) writer ??= await openWriter(model);
      const one = before ?? (await kept.of(order, writer?.model));
      if (one === undefined) throw new Error('nobody wrote it');
      spent += one.seconds;
      written.set(order.chunkId, one);
      const read = readContext(
        { text: one.answer, isWhole: one.completionTokens < CONTEXT_ANSWER_TOKENS },
        group,
      );
      if ('text' in read) contexts.set(order.chunkId, read.text);
      else refused.set(read.problem, (refused.get(read.problem) ?? 0) + 1);
    }
    for (const chunk of group) rows.add(chunk.rowId);
    process.stderr.write(`${model}: ${written.size} passages, ${spent.toFixed(0)} s\n`);
  }
  await writer?.close();
  return { written: [...written.values()], contexts, refused, rows };
}

/** Passages with their sentences in front, as the product indexes them. */
function withContexts(all: readonly CorpusChunk[], contexts: ReadonlyMap<string, string>) {
  return all.map((chunk) => {
    const context = contexts.get(chunk.id);
    return context === undefined
      ? chunk
      : { ...chunk, indexText: `${context}\n${chunk.indexText}` };
  });
}

async function rank(
  all: readonly CorpusChunk[],
  queries: readonly number[],
  leg: 'lexical' | 'hybrid',
): Promise<RankingMeasures[]> {
  const vectors =
    leg === 'lexical'
      ? undefined
      : await embedder?.doEmbed(
          all.map((chunk) => chunk.indexText),
          'passage',
          { signal },
        );
  const index = new CollectionIndex();
  index.applyChanges({
    dropped: [],
    chunks: all.map((chunk, at) => {
      const embedding = vectors?.[at];
      return embedding === undefined ? chunk : { ...chunk, embedding };
    }),
  });
  const rowOf = new Map(all.map((chunk) => [chunk.id, chunk.rowId]));
  return queries.map((at) => {
    const query = set.queries[at];
    const queryVector = vectors && queryVectors?.[at];
    const { ranked } = index.search({
      query: query?.text ?? '',
      limit: DEPTH,
      denseWeight: DENSE_WEIGHT,
      legs: vectors === undefined ? ['lexical'] : ['lexical', 'dense'],
      ...(queryVector === undefined ? {} : { queryVector }),
    });
    const rows = [...new Set(ranked.map((one) => rowOf.get(one.chunkId) ?? ''))];
    return measureRanking(rows, set.grades.get(query?.id ?? '') ?? new Map());
  });
}

async function compare(
  all: readonly CorpusChunk[],
  contexts: ReadonlyMap<string, string>,
  queries: readonly number[],
  leg: 'lexical' | 'hybrid',
) {
  const without = await rank(all, queries, leg);
  const having = await rank(withContexts(all, contexts), queries, leg);
  return Object.fromEntries(
    MEASURES.map((measure) => [
      measure,
      {
        without: mean(without.map((one) => one[measure])),
        with: mean(having.map((one) => one[measure])),
        gain: bootstrapMean(
          having.map((one, at) => one[measure] - (without[at]?.[measure] ?? 0)),
          { seed: SEED },
        ),
      },
    ]),
  );
}

async function measure(model: string) {
  const { written, contexts, refused, rows } = await writeAll(model);
  const queries = [...set.queries.keys()].filter((at) => {
    const grades = set.grades.get(set.queries[at]?.id ?? '');
    return grades !== undefined && [...grades.keys()].every((row) => rows.has(row));
  });
  const among = chunks.filter((chunk) => rows.has(chunk.rowId));
  const seconds = written.map((one) => one.seconds);
  const read = mean(written.map((one) => one.promptTokens));
  const legs = embedder === undefined ? (['lexical'] as const) : (['lexical', 'hybrid'] as const);
  const measured: Record<string, unknown> = {};
  for (const leg of legs)
    measured[leg] = {
      sampled: await compare(among, contexts, queries, leg),
      whole: await compare(chunks, contexts, queries, leg),
    };
  return {
    passages: written.length,
    queries: queries.length,
    withSentence: contexts.size,
    refused: Object.fromEntries(refused),
    cpuSecondsPerPassage: { mean: mean(seconds), p95: quantile(seconds, 0.95) },
    promptTokens: read,
    cachedShare: mean(written.map((one) => one.cachedTokens)) / Math.max(1, read),
    writtenTokens: mean(written.map((one) => one.completionTokens)),
    legs: measured,
  };
}

const models: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const model of flags.models.split(',')) {
  const one = await measure(model);
  models[model] = one;
  process.stdout.write(
    `${model}: ${one.withSentence} of ${one.passages} passages, ${one.cpuSecondsPerPassage.mean.toFixed(1)} CPU s each, ${one.queries} queries\n${JSON.stringify(one.legs, undefined, 1)}\n`,
  );
}
await embedder?.doClose();
printResult('knowledge-contexts', SEED, { chunks: chunks.length, models });
