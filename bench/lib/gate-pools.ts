import { hashText } from '../../src/base/hashing.ts';
import { scoreSoftmax, softmaxInPlace, trainSoftmax } from '../../src/base/softmax.ts';
import type { CalibrationRow, CalibrationSet } from '../../src/gate/calibration-set.ts';
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

/**
 * What a plain classifier of hashed words and characters expects each model to lose of the
 * reference: P(reference right, model wrong | prompt), one softmax over the four cases per model.
 */
function fitExpectedLoss(
  rows: readonly GradedPrompt[],
  models: number,
  reference: number,
): (prompt: string) => Float64Array {
  const vectors = rows.map((row) => hashText(row.prompt));
  const heads = Array.from({ length: models }, (_, model) => {
    if (model === reference) return undefined;
    const classes = Int32Array.from(rows, ({ scores }) => {
      const isRight = (index: number) => ((scores[index] ?? 0) >= 0.5 ? 1 : 0);
      return 2 * isRight(reference) + isRight(model);
    });
    return trainSoftmax(vectors, classes, {
      classCount: 4,
      seed: 20261126,
      epochs: 6,
      learningRate: 0.1,
      dropout: 0.3,
      columnLimit: 30_000,
    });
  });
  return (prompt) => {
    const vector = hashText(prompt);
    return Float64Array.from(heads, (head) => {
      if (head === undefined) return 0;
      const { scores } = scoreSoftmax(head, vector);
      softmaxInPlace(scores);
      return scores[2] ?? 1;
    });
  };
}

function poolOf(
  name: string,
  rows: readonly GradedPrompt[],
  models: readonly string[],
  reference: number,
  costs: readonly number[],
): GatePool {
  const parts = split(rows);
  const expect = fitExpectedLoss(parts.fit, models.length, reference);
  const read = (part: readonly GradedPrompt[]): CalibrationRow[] =>
    part.map(({ prompt, task, scores }) => ({
      scores,
      expectedLoss: expect(prompt),
      costs,
      slice: task,
    }));
  return { name, set: { models, reference, rows: read(parts.pool) }, apart: read(parts.apart) };
}

export function mmluPool(): GatePool {
  const rows = readJsonLines<GradedPrompt>('gate', 'routellm-mmlu.jsonl.gz');
  return poolOf('mmlu', rows, ['mixtral-8x7b', 'gpt-4-1106'], 1, ROUTELLM_COSTS);
}

/** Eight models; the reference is the one that is right most often on the rows that fit the gate. */
export function llmRouterPool(): GatePool {
  const { models, prices } = JSON.parse(readData('gate', 'llmrouter-8-models.json')) as {
    models: string[];
    prices: Record<string, { output_price: number }>;
  };
  const rows = readJsonLines<GradedPrompt>('gate', 'llmrouter-8-models-train.jsonl.gz');
  const { fit } = split(rows);
  const totals = models.map((_, at) => fit.reduce((sum, row) => sum + (row.scores[at] ?? 0), 0));
  const reference = totals.indexOf(Math.max(...totals));
  const costs = models.map((model) => prices[model]?.output_price ?? 0);
  return poolOf('llmrouter', rows, models, reference, costs);
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
