import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';

/** What is seen of a question, its evidence and the first sentence of an answer. */
export interface AnswerabilitySigns {
  /** P(yes) of the model that was asked whether the sentences answer the question, 0 … 1. */
  readonly reading?: number;
  /** Cosine of the question and the sentence that carries the answer (bge-small). */
  readonly nearness?: number;
  /** Natural logarithm of the probability of the answer's first token, ≤ 0. */
  readonly confidence?: number;
  /** P(the evidence supports the sentence), 0 … 1; 0 where the spoke declined. */
  readonly support: number;
  /** Share of the question's key terms in the answer and what carries it, 0 … 1. */
  readonly share: number;
}

export type AnswerabilitySign = keyof AnswerabilitySigns;
export type AnswerabilityWeights = { readonly offset: number } & {
  readonly [sign in AnswerabilitySign]?: number;
};

/** Log-odds beyond this are taken as this: no sign is a certainty. */
const MOST_ODDS = 4;
const LEAST_SHARE = 1e-3;
/** Cosines of unrelated sentences begin here; per tenth above it one unit. */
const COSINE_ZERO = 0.6;
const COSINE_UNIT = 0.1;
const LEAST_CONFIDENCE = -3;

/** Which signs may be missing; the rest is always known. */
export const MISSABLE = ['reading', 'nearness', 'confidence'] as const;

/**
 * Logistic weights, one set for each choice of known signs, from
 * `cadre bench knowledge-declining --fit`: what the starter farm's 1.5B model said to questions
 * over abstracts, package documentation, invented documents and a handbook, each with its document
 * and without it.
 */
const STARTER_WEIGHTS: readonly AnswerabilityWeights[] = [
  { offset: -1.97, reading: 0.75, nearness: 1.04, confidence: 1.52, support: 0.58, share: 1.18 },
  { offset: -1.48, nearness: 1.15, confidence: 1.73, support: 0.62, share: 1.39 },
  { offset: -2, reading: 1.08, confidence: 1.51, support: 0.61, share: 2.25 },
  { offset: -1.36, confidence: 1.81, support: 0.65, share: 2.77 },
  { offset: -3.57, reading: 0.93, nearness: 1.07, support: 0.63, share: 1.51 },
  { offset: -3.27, nearness: 1.21, support: 0.7, share: 1.9 },
  { offset: -3.6, reading: 1.22, support: 0.69, share: 2.64 },
  { offset: -3.25, support: 0.76, share: 3.41 },
];

/** P(the documents answer the question, and this is their answer), 0 … 1. */
export function answerProbability(signs: AnswerabilitySigns, weights = STARTER_WEIGHTS): number {
  const fitting = weights.find((one) =>
    MISSABLE.every((sign) => (one[sign] === undefined) === (signs[sign] === undefined)),
  );
  if (fitting === undefined) return signs.support * signs.share;
  const values = answerabilityValues(signs);
  const sum = (Object.keys(values) as AnswerabilitySign[]).reduce(
    (total, sign) => total + (fitting[sign] ?? 0) * values[sign],
    fitting.offset,
  );
  return 1 / (1 + Math.exp(-sum));
}

/** The signs on the scales that the weights are for; 0 for what is unknown. */
export function answerabilityValues(signs: AnswerabilitySigns): Required<AnswerabilitySigns> {
  const { reading, nearness, confidence = 0, support, share } = signs;
  return {
    reading: reading === undefined ? 0 : odds(reading),
    nearness: nearness === undefined ? 0 : (nearness - COSINE_ZERO) / COSINE_UNIT,
    confidence: Math.max(LEAST_CONFIDENCE, confidence),
    support: odds(support),
    share,
  };
}

function odds(share: number): number {
  const value = Math.log((share + LEAST_SHARE) / (1 - share + LEAST_SHARE));
  return Math.max(-MOST_ODDS, Math.min(MOST_ODDS, value));
}

/** Whether an answer from these documents may be shown; `threshold` is the dial, 0 … 1. */
export function checkAnswerability(
  signs: AnswerabilitySigns,
  threshold: number,
  weights = STARTER_WEIGHTS,
): CheckResult {
  const probability = answerProbability(signs, weights);
  const { reading, nearness, support, share } = signs;
  const why = [
    `P(the documents answer it) ${probability.toFixed(2)}`,
    ...(reading === undefined ? [] : [`the reader says ${reading.toFixed(2)}`]),
    `support ${support.toFixed(2)}`,
    `${Math.round(100 * share)} % of the question's terms`,
    ...(nearness === undefined ? [] : [`cosine ${nearness.toFixed(2)}`]),
  ].join(', ');
  return probability >= threshold
    ? passed('answerable', probability, why)
    : failed('answerable', probability, why);
}
