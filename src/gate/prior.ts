import type { GateSpoke } from './spoke.ts';
import type { Task } from './task.ts';

/** Billions of parameters at which the anchors below stand. */
const SIZES = [0.135, 0.5, 1.5, 8, 70] as const;

/**
 * P(right) by task and size where nothing was measured on the spoke itself. Multiple-choice,
 * arithmetic, classify and question at 0.135, 0.5 and 1.5 are shares measured on the starter models;
 * 8 and 70 follow published MMLU, GSM8K and TriviaQA figures of models of that size; the rest is
 * judgement. Where the `starter-farm` benchmark graded a task (starter-table.generated.json), its
 * rows outweigh and move the anchors. Only the order within a row decides a choice.
 */
const ANCHORS: Readonly<Record<Task, readonly number[]>> = {
  greeting: [0.8, 0.86, 0.92, 0.97, 0.98],
  rewrite: [0.35, 0.5, 0.66, 0.88, 0.95],
  summarise: [0.3, 0.5, 0.66, 0.88, 0.95],
  code: [0.02, 0.42, 0.58, 0.75, 0.9],
  arithmetic: [0.01, 0.21, 0.53, 0.82, 0.94],
  'multiple-choice': [0.22, 0.29, 0.62, 0.75, 0.9],
  extract: [0.1, 0.56, 0.62, 0.88, 0.95],
  classify: [0.05, 0.34, 0.37, 0.75, 0.88],
  question: [0.03, 0.04, 0.12, 0.55, 0.8],
  'document-question': [0.01, 0.01, 0.02, 0.04, 0.06],
  reading: [0.3, 0.6, 0.72, 0.88, 0.94],
  'multi-part': [0.02, 0.1, 0.25, 0.6, 0.85],
  write: [0.3, 0.45, 0.62, 0.86, 0.95],
  reason: [0.1, 0.16, 0.26, 0.5, 0.75],
};

/** P(right) of a grounded spoke when the evidence holds the answer, by size. */
const GROUNDED = [0.3, 0.66, 0.68, 0.85, 0.92];

/** A micro-model on its own labels: .942 and .966 on Banking77 and CLINC150 with training data of theirs. */
const CLASSIFIER = 0.9;
/** On anything else it says a label nobody asked for. */
export const CLASSIFIER_ELSEWHERE = 0.01;

/** Of a plan of small models; a single 1.5B does .25 of such requests by the anchors. */
const HUB = 0.45;
const HUB_ELSEWHERE = 0.05;

/** P(right), 0 … 1, of a kind and size of spoke at a task. */
export function anchorRate(kind: GateSpoke['kind'], billions: number, task: Task): number {
  if (kind === 'classifier') return task === 'classify' ? CLASSIFIER : CLASSIFIER_ELSEWHERE;
  if (kind === 'hub') return task === 'multi-part' ? HUB : HUB_ELSEWHERE;
  return between(kind === 'grounded' ? GROUNDED : ANCHORS[task], billions);
}

/** Linear in the logarithm of the size, flat beyond the ends. */
function between(rates: readonly number[], billions: number): number {
  let right = 0;
  while (right < SIZES.length && (SIZES[right] ?? 0) < billions) right += 1;
  const high = rates[Math.min(right, SIZES.length - 1)] ?? 0;
  if (right === 0 || right === SIZES.length) return high;
  const low = rates[right - 1] ?? 0;
  const from = Math.log(SIZES[right - 1] ?? 1);
  const share = (Math.log(billions) - from) / (Math.log(SIZES[right] ?? 1) - from);
  return low + share * (high - low);
}

/** Starter spokes, whose models do not change. */
const STARTER_SIZES: Readonly<Record<string, number>> = {
  quick: 0.135,
  extract: 0.5,
  'extract-large': 1.5,
  calculator: 1.5,
  reader: 0.5,
  'reader-large': 1.5,
  editor: 1.5,
  coder: 1.5,
  general: 1.5,
  grounded: 0.5,
  'grounded-large': 1.5,
};

/** Nobody keeps a spoke for what it is worse at; worth about a doubling of its size. */
export const SPECIALIST = 0.05;

/** Billions of parameters of a starter spoke, undefined for others. */
export function starterSize(id: string): number | undefined {
  return STARTER_SIZES[id];
}

/** US dollars per million output tokens up to which a hosted model is taken for that many billions. */
const PRICED: readonly (readonly [number, number])[] = [
  [0.3, 8],
  [0.8, 14],
  [2, 32],
];
const UNKNOWN_LOCAL = 1.5;
const UNKNOWN_REMOTE = 8;
const DEAREST = 70;

/**
 * Billions of parameters by the model's name (`qwen2.5-coder-1.5b`, `smollm2-135m`), else by its
 * price, else 1.5 for a local and 8 for a remote model.
 */
export function effectiveSize(spoke: GateSpoke): number {
  const named = /(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])/i.exec(spoke.modelId);
  if (named !== null) {
    const size = Number(named[1]) / (named[2]?.toLowerCase() === 'm' ? 1000 : 1);
    if (size > 0) return size;
  }
  const starter = starterSize(spoke.id);
  if (starter !== undefined) return starter;
  const output = spoke.price?.output;
  if (output === undefined || output === 0) {
    return spoke.destination === 'local' ? UNKNOWN_LOCAL : UNKNOWN_REMOTE;
  }
  return PRICED.find(([price]) => output <= price)?.[1] ?? DEAREST;
}
