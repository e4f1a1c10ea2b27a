/**
 * How well does a specialist for intents name them, know what it was not taught, and what does it
 * cost? Banking77 (77 intents) and CLINC150 (150 intents, 1,000 sentences out of scope) on their own
 * test rows, with all training rows and with ten per label (three draws), beside a plain softmax on
 * the same vectors and the cheaper rungs of the ladder. Arguments name figures: `banking77`, `clinc150`,
 * `banking77-10`, `clinc150-10`; all without one.
 */

import { calibrationError } from '../src/base/calibration.ts';
import {
  classifyText,
  type MicroModelParts,
  readMicroModel,
  writeMicroModel,
} from '../src/base/micro-model.ts';
import { scoreDense } from '../src/base/mixture.ts';
import { areaUnderCurve, bootstrapMean } from '../src/base/statistics.ts';
import { trainDense } from '../src/learn/heads.ts';
import { placeOfLargest } from '../src/learn/held-out.ts';
import { trainMicroModel } from '../src/learn/train-micro-model.ts';
import { textsToEmbed } from '../src/learn/training-set.ts';
import { vocabularyOf } from '../src/learn/word-table.ts';
import { benchCachedEmbedder, benchEmbedder, embedTexts, installed } from './lib/embedder.ts';
import { drawPerLabel, type IntentSet, readBanking77, readClinc150 } from './lib/intent-sets.ts';
import { cpuOfTree, threadCpuMs } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const DRAWS = [1, 2, 3];
const PER_LABEL = 10;
/** Requests whose embedding is timed, after as many that warm up. */
const TIMED = 200;

const embedder = installed(benchCachedEmbedder(1));
const embed = (texts: readonly string[]) => embedTexts(embedder, texts);
const signal = new AbortController().signal;
const round = (value: number, digits = 4) => Number(value.toFixed(digits));

const interval = (right: readonly boolean[]) => {
  const mean = bootstrapMean(
    right.map((one) => (one ? 1 : 0)),
    { seed: SEED, rounds: 1000 },
  );
  return { accuracy: round(mean.value), interval: [round(mean.low), round(mean.high)] };
};

interface Taught {
  readonly model: MicroModelParts;
  readonly bytes: Uint8Array;
  readonly trainSecondsCpu: number;
  /** What a plain softmax on the vectors alone says of the test rows. */
  readonly plain: readonly boolean[];
}

/** Trains model and baseline; the model is the one that is read from its file. */
async function teach(train: IntentSet['train'], test: IntentSet['test']): Promise<Taught> {
  const vectors = await embed(textsToEmbed(train));
  const started = threadCpuMs();
  const embedding = { embedder: embedder.id, vectors };
  const bytes = writeMicroModel(
    trainMicroModel({ rows: train, source: 'bench', seed: SEED, embedding }),
  );
  const trainSecondsCpu = (threadCpuMs() - started) / 1000;
  const model = readMicroModel(bytes);
  const head = trainDense(
    vectors.slice(0, train.length),
    Int32Array.from(train, (row) => model.labels.indexOf(row.label)),
    { classCount: model.labels.length, seed: SEED, learningRate: 0.3, epochs: 20 },
  );
  const testVectors = await embed(test.map((row) => row.text));
  const plain = test.map((row, at) => {
    const scores = scoreDense(head, testVectors[at] ?? new Float32Array(embedder.dimensions));
    return model.labels[placeOfLargest(scores)] === row.label;
  });
  return { model, bytes, trainSecondsCpu, plain };
}

function judgeRows(
  model: MicroModelParts,
  rows: IntentSet['test'],
  vectors?: readonly Float32Array[],
) {
  const started = threadCpuMs();
  const verdicts = rows.map((row, at) => classifyText(model, row.text, vectors?.[at]));
  const microsecondsCpu = ((threadCpuMs() - started) * 1000) / rows.length;
  const judged = rows.map((row, at) => {
    const probabilities = verdicts[at]?.probabilities ?? new Float64Array(1);
    const best = placeOfLargest(probabilities);
    return { right: model.labels[best] === row.label, confidence: probabilities[best] ?? 0 };
  });
  return { verdicts, judged, microsecondsCpu };
}

async function measure(model: MicroModelParts, set: IntentSet, isWhole: boolean) {
  const vectorsOf = (texts: readonly string[]) =>
    isWhole ? embed(texts) : Promise.resolve(undefined);
  const own = judgeRows(model, set.test, await vectorsOf(set.test.map((row) => row.text)));
  const strangers = set.foreign.map((text) => ({ text, label: '' }));
  const foreign = judgeRows(model, strangers, await vectorsOf(set.foreign));
  const novel = (list: readonly { isNovel: boolean }[]) =>
    round(list.filter((verdict) => verdict.isNovel).length / list.length);
  return {
    ...interval(own.judged.map((one) => one.right)),
    calibrationError: round(calibrationError(own.judged)),
    rejectedInScope: novel(own.verdicts),
    microsecondsCpu: round(own.microsecondsCpu, 1),
    ...(set.foreign.length === 0
      ? {}
      : {
          foreignArea: round(
            areaUnderCurve(
              own.verdicts.map((verdict) => verdict.fit),
              foreign.verdicts.map((verdict) => verdict.fit),
            ),
          ),
          rejectedForeign: novel(foreign.verdicts),
        }),
  };
}

/** CPU microseconds of the embedder for one request, its process included; nothing is cached. */
async function embedCost(set: IntentSet): Promise<number> {
  const bare = benchEmbedder(1);
  if (bare === undefined) return 0;
  const texts = set.test.slice(0, 2 * TIMED).map((row) => row.text);
  for (const text of texts.slice(0, TIMED)) await bare.doEmbed([text], 'passage', { signal });
  const started = cpuOfTree(process.pid);
  for (const text of texts.slice(TIMED)) await bare.doEmbed([text], 'passage', { signal });
  const used = cpuOfTree(process.pid) - started;
  await bare.doClose();
  return used / TIMED;
}

/** Every rung of the ladder, on the test rows; the seconds are those of all trainings together. */
async function withAllRows(set: IntentSet) {
  const rows = set.train;
  const started = threadCpuMs();
  const ngrams = trainMicroModel({ rows, source: 'bench', seed: SEED });
  const ngramSeconds = (threadCpuMs() - started) / 1000;
  const words = await embed(vocabularyOf(rows));
  const again = threadCpuMs();
  const student = trainMicroModel({ rows, source: 'bench', seed: SEED, words });
  const studentSeconds = (threadCpuMs() - again) / 1000;
  const { model, bytes, trainSecondsCpu, plain } = await teach(rows, set.test);
  const embedMicrosecondsCpu = await embedCost(set);
  const ensemble = await measure(model, set, true);
  const asStudent = await measure(student, set, false);
  const teacherMicroseconds = embedMicrosecondsCpu + ensemble.microsecondsCpu;
  return {
    trainRows: rows.length,
    testRows: set.test.length,
    trainSecondsCpu: {
      ngrams: round(ngramSeconds, 1),
      student: round(studentSeconds, 1),
      ensemble: round(trainSecondsCpu, 1),
      ladder: round(ngramSeconds + studentSeconds + trainSecondsCpu, 1),
    },
    megabytes: round(bytes.length / 1e6, 2),
    plainHead: interval(plain),
    ngrams: await measure(ngrams, set, false),
    student: {
      ...asStudent,
      shareOfTeacher: round(asStudent.accuracy / ensemble.accuracy),
      timesFaster: round(teacherMicroseconds / asStudent.microsecondsCpu, 0),
    },
    ensemble,
    embedMicrosecondsCpu: round(embedMicrosecondsCpu, 0),
    costOverEmbedder: round(teacherMicroseconds / embedMicrosecondsCpu, 3),
  };
}

/** Ten rows per label: the test rows of all draws together; the last draw is trained twice. */
async function withFewRows(set: IntentSet) {
  const plain: boolean[] = [];
  const ensemble: boolean[] = [];
  const byDraw: number[] = [];
  let seconds = 0;
  let isSameBytes = false;
  for (const draw of DRAWS) {
    const train = drawPerLabel(set.train, PER_LABEL, draw);
    const taught = await teach(train, set.test);
    const vectors = await embed(set.test.map((row) => row.text));
    const right = judgeRows(taught.model, set.test, vectors).judged.map((one) => one.right);
    byDraw.push(round(right.filter(Boolean).length / right.length));
    plain.push(...taught.plain);
    ensemble.push(...right);
    seconds += taught.trainSecondsCpu / DRAWS.length;
    if (draw === DRAWS.at(-1))
      isSameBytes = Buffer.compare(taught.bytes, (await teach(train, [])).bytes) === 0;
  }
  return {
    perLabel: PER_LABEL,
    trainSecondsCpu: round(seconds, 1),
    plainHead: interval(plain),
    ensemble: { ...interval(ensemble), byDraw },
    isSameBytes,
  };
}

const figures: Record<string, () => Promise<object>> = {
  banking77: () => withAllRows(readBanking77()),
  clinc150: () => withAllRows(readClinc150()),
  'banking77-10': () => withFewRows(readBanking77()),
  'clinc150-10': () => withFewRows(readClinc150()),
};
const wanted = process.argv.slice(2).filter((word) => figures[word] !== undefined);
const metrics: Record<string, unknown> = { embedder: embedder.id };
for (const [name, run] of Object.entries(figures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  metrics[name] = await run();
  process.stdout.write(`${name} ${JSON.stringify(metrics[name])}\n`);
}
const { clinc150 } = metrics as { clinc150?: Awaited<ReturnType<typeof withAllRows>> };
// Its name where goals are listed.
if (clinc150 !== undefined) metrics['clinc150-oos-auroc'] = clinc150.ensemble.foreignArea;
await embedder.doClose();
printResult('farm-intents', SEED, metrics);
