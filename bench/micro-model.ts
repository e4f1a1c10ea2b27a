/**
 * How well does a micro-model name the intent, know what it was not trained for, and how long does
 * it take? Banking77 (77 intents) and CLINC150 (150 intents, 1,000 sentences out of scope), on the
 * sets' own test rows. `banking` or `clinc` as an argument runs one of them.
 */

import { calibrationError } from '../src/base/calibration.ts';
import {
  classifyText,
  type MicroModelParts,
  readMicroModel,
  writeMicroModel,
} from '../src/base/micro-model.ts';
import type { LabelledText } from '../src/base/ngram-classifier.ts';
import { areaUnderCurve, bootstrapMean, quantile } from '../src/base/statistics.ts';
import { BACKGROUND_SENTENCES } from '../src/learn/background.ts';
import { placeOfLargest } from '../src/learn/held-out.ts';
import { trainMicroModel } from '../src/learn/train-micro-model.ts';
import { parseCsv, readData } from './lib/data.ts';
import { benchEmbedder } from './lib/embedder.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const EMBED_BATCH = 100;
/** Queries that are timed one by one, embedding included. */
const TIMED = 200;

interface IntentSet {
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
  readonly foreign: readonly string[];
}

function banking(): IntentSet {
  const rows = (name: string) =>
    parseCsv(readData('intent', `banking77-${name}.csv.gz`))
      .slice(1)
      .flatMap(([text, label]) => (text && label ? [{ text, label }] : []));
  return { train: rows('train'), test: rows('test'), foreign: [] };
}

function clinc(): IntentSet {
  type Pairs = [string, string][];
  const sets = JSON.parse(readData('intent', 'clinc150-full.json.gz')) as Record<string, Pairs>;
  const rows = (name: string) => (sets[name] ?? []).map(([text, label]) => ({ text, label }));
  return {
    train: rows('train'),
    test: rows('test'),
    foreign: rows('oos_test').map((row) => row.text),
  };
}

const embedder = benchEmbedder(1);
const signal = new AbortController().signal;

async function embed(texts: readonly string[]): Promise<Float32Array[] | undefined> {
  if (embedder === undefined) return undefined;
  const vectors: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += EMBED_BATCH) {
    const batch = texts.slice(start, start + EMBED_BATCH);
    vectors.push(...(await embedder.doEmbed(batch, 'passage', { signal })));
  }
  return vectors;
}

const round = (value: number, digits = 4) => Number(value.toFixed(digits));

function measure(
  model: MicroModelParts,
  set: IntentSet,
  vectors?: readonly Float32Array[],
  foreignVectors?: readonly Float32Array[],
) {
  const started = process.cpuUsage();
  const verdicts = set.test.map((row, at) => classifyText(model, row.text, vectors?.[at]));
  const used = process.cpuUsage(started);
  const right = set.test.map((row, at) => {
    const verdict = verdicts[at];
    const best = verdict === undefined ? 0 : placeOfLargest(verdict.probabilities);
    return {
      right: model.labels[best] === row.label,
      confidence: verdict?.probabilities[best] ?? 0,
    };
  });
  const accuracy = bootstrapMean(
    right.map((row) => (row.right ? 1 : 0)),
    { seed: SEED, rounds: 1000 },
  );
  const foreign = set.foreign.map((text, at) => classifyText(model, text, foreignVectors?.[at]));
  const share = (list: readonly { isNovel: boolean }[]) =>
    round(list.filter((verdict) => verdict.isNovel).length / list.length);
  return {
    accuracy: round(accuracy.value),
    interval: [round(accuracy.low), round(accuracy.high)],
    calibrationError: round(calibrationError(right)),
    rejectedInScope: share(verdicts),
    microsecondsCpu: round((used.user + used.system) / set.test.length, 1),
    ...(foreign.length === 0
      ? {}
      : {
          foreignArea: round(
            areaUnderCurve(
              verdicts.map((verdict) => verdict.fit),
              foreign.map((verdict) => verdict.fit),
            ),
          ),
          rejectedForeign: share(foreign),
        }),
  };
}

/** Milliseconds of single queries with their embedding. */
async function timeQueries(model: MicroModelParts, set: IntentSet) {
  const times: number[] = [];
  for (const row of set.test.slice(0, TIMED)) {
    const started = performance.now();
    const vector = (await embed([row.text]))?.[0];
    classifyText(model, row.text, vector);
    times.push(performance.now() - started);
  }
  return { p50: round(quantile(times, 0.5), 2), p95: round(quantile(times, 0.95), 2) };
}

async function run(set: IntentSet) {
  const rowVectors = await embed(set.train.map((row) => row.text));
  const background = await embed(BACKGROUND_SENTENCES);
  const started = process.cpuUsage();
  const trained = trainMicroModel({
    rows: set.train,
    source: 'bench',
    seed: SEED,
    ...(rowVectors === undefined || background === undefined || embedder === undefined
      ? {}
      : { embedding: { embedder: embedder.id, rows: rowVectors, background } }),
  });
  const used = process.cpuUsage(started);
  const bytes = writeMicroModel(trained);
  const model = readMicroModel(bytes);
  const ngrams = measure(model, set);
  const metrics = {
    trainRows: set.train.length,
    testRows: set.test.length,
    trainSecondsCpu: round((used.user + used.system) / 1e6, 1),
    megabytes: round(bytes.length / 1e6, 2),
    ngrams,
  };
  if (embedder === undefined) return metrics;
  const vectors = await embed(set.test.map((row) => row.text));
  const both = measure(model, set, vectors, await embed(set.foreign));
  return { ...metrics, both, milliseconds: await timeQueries(model, set) };
}

const wanted = process.argv.slice(2).find((word) => word === 'banking' || word === 'clinc');
const metrics: Record<string, unknown> = { embedder: embedder?.id ?? null };
for (const [name, read] of Object.entries({ banking, clinc })) {
  if (wanted !== undefined && wanted !== name) continue;
  metrics[name] = await run(read());
  process.stdout.write(`${name} ${JSON.stringify(metrics[name])}\n`);
}
await embedder?.doClose();
printResult('micro-model', SEED, metrics);
