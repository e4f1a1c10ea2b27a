/**
 * How near does a specialist for numbers come on rows that it was not taught, and what does it cost? Sets:
 * how many of eight models answer a question rightly, by the question alone (LLMRouter's answers), and
 * ratings of generated reviews by a rater who is a star off three times in ten. Beside always the middle
 * number, the mean of the ten nearest questions by their vectors, and the expected level of a specialist
 * for labels that was taught the numbers in five levels. The test rows are drawn by a hash; settings were
 * chosen on folds of the others.
 */
import { gradeText, readGradeModel } from '../src/base/grade-model.ts';
import { classifyText } from '../src/base/micro-model.ts';
import { seededRandom } from '../src/base/random.ts';
import { rankCorrelation } from '../src/base/rank-correlation.ts';
import { bootstrapMean, quantile } from '../src/base/statistics.ts';
import { readGradedRows } from '../src/learn/graded-rows.ts';
import type { LadderEmbedder } from '../src/learn/ladder.ts';
import { makeScore } from '../src/learn/make-score.ts';
import { trainMicroModel } from '../src/learn/train-micro-model.ts';
import { textsToEmbed } from '../src/learn/training-set.ts';
import { evenHash } from '../src/workers/train-rows.ts';
import { readJsonLines } from './lib/data.ts';
import { benchCachedEmbedder, embedTexts, installed } from './lib/embedder.ts';
import { threadCpuMs } from './lib/process-cost.ts';
import { ratedTexts } from './lib/rated-texts.ts';
import { printResult, round } from './lib/result.ts';

interface Row {
  readonly text: string;
  readonly score: number;
}

const SEED = 1;
const TEST_SHARE = 0.27;
const NEIGHBOURS = 10;
const LEVELS = 5;
const embedder = installed(benchCachedEmbedder(1));
const embed = (texts: readonly string[]) => embedTexts(embedder, texts);

/** What a text costs to embed is measured by farm-intents; here it is 0. */
const ladderEmbedder: LadderEmbedder = {
  id: embedder.id,
  embed: async (texts) => ({ vectors: await embed(texts), cpuMs: 0 }),
};

function questions(): Row[] {
  const rows = readJsonLines<{ readonly prompt: string; readonly scores: readonly number[] }>(
    'gate',
    'llmrouter-8-models-train.jsonl.gz',
  );
  const seen = new Set<string>();
  return rows.flatMap(({ prompt, scores }) => {
    const text = prompt.trim().slice(0, 4000);
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ text, score: scores.reduce((sum, one) => sum + one, 0) / scores.length }];
  });
}

function reviews(): Row[] {
  const random = seededRandom(SEED);
  return ratedTexts(SEED, 3000).map(({ text, score }) => {
    const noisy = score + (random() < 0.3 ? (random() < 0.5 ? -1 : 1) : 0);
    return { text, score: Math.min(5, Math.max(1, noisy)) };
  });
}

function figures(test: readonly Row[], values: readonly number[], tolerance: number) {
  const errors = test.map(({ score }, at) => Math.abs(score - (values[at] ?? 0)));
  const error = bootstrapMean(errors, { seed: SEED });
  const order = rankCorrelation(
    test.map((row) => row.score),
    values,
    { seed: SEED },
  );
  return {
    meanError: round(error.value),
    interval: [round(error.low), round(error.high)],
    spearman: round(order.value),
    spearmanInterval: [round(order.low), round(order.high)],
    within: round(errors.filter((one) => one <= tolerance * (1 + 1e-9)).length / errors.length),
    errors,
  };
}

function nearestMeans(
  train: readonly Row[],
  vectors: readonly Float32Array[],
  asked: readonly Float32Array[],
): number[] {
  return asked.map((vector) => {
    const near = vectors
      .map((other, at) => ({
        at,
        like: other.reduce((sum, one, d) => sum + one * (vector[d] ?? 0), 0),
      }))
      .sort((a, b) => b.like - a.like)
      .slice(0, NEIGHBOURS);
    return near.reduce((sum, { at }) => sum + (train[at]?.score ?? 0), 0) / near.length;
  });
}

/** A specialist for labels on the numbers in levels; its answer is the mean of the levels by their probabilities. */
async function levelMeans(
  train: readonly Row[],
  test: readonly Row[],
  asked: readonly Float32Array[],
) {
  const [low, high] = [
    Math.min(...train.map((row) => row.score)),
    Math.max(...train.map((row) => row.score)),
  ];
  const levelOf = (score: number) =>
    Math.min(LEVELS - 1, Math.floor(((score - low) / (high - low)) * LEVELS));
  const rows = train.map((row) => ({ text: row.text, label: String(levelOf(row.score)) }));
  const embedding = { embedder: embedder.id, vectors: await embed(textsToEmbed(rows)) };
  const model = trainMicroModel({ rows, source: 'bench', seed: SEED, embedding });
  const means = model.labels.map((label) => {
    const own = train.filter((row) => String(levelOf(row.score)) === label);
    return own.reduce((sum, row) => sum + row.score, 0) / Math.max(1, own.length);
  });
  return test.map((row, at) => {
    const { probabilities } = classifyText(model, row.text, asked[at]);
    return means.reduce((sum, mean, label) => sum + mean * (probabilities[label] ?? 0), 0);
  });
}

async function measure(rows: readonly Row[]) {
  const isTest = ({ text }: Row) => evenHash(`farm-score ${text}`) < TEST_SHARE * 2 ** 32;
  const train = rows.filter((row) => !isTest(row));
  const test = rows.filter(isTest);
  const lines = train.map((row) => JSON.stringify(row)).join('\n');
  const data = await readGradedRows('train.jsonl', lines, SEED);
  const vectors = await embed(train.map((row) => row.text));
  const asked = await embed(test.map((row) => row.text));
  const started = threadCpuMs();
  const { bytes, report } = await makeScore({
    data,
    test: test.map(({ text, score }) => ({ text, grade: score })),
    seed: SEED,
    source: 'bench',
    embedder: ladderEmbedder,
    cpuMs: threadCpuMs,
    onRung: (rung) => process.stderr.write(`${JSON.stringify(rung)}\n`),
  });
  const trainSecondsCpu = (threadCpuMs() - started) / 1000;
  const model = readGradeModel(bytes);
  const { tolerance } = model;
  const timed = threadCpuMs();
  const values = test.map((row, at) => gradeText(model, row.text, asked[at]).value);
  const microsecondsCpu = ((threadCpuMs() - timed) * 1000) / test.length;
  const median = quantile(
    train.map((row) => row.score),
    0.5,
  );
  const own = figures(test, values, tolerance);
  const others = {
    middle: figures(
      test,
      test.map(() => median),
      tolerance,
    ),
    neighbours: figures(test, nearestMeans(train, vectors, asked), tolerance),
    levels: figures(test, await levelMeans(train, test, asked), tolerance),
    ngramsAlone: figures(
      test,
      test.map((row) => gradeText(model, row.text).value),
      tolerance,
    ),
  };
  const beside = Object.entries(others).map(([name, { errors, ...rest }]) => {
    const gain = bootstrapMean(
      errors.map((one, at) => one - (own.errors[at] ?? 0)),
      { seed: SEED },
    );
    return [
      name,
      { ...rest, gain: round(gain.value), gainInterval: [round(gain.low), round(gain.high)] },
    ];
  });
  const { errors: _, ...rest } = own;
  return {
    trainRows: data.rows.length,
    testRows: test.length,
    tolerance,
    rung: report.rung,
    weight: round(model.embedding?.weight ?? 0, 2),
    ...rest,
    calibrationError: round(report.calibrationError),
    beside: Object.fromEntries(beside),
    trainSecondsCpu: round(trainSecondsCpu, 1),
    microsecondsCpu: round(microsecondsCpu, 0),
    megabytes: round(bytes.length / 1e6, 2),
  };
}

const result = { questions: await measure(questions()), reviews: await measure(reviews()) };
await embedder.doClose();
printResult('farm-score', SEED, result);
