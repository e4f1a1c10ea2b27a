import { probabilitiesAt } from '../base/calibration.ts';
import { type NgramClassifier, readNgramClassifier } from '../base/ngram-classifier.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Surface } from './features.ts';
import { enumOf } from './schema-enum.ts';
import type { GateSpoke } from './spoke.ts';
import starterTable from './starter-table.generated.json' with { type: 'json' };
import { type StarterTable, SuccessTable } from './starter-table.ts';
import { OTHER, TASKS } from './task.ts';
import { TASK_MODEL } from './task-model.generated.ts';
import { taskText } from './task-text.ts';

/** Of each fitted model, by its place. */
export interface LearnedEstimate {
  readonly models: ReadonlyMap<string, number>;
  /** P(right), 0 … 1; absent where the starter's table tells it. */
  readonly probabilities?: Float64Array;
  /** Graded requests by which each of those is known that joined without a new fit. */
  readonly joinedRows: ReadonlyMap<string, number>;
  /** Expected loss of the reference's right answers, 0 … 1. */
  readonly losses: Float64Array;
}

export interface TaskEstimate {
  /** Every task, most probable first; sums to 1. */
  readonly posterior: readonly { readonly task: string; readonly probability: number }[];
  /** No task stands out: the mean over all tasks decides. */
  readonly flat: boolean;
  /** Nobody looked: the request names its spoke. */
  readonly unread?: true;
  /** What a fitted gate makes of the request. */
  readonly learned?: LearnedEstimate;
}

/** What is believed of a request that names its spoke: the gate has no choice, so it does not look. */
export const UNREAD: TaskEstimate = {
  posterior: TASKS.map((task) => ({ task, probability: 1 / TASKS.length })),
  flat: true,
  unread: true,
};

/** What the gate believes about a request. */
export interface Estimator {
  estimate(request: ChatRequest, surface: Surface): TaskEstimate;
  /**
   * P(this spoke answers right), 0 … 1; for a grounded spoke, given evidence that holds the answer.
   * The same arguments give the same number.
   */
  success(estimate: TaskEstimate, spoke: GateSpoke, surface: Surface): number;
  /** Graded requests of such kinds that stand behind `success`, ≥ 0. */
  graded(estimate: TaskEstimate, spoke: GateSpoke): number;
  /** Usual length of this spoke's answer in tokens, before any limit. */
  usualAnswer(estimate: TaskEstimate, spoke: GateSpoke): number;
}

/** Below this the best task is a guess among 13: on generated and public text a right label has > .8. */
const FLAT = 0.4;
/** A schema says more than the text: factors on the posterior. */
const SCHEMA_FACTORS = { enum: 50, object: 50 };

/** Orders that the caller has numbered himself are several jobs, whatever each of them looks like. */
const NUMBERED_FACTOR = 50;

/** The estimator of the first release: task classifier × table of graded answers. */
export function createStarterEstimator(): Estimator {
  return createTableEstimator(readNgramClassifier(bytesOf(TASK_MODEL)), starterTable);
}

/** Bytes of base64 text; 3 ms for the classifier's 560 KB. */
function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

export function createTableEstimator(
  classifier: Pick<NgramClassifier, 'labels' | 'temperature' | 'score'>,
  table: StarterTable,
): Estimator {
  const rates = new SuccessTable(table);
  return {
    estimate: (request, surface) => estimateTask(classifier, request, surface),
    success: (estimate, spoke) => successOf(rates.ratesOf(spoke), estimate, spoke),
    graded(estimate, spoke) {
      const counts = rates.countsOf(spoke);
      return gradedBehind(estimate, (task) => counts.get(task) ?? 0);
    },
    usualAnswer: (estimate, spoke) => usualAnswer(rates.lengthsOf(spoke), estimate),
  };
}

/** Graded requests of each task, by how probable the task is. */
export function gradedBehind(
  { posterior, flat }: TaskEstimate,
  countOf: (task: string) => number,
): number {
  let total = 0;
  for (const { task, probability } of posterior) {
    if (flat) total += countOf(task) / posterior.length;
    else if (probability >= LEAST_SHARE) total += probability * countOf(task);
  }
  return Math.round(total);
}

/** Tasks below this share change neither count nor length by more than one or two. */
const LEAST_SHARE = 0.005;

function usualAnswer(lengths: ReadonlyMap<string, number>, { posterior }: TaskEstimate): number {
  let tokens = 0;
  for (const { task, probability } of posterior) {
    if (probability < LEAST_SHARE) break;
    tokens += probability * (lengths.get(task) ?? 0);
  }
  return tokens;
}

function successOf(
  rates: ReadonlyMap<string, number>,
  estimate: TaskEstimate,
  spoke: GateSpoke,
): number {
  // Whatever the words look like, a grounded spoke does one thing: answer from sentences.
  if (spoke.kind === 'grounded') return rates.get('document-question') ?? 0;
  let total = 0;
  for (const { task, probability } of estimate.posterior) {
    total += (estimate.flat ? 1 / TASKS.length : probability) * (rates.get(task) ?? 0);
  }
  return Math.min(1, total);
}

function estimateTask(
  classifier: Pick<NgramClassifier, 'labels' | 'temperature' | 'score'>,
  request: ChatRequest,
  surface: Surface,
): TaskEstimate {
  const { scores } = classifier.score(taskText(surface));
  const probabilities = probabilitiesAt(scores, classifier.temperature);
  const other = probabilities[classifier.labels.indexOf(OTHER)] ?? 0;
  const spread = other / TASKS.length;
  const weights = new Map(TASKS.map((task) => [task as string, spread]));
  classifier.labels.forEach((label, place) => {
    if (label !== OTHER) weights.set(label, spread + (probabilities[place] ?? 0));
  });
  weighSchema(weights, request);
  if (surface.features.numberedJobs > 1)
    weights.set('multi-part', (weights.get('multi-part') ?? 0) * NUMBERED_FACTOR);
  let total = 0;
  for (const weight of weights.values()) total += weight;
  const posterior = [...weights]
    .map(([task, weight]) => ({ task, probability: weight / total }))
    .sort((left, right) => right.probability - left.probability);
  return { posterior, flat: isFlat(posterior) };
}

/** Whether no task stands out, most probable first. */
export function isFlat(posterior: TaskEstimate['posterior']): boolean {
  return (posterior[0]?.probability ?? 0) < FLAT;
}

function weighSchema(weights: Map<string, number>, request: ChatRequest): void {
  const format = request.responseFormat;
  if (format === undefined || format.type === 'text') return;
  const isEnum = enumOf(format) !== undefined;
  const [task, factor] = isEnum
    ? ['classify', SCHEMA_FACTORS.enum]
    : ['extract', SCHEMA_FACTORS.object];
  weights.set(task, (weights.get(task) ?? 0) * factor);
}
