/**
 * Does fitting the weight of meaning to a collection's own queries find more, and does it leave alone
 * what it cannot tell? Half of a set's judged queries fit it, the other half measures it, five times;
 * then readers who look at the first ten results from the top, and open what fits, are played on the
 * one half and measured on the other.
 *
 *     CADRE_DATA=./data node bench/knowledge-weights.ts [--sets cranfield,med]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/base/random.ts';
import { bootstrapMean, mean } from '../src/base/statistics.ts';
import { openRetrievalFolder } from '../src/compose/retrieval-folder.ts';
import { configSchema } from '../src/core/config.ts';
import { deviationsOf } from '../src/core/evidence.ts';
import { fitBySignals, weightsToTry } from '../src/ground/weight-fit.ts';
import { type ShownList, shownTrials } from '../src/ground/weight-shown.ts';
import { dataFolder } from './lib/data.ts';
import { benchCachedEmbedder, installed } from './lib/embedder.ts';
import { printResult } from './lib/result.ts';

const SEED = 17;
const SPLITS = 5;
const SHOWN = 10;
/** Times that a query is asked. */
const ASKED = 3;
/** P(a place is looked at) = place^−power; P(opened, when seen) of what fits and of what does not. */
const READERS = [
  { name: 'attentive', power: 0.5, fitting: 0.9, other: 0.1 },
  { name: 'hasty', power: 1, fitting: 0.9, other: 0.1 },
  { name: 'aimless', power: 1, fitting: 0.5, other: 0.5 },
] as const;
const defaultWeight = configSchema.parse({}).ground.denseWeight;
const weights = weightsToTry(defaultWeight);
const options = { weights, defaultWeight, seed: SEED };
const { values: flags } = parseArgs({
  options: {
    sets: { type: 'string', default: 'cranfield,med,vaswani,code,scifact-train' },
    json: { type: 'boolean', default: false },
  },
});

interface Query {
  /** nDCG@10 by weight. */
  readonly found: readonly number[];
  readonly shown: ShownList['passages'];
  /** Documents of `shown` that fit. */
  readonly fitting: ReadonlySet<string>;
}

const embedder = installed(benchCachedEmbedder(1));
const quiet = { embedder, onProgress: () => undefined, signal: new AbortController().signal };

async function queriesOf(name: string): Promise<Query[]> {
  const corpus = join(dataFolder(), 'retrieval', name);
  const { set, index, chunks, vectors } = await openRetrievalFolder({ corpus }, quiet);
  const unitOf = (chunk: string) => chunks.get(chunk)?.rowId ?? '';
  return set.queries.flatMap(({ id, text: query }, at): Query[] => {
    const grades = set.grades.get(id) ?? new Map<string, number>();
    const wish = { query, ...(vectors[at] && { queryVector: vectors[at] }) };
    const tried = index.tryWeights(wish, grades, weights, unitOf);
    if (tried === undefined) return [];
    const { ranked } = index.search({ ...wish, limit: SHOWN, denseWeight: defaultWeight });
    const shown = ranked.flatMap((one) => {
      const document = unitOf(one.chunkId);
      const legs = deviationsOf(one);
      return legs ? [{ ...legs, document }] : [];
    });
    const fitting = new Set(
      shown.flatMap((one) => (grades.has(one.document) ? [one.document] : [])),
    );
    return [{ found: tried, shown, fitting }];
  });
}

function play(
  queries: readonly Query[],
  reader: (typeof READERS)[number],
  random: () => number,
): ShownList[] {
  return queries.flatMap(({ shown, fitting }) =>
    Array.from({ length: ASKED }, (): ShownList => {
      const documents = [...new Set(shown.map((one) => one.document))];
      const taken = documents.filter((document, place) => {
        const share = fitting.has(document) ? reader.fitting : reader.other;
        return random() < share * (place + 1) ** -reader.power;
      });
      return { passages: shown, taken, bias: 'place', trust: 1 };
    }),
  );
}

/** Five splits of a set, by how the first half is known. */
function measure(queries: readonly Query[], reader?: (typeof READERS)[number]) {
  const byQuery = new Map<Query, number[]>();
  const splits = Array.from({ length: SPLITS }, (_one, split) => {
    const random = seededRandom(SEED + split);
    const order = queries.map((query) => ({ query, key: random() }));
    const mixed = order.sort((a, b) => a.key - b.key).map((one) => one.query);
    const half = Math.floor(mixed.length / 2);
    const [own, others] = [mixed.slice(0, half), mixed.slice(half)];
    const fit = fitBySignals(
      reader === undefined
        ? { judged: own, shown: [] }
        : { judged: [], shown: shownTrials(play(own, reader, random), weights) },
      options,
    );
    const at = weights.indexOf(fit.weight);
    const base = weights.indexOf(defaultWeight);
    const gains = others.map((one) => {
      const gain = (one.found[at] ?? 0) - (one.found[base] ?? 0);
      byQuery.set(one, [...(byQuery.get(one) ?? []), gain]);
      return gain;
    });
    return { weight: fit.weight, gains };
  });
  const gains = splits.map((one) => mean(one.gains));
  return {
    weights: splits.map((one) => one.weight),
    // A query that several splits measured counts once.
    gain: bootstrapMean([...byQuery.values()].map(mean), { seed: SEED }),
    worst: Math.min(...gains),
  };
}

const sets = [];
for (const name of flags.sets.split(',')) {
  const queries = await queriesOf(name);
  const whole = fitBySignals({ judged: queries, shown: [] }, options);
  const readers = READERS.map((reader) => [reader.name, measure(queries, reader)] as const);
  sets.push({
    name,
    queries: queries.length,
    whole,
    judged: measure(queries),
    readers: Object.fromEntries(readers),
  });
}
await embedder.doClose();
const show = (value: number) => value.toFixed(4);
for (const { name, queries, whole, judged, readers } of sets) {
  const lines = [['judged', judged] as const, ...Object.entries(readers)].map(
    ([how, { weights: taken, gain, worst }]) =>
      `${how} ${show(gain.value)} (${show(gain.low)} … ${show(gain.high)}), worst split ${show(worst)}, weights ${taken.join(' ')}`,
  );
  process.stdout.write(
    `${name}, ${queries} queries: all of them say ${whole.weight} (${whole.reason}); ${lines.join('; ')}\n`,
  );
}
printResult('knowledge-weights', SEED, {
  defaultWeight,
  sets: Object.fromEntries(sets.map(({ name, ...rest }) => [name, rest])),
  meanGain: mean(sets.map((one) => one.judged.gain.value)),
  worstSet: Math.min(...sets.map((one) => one.judged.gain.value)),
});
