/**
 * Does the search by words find more than plain BM25 with Lucene's parameters, and what does a query
 * cost? Each set goes through the product's chunks and index; the baseline ranks the same queries in
 * the same run.
 *
 *     CADRE_DATA=./data node bench/knowledge-lexical.ts [--sets cranfield,med]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/base/random.ts';
import { bootstrapMean, type Interval, mean, quantile } from '../src/base/statistics.ts';
import { evaluateRetrievalFolder } from '../src/compose/retrieval-evaluation.ts';
import { dataFolder } from './lib/data.ts';
import { measurePlain } from './lib/plain-baseline.ts';
import { printResult } from './lib/result.ts';

const SEED = 17;
/** The sets that the mean is taken over; `code` has questions of another kind. */
const MEAN_OVER = ['scifact-train', 'cranfield', 'med', 'vaswani'];
const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: [...MEAN_OVER, 'code'].join(',') },
    json: { type: 'boolean', default: false },
  },
});

interface Measured {
  readonly name: string;
  readonly queries: number;
  readonly baselineNdcg10: number;
  readonly ndcg10: Interval;
  /** Product − baseline, paired. */
  readonly gain: Interval;
  readonly baselinePass: readonly number[];
  readonly pass: readonly number[];
  readonly cpuMs: { readonly mean: number; readonly p95: number };
  readonly gains: readonly number[];
}

async function measure(name: string): Promise<Measured> {
  const folder = join(dataFolder(), 'retrieval', name);
  const baseline = measurePlain(folder);
  const { report, rows } = await evaluateRetrievalFolder(
    { corpus: folder, legs: ['lexical'], seed: SEED },
    {
      embedder: undefined,
      denseWeight: 0,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    },
  );
  const [leg] = report.legs;
  if (leg === undefined) throw new Error('the leg lexical was not measured');
  const gains = rows.map((row, at) => row.ndcg10 - (baseline[at]?.ndcg10 ?? 0));
  return {
    name,
    queries: rows.length,
    baselineNdcg10: mean(baseline.map((one) => one.ndcg10)),
    ndcg10: leg.ndcg10,
    gain: bootstrapMean(gains, { seed: SEED }),
    baselinePass: (['pass5', 'pass10', 'pass20'] as const).map((key) =>
      mean(baseline.map((one) => one[key])),
    ),
    pass: [leg.pass5.value, leg.pass10.value, leg.pass20.value],
    cpuMs: leg.cpuMs,
    gains,
  };
}

/** Mean over the sets of the mean over each one's queries; queries are drawn again within each set. */
function meanGain(all: readonly Measured[]): Interval {
  const random = seededRandom(SEED);
  const draw = (values: readonly number[]) =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? 0));
  const rounds = Array.from({ length: 2000 }, () => mean(all.map((one) => draw(one.gains))));
  return {
    value: mean(all.map((one) => one.gain.value)),
    low: quantile(rounds, 0.025),
    high: quantile(rounds, 0.975),
  };
}

const all: Measured[] = [];
for (const name of flags.sets.split(',')) all.push(await measure(name));
const show = (value: number) => value.toFixed(4);
for (const one of all)
  process.stdout.write(
    `${one.name}: plain BM25 ${show(one.baselineNdcg10)}, here ${show(one.ndcg10.value)}, gain ${show(one.gain.value)} (${show(one.gain.low)} … ${show(one.gain.high)}), Pass@5/10/20 ${one.baselinePass.map(show).join('/')} → ${one.pass.map(show).join('/')}, CPU ms ${one.cpuMs.mean.toFixed(2)} (p95 ${one.cpuMs.p95.toFixed(2)})\n`,
  );
const counted = all.filter((one) => MEAN_OVER.includes(one.name));
const gain = meanGain(counted);
process.stdout.write(
  `mean gain over ${counted.length} sets: ${show(gain.value)} (${show(gain.low)} … ${show(gain.high)})\n`,
);
printResult('knowledge-lexical', SEED, {
  sets: Object.fromEntries(all.map(({ name, gains: _gains, ...rest }) => [name, rest])),
  meanGain: gain,
});
