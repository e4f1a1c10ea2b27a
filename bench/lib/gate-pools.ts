import { hashText, type SparseVector } from '../../src/base/hashing.ts';
import { scoreSoftmax, softmaxInPlace, trainSoftmax } from '../../src/base/softmax.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  expectedLosses,
} from '../../src/gate/calibration-set.ts';
import { readData, readJsonLines, shuffleByHash } from './data.ts';
import { fitLogistic, logisticScore } from './logistic.ts';

/** Graded requests as the data folder has them. */
export interface GradedPrompt {
  readonly prompt: string;
  readonly task: string;
  readonly scores: readonly number[];
}

/** A pool of graded requests, scored by a gate that was fitted on other ones. */
export interface GatePool {
  readonly name: string;
  readonly set: CalibrationSet;
  /** Requests that neither the gate was fitted on nor are in the pool: only for thresholds. */
  readonly apart: readonly CalibrationRow[];
}

const SEED = 'gate-certificates';
/** US dollars per million tokens: RouteLLM (Ong et al., arXiv:2406.18665, §5), GPT-4 beside Mixtral. */
const ROUTELLM_COSTS = [0.24, 24.7];

/** Half of the rows fits the gate, of which a fifth only places thresholds; the other half is the pool. */
function split<T extends { readonly prompt: string }>(rows: readonly T[]) {
  const distinct = [...new Map(rows.map((row) => [row.prompt, row])).values()];
  const order = shuffleByHash(distinct, (row) => row.prompt, SEED);
  const half = Math.floor(order.length / 2);
  const fifth = Math.floor(half / 5);
  return { apart: order.slice(0, fifth), fit: order.slice(fifth, half), pool: order.slice(half) };
}

/** What each model is expected to lose of the reference's right answers to a prompt. */
type ExpectLoss = (prompt: string) => Float64Array;

interface FitTask {
  readonly rows: readonly GradedPrompt[];
  readonly models: number;
  readonly reference: number;
}

const isRight = ({ scores }: GradedPrompt, model: number) => ((scores[model] ?? 0) >= 0.5 ? 1 : 0);

/** Probabilities of a prompt's classes by a plain classifier of hashed words and characters. */
function fitClasses(
  vectors: readonly SparseVector[],
  classes: Int32Array,
  classCount: number,
): (vector: SparseVector) => Float64Array {
  const options = { seed: 20261126, epochs: 6, learningRate: 0.1, dropout: 0.3 };
  const model = trainSoftmax(vectors, classes, { classCount, columnLimit: 30_000, ...options });
  return (vector) => {
    const { scores } = scoreSoftmax(model, vector);
    softmaxInPlace(scores);
    return scores;
  };
}

/** P(reference right, model wrong | prompt) learned as such, one classifier of the four cases per model. */
function fitLosses({ rows, models, reference }: FitTask): ExpectLoss {
  const vectors = rows.map((row) => hashText(row.prompt));
  const heads = Array.from({ length: models }, (_, model) =>
    fitClasses(
      vectors,
      Int32Array.from(rows, (row) => 2 * isRight(row, reference) + isRight(row, model)),
      4,
    ),
  );
  return (prompt) => {
    const vector = hashText(prompt);
    return Float64Array.from(heads, (head, model) =>
      model === reference ? 0 : (head(vector)[2] ?? 1),
    );
  };
}

/** The same from P(right | prompt) of each model, as if they were independent: what the gate does. */
function fitProbabilities({ rows, models, reference }: FitTask): ExpectLoss {
  const vectors = rows.map((row) => hashText(row.prompt));
  const heads = Array.from({ length: models }, (_, model) =>
    fitClasses(
      vectors,
      Int32Array.from(rows, (row) => isRight(row, model)),
      2,
    ),
  );
  return (prompt) => {
    const vector = hashText(prompt);
    const right = heads.map((head) => head(vector)[1] ?? 0);
    return expectedLosses(right, reference);
  };
}

function poolOf(parts: {
  readonly name: string;
  readonly rows: readonly GradedPrompt[];
  readonly models: readonly string[];
  readonly reference: number;
  readonly costs: readonly number[];
  readonly fit: (task: FitTask) => ExpectLoss;
}): GatePool {
  const { name, models, reference, costs } = parts;
  const { fit, apart, pool } = split(parts.rows);
  const expect = parts.fit({ rows: fit, models: models.length, reference });
  const read = (part: readonly GradedPrompt[]): CalibrationRow[] =>
    part.map(({ prompt, task, scores }) => ({
      scores,
      expectedLoss: expect(prompt),
      costs,
      slice: task,
    }));
  return { name, set: { models, reference, rows: read(pool) }, apart: read(apart) };
}

export function mmluPool(): GatePool {
  const rows = readJsonLines<GradedPrompt>('gate', 'routellm-mmlu.jsonl.gz');
  return poolOf({
    name: 'mmlu',
    rows,
    models: ['mixtral-8x7b', 'gpt-4-1106'],
    reference: 1,
    costs: ROUTELLM_COSTS,
    fit: fitLosses,
  });
}

/** Eight models; the reference is the one that is right most often on the rows that fit the gate. */
export function llmRouterPool(name: 'llmrouter' | 'llmrouter, independent'): GatePool {
  const { models, prices } = JSON.parse(readData('gate', 'llmrouter-8-models.json')) as {
    models: string[];
    prices: Record<string, { output_price: number }>;
  };
  const rows = readJsonLines<GradedPrompt>('gate', 'llmrouter-8-models-train.jsonl.gz');
  const { fit } = split(rows);
  const totals = models.map((_, at) => fit.reduce((sum, row) => sum + (row.scores[at] ?? 0), 0));
  const reference = totals.indexOf(Math.max(...totals));
  const costs = models.map((model) => prices[model]?.output_price ?? 0);
  const fitHeads = name === 'llmrouter' ? fitLosses : fitProbabilities;
  return poolOf({ name, rows, models, reference, costs, fit: fitHeads });
}

interface AnsweredPrompt {
  readonly prompt: string;
  readonly weak_correct: boolean;
  readonly strong_correct: boolean;
  readonly weak_answer: string;
}

/** The cheap answer is there and was looked at: P(wrong) from plain signs of it. */
export function gsm8kAnswersPool(): GatePool {
  const clean = new Set(
    readJsonLines<GradedPrompt>('gate', 'routellm-gsm8k.jsonl.gz').map((row) => row.prompt),
  );
  const rows = readJsonLines<AnsweredPrompt>('gate', 'routellm-gsm8k-answers.jsonl.gz');
  const parts = split(rows.filter((row) => clean.has(row.prompt)));
  const model = fitLogistic(
    {
      rows: parts.fit.map(signsOf),
      labels: parts.fit.map((row) => row.weak_correct),
      weights: parts.fit.map(() => 1),
    },
    1,
  );
  const read = (part: readonly AnsweredPrompt[]): CalibrationRow[] =>
    part.map((row) => ({
      scores: [row.weak_correct ? 1 : 0, row.strong_correct ? 1 : 0],
      expectedLoss: [1 - logisticScore(model, signsOf(row)), 0],
      costs: ROUTELLM_COSTS,
    }));
  const set = { models: ['mixtral-8x7b', 'gpt-4-1106'], reference: 1, rows: read(parts.pool) };
  return { name: 'gsm8k-answers', set, apart: read(parts.apart) };
}

const CALCULATION = /([-+*/().\d\s]{3,})=\s*\$?(-?[\d,.]*\d)/g;

/** Wrong and right calculations, length of question and answer, form of the final number. */
function signsOf({ prompt, weak_answer: answer }: AnsweredPrompt): number[] {
  let wrong = 0;
  let count = 0;
  for (const [, left = '', right = ''] of answer.matchAll(CALCULATION)) {
    const value = calculate(left);
    if (value === undefined) continue;
    count += 1;
    if (Math.abs(value - Number(right.replaceAll(',', ''))) > 0.011) wrong += 1;
  }
  const final = /####\s*\$?(-?[\d,.]*\d)/.exec(answer)?.[1]?.replaceAll(',', '') ?? '';
  const isWhole = final !== '' && Number.isInteger(Number(final));
  const numbers = prompt.match(/\d+/g)?.length ?? 0;
  return [
    wrong > 0 ? 1 : 0,
    Math.min(3, wrong),
    Math.min(10, count) / 5,
    Math.log(1 + prompt.length) - 5,
    Math.log(1 + answer.length) - 5.5,
    isWhole ? 1 : 0,
    numbers / 5,
    answer.split('\n').length / 5,
  ];
}

/** Value of + − × ÷ with brackets; undefined for anything else. */
function calculate(text: string): number | undefined {
  const tokens = text.match(/\d+(?:\.\d+)?|[-+*/()]/g) ?? [];
  let at = 0;
  const factor = (): number => {
    const token = tokens[at++] ?? '';
    if (token === '-') return -factor();
    if (token !== '(') return Number(token);
    const value = sum();
    at += 1;
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '*' || tokens[at] === '/')
      value = tokens[at++] === '*' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  if (tokens.length < 3) return undefined;
  const value = sum();
  return at >= tokens.length && Number.isFinite(value) ? value : undefined;
}
