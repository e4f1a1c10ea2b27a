/**
 * How well does a specialist that orders passages do on queries that it was not taught, beside BM25,
 * the embedder's own order and what /v1/rerank makes of both, in the same run? Half of the queries of
 * each set teach, half are measured; a query and those that nearly repeat it are on one side.
 *
 *     CADRE_DATA=./data node bench/farm-rank.ts [--sets cranfield,med]
 */
import { parseArgs } from 'node:util';
import { configSchema } from '../src/core/config.ts';
import type { OrderReport } from '../src/core/rank-report.ts';
import { rankTexts } from '../src/ground/rank-texts.ts';
import { makeRank } from '../src/learn/make-rank.ts';
import { nearFolds } from '../src/learn/near-folds.ts';
import type { RankRow } from '../src/learn/rank-rows.ts';
import { RankVectors } from '../src/learn/rank-vectors.ts';
import { benchCachedEmbedder, installed } from './lib/embedder.ts';
import { threadCpuMs } from './lib/process-cost.ts';
import { answerLists, foundLists } from './lib/rank-lists.ts';
import { printResult, round } from './lib/result.ts';

const SEED = 23;
const ANSWERS = { teach: 600, measure: 600 };
const { denseWeight } = configSchema.parse({}).ground;
const { values: flags } = parseArgs({
  options: { sets: { type: 'string', default: 'cranfield,med,vaswani,scifact-train,banking77' } },
});
const embedder = installed(benchCachedEmbedder(1));
const { signal } = new AbortController();

async function halvesOf(set: string): Promise<readonly [RankRow[], RankRow[]]> {
  if (set === 'banking77')
    return [
      [...answerLists('train', ANSWERS.teach, String(SEED))],
      [...answerLists('test', ANSWERS.measure, String(SEED))],
    ];
  const rows = await foundLists(set, embedder);
  const halves = nearFolds(
    rows.map((row) => ({ text: row.query })),
    2,
    SEED,
  );
  return [rows.filter((_, at) => halves[at] === 0), rows.filter((_, at) => halves[at] === 1)];
}

const figures = ({ ndcg10, reciprocalRank, first }: OrderReport) => ({
  ndcg10: round(ndcg10.value),
  ndcg10Interval: [round(ndcg10.low), round(ndcg10.high)],
  mrr: round(reciprocalRank.value),
  first: round(first.value),
  firstInterval: [round(first.low), round(first.high)],
});

async function measure(set: string) {
  const [teach, test] = await halvesOf(set);
  const started = threadCpuMs();
  const { report } = await makeRank({
    data: {
      rows: teach,
      pairs: teach.reduce((sum, row) => sum + row.passages.length, 0),
      leftOut: [],
    },
    test,
    notes: [],
    seed: SEED,
    source: 'bench',
    vectors: new RankVectors({
      id: embedder?.id ?? '',
      embed: async (texts, kind) => ({
        vectors: (await embedder?.doEmbed(texts, kind, { signal })) ?? [],
        // They come from a file: what they cost is not measured here.
        cpuMs: 0,
      }),
    }),
    house: ({ query, passages }, vectors) =>
      rankTexts({
        query,
        texts: passages.map((one) => one.text),
        denseWeight,
        ...(vectors && { vectors: { query: vectors.query, texts: vectors.passages } }),
      }).map((one) => one.index),
    cpuMs: threadCpuMs,
    onRung: () => undefined,
  });
  const { ranking } = report;
  if (ranking === undefined) throw new Error('no ranking was measured');
  return {
    queries: { taught: teach.length, measured: report.evaluationRows },
    passages: round(ranking.passages, 1),
    rung: report.rung,
    rungs: Object.fromEntries(report.rungs.map((one) => [one.rung, round(one.accuracy)])),
    own: figures(ranking.own),
    beside: Object.fromEntries(
      ranking.beside.map((one) => [
        one.name,
        {
          ...figures(one),
          gain: round(one.gain.value),
          gainInterval: [round(one.gain.low), round(one.gain.high)],
        },
      ]),
    ),
    calibrationError: round(report.calibrationError),
    area: round(report.outOfScopeArea),
    trainSecondsCpu: round((threadCpuMs() - started) / 1000, 1),
    millisecondsWithoutEmbedding: round(report.rungs[0]?.msPerRequest ?? 0, 2),
    megabytes: round(report.bytes / 1e6, 2),
  };
}

const sets: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const set of flags.sets.split(',')) {
  sets[set] = await measure(set);
  process.stdout.write(`${set} ${JSON.stringify(sets[set])}\n`);
}
await embedder.doClose();
printResult('farm-rank', SEED, { sets });
