import { readFileSync } from 'node:fs';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import { createStarterEstimator, type Estimator } from '../../src/gate/estimator.ts';
import { readSurface } from '../../src/gate/features.ts';
import type { GateSpoke } from '../../src/gate/spoke.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { UNFITTED } from '../../src/verify/answer-checker.ts';
import type { GradedSigns } from '../../src/verify/fit-checker.ts';
import { leastLogprob } from '../../src/verify/value-confidence.ts';
import { judgeAnswer } from '../../src/verify/verdict.ts';
import type { KeptAnswer } from './answer-cache.ts';
import type { CascadeAnswer } from './cascade-answers.ts';
import { cascadeRows } from './cascade-rows.ts';
import { readJsonLines } from './data.ts';
import { requestOf } from './live-request.ts';
import type { LiveRow } from './live-row.ts';
import { starterRows } from './live-rows.ts';
import { localSpoke } from './local-spoke.ts';
import { tokenCosts } from './reading-cost.ts';
import type { SliceRow } from './slices.ts';
import type { RowResult } from './starter-report.ts';

/** A graded answer as the checker sees it, with what the cascade needs. */
export interface GradedAnswer extends GradedSigns {
  readonly source: 'jobs' | 'starter-farm' | 'gsm8k';
  readonly spoke: string;
  readonly text?: string;
  /** Seconds, or another unit of cost that is the same within its source. */
  readonly cost: number;
}

/** Answers of one source and task count as many as this together, whatever their number. */
const SOURCE_WEIGHT = 150;

/** The constants that the kept figures were made with. */
const SPEEDS = { secondsPerPromptToken: 0.01, secondsPerToken: 0.04, dollarsPerSecond: 1e-6 };

function spokeOf(id: string): GateSpoke {
  const starter = STARTER_SPOKES.find((one) => one.id === id);
  const middle = STARTER_SPOKES.find((one) => one.id === 'extract')?.model ?? '';
  const modelId = starter?.model ?? (id === 'middle' ? middle : id);
  const own = {
    modelId,
    tasks: starter?.tasks ?? [],
    output: starter?.output ?? ('text' as const),
  };
  return localSpoke(id, { ...SPEEDS, ...own });
}

interface Believed {
  readonly task: string;
  readonly prior: (spoke: string) => number;
}

/** What the starter's table believes of a request, as the gate does before anybody answers. */
function believe(estimator: Estimator, request: ChatRequest): Believed {
  const surface = readSurface(request);
  const estimate = estimator.estimate(request, surface);
  return {
    task: estimate.flat ? '' : (estimate.posterior[0]?.task ?? ''),
    prior: (spoke) => estimator.success(estimate, spokeOf(spoke), surface),
  };
}

/** Characters per token of a prompt, and tokens that a chat template adds. */
const TOKEN_LENGTH = 4;
const TEMPLATE_TOKENS = 10;

/** CPU seconds of answers by their tokens: what the spoke's own prompt takes stays in the model's memory. */
function costsOf(file: string): (one: CascadeAnswer, row: LiveRow) => number {
  const kept = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as KeptAnswer);
  const costs = tokenCosts(kept);
  return ({ spoke, completionTokens }, { prompt }) => {
    const { read, written } = costs.get(spokeOf(spoke).modelId) ?? { read: 0, written: 0 };
    return read * (prompt.length / TOKEN_LENGTH + TEMPLATE_TOKENS) + written * completionTokens;
  };
}

/** Answers to jobs on a given text; `measured`: answers with the CPU seconds that they took. */
export function jobAnswers(answers: readonly CascadeAnswer[], measured: string): GradedAnswer[] {
  const estimator = createStarterEstimator();
  const costOf = costsOf(measured);
  const rows = new Map(cascadeRows().map((row) => [row.id, row]));
  return answers.flatMap((one): GradedAnswer[] => {
    const row = rows.get(one.row);
    if (row === undefined) return [];
    const request = requestOf(row, 'auto');
    const { task, prior } = believe(estimator, request);
    const base = {
      request,
      text: one.text,
      finishReason: one.finishReason,
      toolCalls: [],
      passages: [],
      prior: prior(one.spoke),
      task,
      checker: UNFITTED,
      meanLogprob: meanOf(one.logprobs),
    };
    const signed = (least: object) => judgeAnswer({ ...base, ...least }).signs;
    const whole = signed(leastOf(one));
    if (whole === undefined) return [];
    return [
      {
        source: 'jobs',
        signs: whole,
        task: row.task,
        score: one.score,
        group: one.row,
        spoke: one.spoke,
        text: one.text,
        cost: costOf(one, row),
      },
    ];
  });
}

/** Answers of the starter-farm benchmark: of their texts only length and probability are known. */
export function starterAnswers(file: string): GradedAnswer[] {
  const estimator = createStarterEstimator();
  const rows = new Map(starterRows().map((row) => [row.id, row]));
  const believed = new Map<string, Believed>();
  const results = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as RowResult);
  return results.flatMap((one): GradedAnswer[] => {
    const row = rows.get(one.row);
    if (row === undefined) return [];
    const belief = believed.get(row.id) ?? believe(estimator, sliceRequest(row));
    believed.set(row.id, belief);
    const isCut = one.completionTokens >= row.maxTokens && row.options === undefined;
    const signs = judgeAnswer({
      request: { model: 'auto', messages: [], sampling: {} },
      text: 'word '.repeat(Math.max(1, Math.round(one.completionTokens * 0.75))).trim(),
      finishReason: isCut ? 'length' : 'stop',
      toolCalls: [],
      passages: [],
      prior: belief.prior(one.spoke),
      task: belief.task,
      checker: UNFITTED,
      meanLogprob: one.meanLogprob,
    }).signs;
    if (signs === undefined) return [];
    // The text stands in for its length alone.
    return [
      {
        source: 'starter-farm',
        signs: { ...signs, repetition: 0 },
        task: one.task,
        score: one.score,
        group: one.row,
        spoke: one.spoke,
        cost: one.cpuSeconds,
      },
    ];
  });
}

function sliceRequest(row: SliceRow): ChatRequest {
  return {
    model: 'auto',
    messages: [
      ...(row.system ? [{ role: 'system' as const, content: textPart(row.system) }] : []),
      { role: 'user' as const, content: textPart(row.prompt) },
    ],
    sampling: { temperature: 0 },
    maxTokens: row.maxTokens,
    ...(row.options
      ? {
          responseFormat: {
            type: 'json-schema' as const,
            name: 'answer',
            schema: { enum: [...row.options] },
          },
        }
      : {}),
  };
}

interface Gsm8kRow {
  readonly prompt: string;
  readonly weak_correct: boolean;
  readonly strong_correct: boolean;
  readonly weak_answer: string;
  readonly strong_answer: string;
}

/** Solutions of two large models (RouteLLM's release); cost 1 and 24.7, their prices per token. */
export function gsm8kAnswers(): GradedAnswer[] {
  const rows = readJsonLines<Gsm8kRow>('gate', 'routellm-gsm8k-answers.jsonl.gz');
  const weak = rows.filter((row) => row.weak_correct).length / rows.length;
  const strong = rows.filter((row) => row.strong_correct).length / rows.length;
  return rows.flatMap((row, at) =>
    [
      { text: row.weak_answer, right: row.weak_correct, spoke: 'mixtral', prior: weak, cost: 1 },
      {
        text: row.strong_answer,
        right: row.strong_correct,
        spoke: 'gpt-4',
        prior: strong,
        cost: 24.7,
      },
    ].flatMap((one): GradedAnswer[] => {
      const { signs } = judgeAnswer({
        request: {
          model: 'auto',
          messages: [{ role: 'user', content: textPart(row.prompt) }],
          sampling: {},
        },
        text: one.text,
        finishReason: 'stop',
        toolCalls: [],
        passages: [],
        prior: one.prior,
        task: 'arithmetic',
        checker: UNFITTED,
      });
      if (signs === undefined) return [];
      return [
        {
          source: 'gsm8k',
          signs,
          task: 'arithmetic',
          score: Number(one.right),
          group: `gsm8k-${at}`,
          spoke: one.spoke,
          text: one.text,
          cost: one.cost,
        },
      ];
    }),
  );
}

/** Each source and task counts alike; every answer comes a second time as if only the mean were known. */
export function weighted(answers: readonly GradedAnswer[]): GradedAnswer[] {
  const counts = new Map<string, number>();
  const keyOf = ({ source, task }: GradedAnswer) => `${source} ${task}`;
  for (const one of answers) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return answers.flatMap((one) => {
    const weight = Math.min(1, SOURCE_WEIGHT / (counts.get(keyOf(one)) ?? 1));
    if (one.signs.leastKnown === 0) return [{ ...one, weight }];
    const signs = { ...one.signs, leastKnown: 0, leastData: 0, leastCopying: 0, leastProse: 0 };
    return [
      { ...one, weight: weight / 2 },
      { ...one, signs, weight: weight / 2 },
    ];
  });
}

function leastOf({ text, logprobs, tokens }: CascadeAnswer): { leastLogprob?: number } {
  const least = leastLogprob(
    text,
    logprobs.map((logprob, at) => ({ token: tokens?.[at] ?? '', logprob })),
  );
  return least === undefined ? {} : { leastLogprob: least };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
}
