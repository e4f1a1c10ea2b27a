/**
 * How much of the gap between a weak and a strong model does the gate recover (APGR by RouteLLM's
 * definitions), on their GSM8K and MMLU? Names as arguments run a part: gsm8k mmlu labels unseen
 * transfer answers; numbers are seeds of folds and fits, 1 without any. The gate reads prompts only;
 * it is told no task of a row that it scores.
 */
import { shuffledIndices } from '../src/base/random.ts';
import { averageGapRecovered } from '../src/base/routing-measures.ts';
import type { Interval } from '../src/base/statistics.ts';
import { type Dataset, type DatasetRow, readDataset } from '../src/gate/success/dataset.ts';
import { reportGate } from '../src/gate/success/gate-report.ts';
import {
  type ScoringResult,
  scoreApart,
  scoreInFolds,
} from '../src/gate/success/held-out-scores.ts';
import { bootstrapRows } from '../src/gate/success/pair-report.ts';
import { readData, readJsonLines } from './lib/data.ts';
import { printResult } from './lib/result.ts';
import { fitSurfaceRidge } from './lib/surface-ridge.ts';

const LABELS = 1500;
const FOLDS = 5;
/** The best of the routers that RouteLLM published for each (Ong et al., 2024). */
const PUBLISHED = { gsm8k: 0.622, mmlu: 0.603 };

const read = (name: string) => readDataset(readData('gate', `${name}.jsonl.gz`), name);
const gsm8k = read('routellm-gsm8k');
const mmlu = read('routellm-mmlu');

interface AnswerRow {
  readonly prompt: string;
  readonly weak_correct: boolean;
  readonly strong_correct: boolean;
  readonly weak_answer: string;
  readonly strong_answer: string;
}

/** The decontaminated questions of GSM8K with both answers. */
function withAnswers(): Dataset {
  const kept = new Set(gsm8k.rows.map((row) => row.prompt));
  const lines = readJsonLines<AnswerRow>('gate', 'routellm-gsm8k-answers.jsonl.gz')
    .filter((row) => kept.has(row.prompt))
    .map((row) =>
      JSON.stringify({
        prompt: row.prompt,
        scores: [row.weak_correct, row.strong_correct],
        answers: [row.weak_answer, row.strong_answer],
      }),
    );
  return readDataset(lines.join('\n'), 'routellm-gsm8k-answers');
}

/** What was scored, and the rows that the gate of each fold learned from. */
interface Part {
  readonly title: string;
  readonly of: keyof typeof PUBLISHED;
  readonly result: ScoringResult;
  readonly training: readonly (readonly DatasetRow[])[];
}

function inFolds(
  title: string,
  of: Part['of'],
  data: Dataset,
  options: { readonly byTask?: boolean; readonly seed: number; readonly cheap?: number },
): Part {
  const { byTask = false, ...scoring } = options;
  const result = scoreInFolds(data, { count: FOLDS, byTask }, scoring);
  const training = Array.from({ length: FOLDS }, (_, fold) =>
    result.scored.filter((one) => one.fold !== fold).map((one) => one.row),
  );
  return { title, of, result, training };
}

/** Five folds, each learned from as many rows of the others as labels were paid for. */
function fewLabels(seed: number): Part {
  const order = shuffledIndices(mmlu.rows.length, seed);
  const places = [...order.keys()];
  const rowsAt = (chosen: readonly number[]) =>
    chosen.flatMap((at) => mmlu.rows[order[at] ?? -1] ?? []);
  const folds = Array.from({ length: FOLDS }, (_, fold) => ({
    test: rowsAt(places.filter((at) => at % FOLDS === fold)),
    train: rowsAt(places.filter((at) => at % FOLDS !== fold).slice(0, LABELS)),
  }));
  const scored = folds.flatMap(({ test, train }, fold) =>
    scoreApart({ ...mmlu, rows: train }, { ...mmlu, rows: test }, { seed }).scored.map((one) => ({
      ...one,
      fold,
    })),
  );
  return {
    title: `mmlu, ${LABELS} labels`,
    of: 'mmlu',
    result: { scored, duplicates: 0, folds: FOLDS },
    training: folds.map(({ train }) => train),
  };
}

function learnedApart(title: string, of: Part['of'], train: Dataset, test: Dataset, seed: number) {
  return { title, of, result: scoreApart(train, test, { seed }), training: [train.rows] };
}

const PARTS: Readonly<Record<string, (seed: number) => readonly Part[]>> = {
  gsm8k: (seed) => [inFolds('gsm8k', 'gsm8k', gsm8k, { seed })],
  answers: (seed) => [
    inFolds('gsm8k, cheap answer read', 'gsm8k', withAnswers(), { seed, cheap: 0 }),
  ],
  mmlu: (seed) => [inFolds('mmlu', 'mmlu', mmlu, { seed })],
  labels: (seed) => [fewLabels(seed)],
  unseen: (seed) => [inFolds('mmlu, unseen subjects', 'mmlu', mmlu, { byTask: true, seed })],
  transfer: (seed) => [
    learnedApart('gsm8k, learned on mmlu', 'gsm8k', mmlu, gsm8k, seed),
    learnedApart('mmlu, learned on gsm8k', 'mmlu', gsm8k, mmlu, seed),
  ],
};

/** The baseline that learned from the same rows. */
function surfaceRidge({ result, training }: Part, seed: number): Interval {
  const predict = training.map((rows) => fitSurfaceRidge(rows, [0, 1]));
  const scores = result.scored.map(({ row, fold }) => predict[fold]?.(row.prompt) ?? 0);
  const grades = (model: number) => result.scored.map(({ row }) => row.scores[model] ?? 0);
  const [weak, strong] = [grades(0), grades(1)];
  const at = (values: readonly number[], rows: ArrayLike<number>) =>
    Array.from(rows, (row) => values[row] ?? 0);
  return bootstrapRows(
    scores.length,
    (rows) =>
      averageGapRecovered({
        scores: at(scores, rows),
        weak: at(weak, rows),
        strong: at(strong, rows),
      }),
    seed,
    100,
  );
}

function measure(part: Part, seed: number) {
  const { pair } = reportGate(part.result, { models: gsm8k.models, seed, reference: 1 });
  const ridge = surfaceRidge(part, seed);
  const { value, low, high } = pair?.cheapAnswerChecked?.apgr ?? pair?.gate.apgr ?? {};
  process.stdout.write(
    `${part.title}, seed ${seed}: APGR ${value?.toFixed(4)} (${low?.toFixed(4)} … ${high?.toFixed(4)}); surface ridge ${ridge.value.toFixed(4)}, length ${pair?.promptLength.apgr.value.toFixed(4)}, RouteLLM ${PUBLISHED[part.of]}\n`,
  );
  return { ...pair, surfaceRidge: { apgr: ridge }, published: PUBLISHED[part.of] };
}

const words = process.argv.slice(2);
const named = words.filter((word) => word in PARTS);
const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
const seeds = numbers.length > 0 ? numbers : [1];
const metrics: Record<string, Record<string, unknown>> = {};
for (const [name, ask] of Object.entries(PARTS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  for (const seed of seeds)
    for (const part of ask(seed)) {
      const bySeed = metrics[part.title] ?? {};
      bySeed[`seed ${seed}`] = measure(part, seed);
      metrics[part.title] = bySeed;
    }
}
printResult('gate-routellm', seeds[0] ?? 1, metrics);
