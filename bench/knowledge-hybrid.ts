/**
 * Does joining words and meaning find more than either? Plain BM25 with Lucene's parameters, the
 * words' leg, words with what the collection itself teaches (no model), the embedder's meaning and
 * the sum of words and embedder rank the same queries in the same run; then the weight of the sum is
 * chosen on all sets but one and measured on that one.
 *
 *     CADRE_DATA=./data node bench/knowledge-hybrid.ts [--sets cranfield,med] [--rerank]
 *
 * With --rerank the best 30 are compared token by token as well, about 20 ms per passage once.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrapMean, type Interval, mean } from '../src/base/statistics.ts';
import { evaluateRetrievalFolder } from '../src/compose/retrieval-evaluation.ts';
import { configSchema } from '../src/core/config.ts';
import type { RetrievalLeg } from '../src/ground/retrieval-measures.ts';
import { dataFolder } from './lib/data.ts';
import { benchCachedEmbedder } from './lib/embedder.ts';
import { measurePlain } from './lib/plain-baseline.ts';
import { printResult } from './lib/result.ts';

const SEED = 17;
const WEIGHTS = [0.5, 0.6, 0.7, 0.8, 0.9];
const DEFAULT_WEIGHT = configSchema.parse({}).ground.denseWeight;
/** The goals: a mean with the embedder over these, one without it over all. */
const EMBEDDER_SETS = ['cranfield', 'med', 'vaswani', 'code'];
const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: [...EMBEDDER_SETS, 'scifact-train'].join(',') },
    rerank: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

interface Leg {
  readonly ndcg10: Interval;
  readonly pass: readonly number[];
  readonly cpuMs: { readonly mean: number; readonly p95: number };
  /** Leg − plain BM25 in nDCG@10, paired. */
  readonly gain: Interval;
}

interface Measured {
  readonly name: string;
  readonly queries: number;
  readonly chunks: number;
  readonly bm25: { readonly ndcg10: number; readonly pass: readonly number[] };
  readonly legs: Readonly<Record<string, Leg>>;
  /** Sum − better of words and embedder, paired, in nDCG@10. */
  readonly overBetter?: Interval;
  /** nDCG@10 by weight of the embedder in the sum. */
  readonly byWeight: readonly number[];
}

const embedder = benchCachedEmbedder(1);
const quiet = { onProgress: () => undefined, signal: new AbortController().signal };

function evaluate(corpus: string, legs: readonly RetrievalLeg[], denseWeight: number) {
  return evaluateRetrievalFolder({ corpus, legs, seed: SEED }, { embedder, denseWeight, ...quiet });
}

async function measure(name: string): Promise<Measured> {
  const folder = join(dataFolder(), 'retrieval', name);
  const plain = measurePlain(folder);
  const legs: RetrievalLeg[] =
    embedder === undefined ? ['lexical', 'latent'] : ['lexical', 'latent', 'dense', 'hybrid'];
  if (flags.rerank && embedder !== undefined) legs.push('reranked');
  const { report, rows } = await evaluate(folder, legs, DEFAULT_WEIGHT);
  const scores = (leg: string) => rows.filter((row) => row.leg === leg).map((row) => row.ndcg10);
  const difference = (left: readonly number[], right: readonly number[]) =>
    bootstrapMean(
      left.map((value, at) => value - (right[at] ?? 0)),
      { seed: SEED },
    );
  const bm25 = plain.map((one) => one.ndcg10);
  const better = mean(scores('dense')) > mean(scores('lexical')) ? 'dense' : 'lexical';
  const byWeight: number[] = [];
  for (const weight of embedder === undefined ? [] : WEIGHTS) {
    const tried = await evaluate(folder, ['hybrid'], weight);
    byWeight.push(tried.report.legs[0]?.ndcg10.value ?? 0);
  }
  return {
    name,
    queries: report.queries,
    chunks: report.chunks,
    bm25: {
      ndcg10: mean(bm25),
      pass: (['pass5', 'pass10', 'pass20'] as const).map((key) =>
        mean(plain.map((one) => one[key])),
      ),
    },
    legs: Object.fromEntries(
      report.legs.map(({ leg, ndcg10, pass5, pass10, pass20, cpuMs }) => [
        leg,
        {
          ndcg10,
          pass: [pass5.value, pass10.value, pass20.value],
          cpuMs,
          gain: difference(scores(leg), bm25),
        },
      ]),
    ),
    ...(embedder === undefined ? {} : { overBetter: difference(scores('hybrid'), scores(better)) }),
    byWeight,
  };
}

/** nDCG@10 of each set at the weight that is best on the mean of the others. */
function leaveOneOut(all: readonly Measured[]): Record<string, { weight: number; ndcg10: number }> {
  const found = all.map(({ name, byWeight }) => {
    const others = all.filter((one) => one.name !== name);
    const means = WEIGHTS.map((_one, at) => mean(others.map((one) => one.byWeight[at] ?? 0)));
    const best = means.indexOf(Math.max(...means));
    return [name, { weight: WEIGHTS[best] ?? 0, ndcg10: byWeight[best] ?? 0 }] as const;
  });
  return Object.fromEntries(found);
}

const all: Measured[] = [];
for (const name of flags.sets.split(',')) all.push(await measure(name));
await embedder?.doClose();
const show = (value: number) => value.toFixed(4);
for (const one of all) {
  const legs = Object.entries(one.legs).map(
    ([leg, { ndcg10, gain, pass, cpuMs }]) =>
      `${leg} ${show(ndcg10.value)} (gain ${show(gain.low)} … ${show(gain.high)}, Pass@5/10/20 ${pass.map(show).join('/')}, ${cpuMs.mean.toFixed(2)} ms)`,
  );
  process.stdout.write(
    `${one.name}: plain BM25 ${show(one.bm25.ndcg10)}, ${legs.join(', ')}; by weight ${one.byWeight.map(show).join(' ')}\n`,
  );
}
const gainOf = (leg: string) => mean(all.map((one) => one.legs[leg]?.gain.value ?? 0));
const embedded = all.filter((one) => EMBEDDER_SETS.includes(one.name));
const metrics = {
  sets: Object.fromEntries(all.map(({ name, ...rest }) => [name, rest])),
  meanGain: { lexical: gainOf('lexical'), latent: gainOf('latent'), hybrid: gainOf('hybrid') },
  hybridMean: mean(embedded.map((one) => one.legs['hybrid']?.ndcg10.value ?? 0)),
  ...(flags.rerank
    ? { rerankedMean: mean(embedded.map((one) => one.legs['reranked']?.ndcg10.value ?? 0)) }
    : {}),
  weights: WEIGHTS,
  denseWeight: DEFAULT_WEIGHT,
  leaveOneOut: embedder === undefined ? {} : leaveOneOut(all),
};
process.stdout.write(
  `mean gain over plain BM25: words ${show(metrics.meanGain.lexical)}, without a model ${show(metrics.meanGain.latent)}, with the embedder ${show(metrics.meanGain.hybrid)}; mean of ${embedded.length} sets with the embedder ${show(metrics.hybridMean)}\n`,
);
printResult('knowledge-hybrid', SEED, metrics);
