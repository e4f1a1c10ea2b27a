import { readText } from '../../src/base/text-reading.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  expectedLosses,
} from '../../src/gate/calibration-set.ts';
import { fitSuccess } from '../../src/gate/success/fit.ts';
import { estimateSuccess } from '../../src/gate/success/success-model.ts';
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

/** The gate's own estimator, fitted on rows whose tasks are known; prompts are read without theirs. */
function fitEstimator(task: FitTask, scoreOf: (row: GradedPrompt, model: number) => number) {
  const { rows, models } = task;
  const model = fitSuccess(
    {
      models: Array.from({ length: models }, (_, at) => String(at)),
      readings: rows.map((row) => readText(row.prompt)),
      tasks: rows.map((row) => row.task),
      scores: Float64Array.from(
        rows.flatMap((row) => Array.from({ length: models }, (_, at) => scoreOf(row, at))),
      ),
      weights: new Float64Array(rows.length).fill(1),
    },
    { seed: 20261126 },
  );
  return (prompt: string) => estimateSuccess(model, readText(prompt));
}

/** What each model keeps of the reference's right answers, learned as such. */
function fitLosses(task: FitTask): ExpectLoss {
  const estimate = fitEstimator(task, ({ scores }, model) => {
    const [own = 0, whole = 0] = [scores[model], scores[task.reference]];
    return 1 - Math.max(0, whole - own);
  });
  return (prompt) =>
    estimate(prompt).values.map((kept, model) => (model === task.reference ? 0 : 1 - kept));
}

/** The same from P(right | prompt) of each model, as if they were independent: what the gate does. */
function fitProbabilities(task: FitTask): ExpectLoss {
  const estimate = fitEstimator(task, ({ scores }, model) => scores[model] ?? 0);
  return (prompt) => expectedLosses(estimate(prompt).probabilities, task.reference);
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

export function mmluPool(name: 'mmlu' | 'mmlu, independent'): GatePool {
  const rows = readJsonLines<GradedPrompt>('gate', 'routellm-mmlu.jsonl.gz');
  return poolOf({
    name,
    rows,
    models: ['mixtral-8x7b', 'gpt-4-1106'],
    reference: 1,
    costs: ROUTELLM_COSTS,
    fit: name === 'mmlu' ? fitLosses : fitProbabilities,
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
