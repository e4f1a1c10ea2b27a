import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';

/** What is seen of a question and its evidence before an answer is shown. */
export interface AnswerabilitySigns {
  /** P(yes) of the model that was asked whether the sentences answer the question, 0 … 1. */
  readonly reading?: number;
  /** Highest cosine of the question and a sentence (bge-small). */
  readonly nearest?: number;
  /** Largest share of the question's key terms in one sentence with its headings, 0 … 1. */
  readonly share: number;
}

/** Log-odds of the reading beyond this are taken as this: one token is no certainty. */
const MOST_READING = 4;
/** Cosines of unrelated sentences begin here; per tenth above it one unit. */
const COSINE_ZERO = 0.6;
const COSINE_UNIT = 0.1;

/** Of one of the four cases: with and without a reading, with and without an embedder. */
export interface AnswerabilityWeights {
  readonly offset: number;
  readonly reading?: number;
  readonly nearest?: number;
  readonly share: number;
}

/**
 * Logistic weights by what is known, from `cadre bench knowledge-declining --fit`: questions over
 * abstracts, package documentation, invented documents and a handbook, each with its document and
 * without it, read by the starter farm's 1.5B model.
 */
export const STARTER_WEIGHTS: readonly AnswerabilityWeights[] = [
  { offset: -2.43, reading: 1.66, nearest: 0.5, share: 1.57 },
  { offset: -2.06, reading: 1.95, share: 1.8 },
  { offset: -2.99, nearest: 1.17, share: 2.45 },
  { offset: -2.41, share: 3.86 },
];
/** Log-odds that a spoke's own “not in the documents” takes away. */
const DECLINED = 2;

/** P(the documents answer the question), 0 … 1. */
export function answerProbability(
  signs: AnswerabilitySigns,
  weights = STARTER_WEIGHTS,
  isDeclined = false,
): number {
  const fitting = weights.find(
    (one) =>
      (one.reading === undefined) === (signs.reading === undefined) &&
      (one.nearest === undefined) === (signs.nearest === undefined),
  );
  const values = answerabilityValues(signs);
  const sum =
    (fitting?.offset ?? 0) +
    (fitting?.reading ?? 0) * values.reading +
    (fitting?.nearest ?? 0) * values.nearest +
    (fitting?.share ?? 0) * values.share -
    (isDeclined ? DECLINED : 0);
  return 1 / (1 + Math.exp(-sum));
}

/** The signs on the scales that the weights are for; 0 for what is unknown. */
export function answerabilityValues(signs: AnswerabilitySigns): Required<AnswerabilitySigns> {
  const { reading = 0.5, nearest = COSINE_ZERO, share } = signs;
  const odds = Math.log(reading / (1 - reading));
  return {
    reading: Math.max(-MOST_READING, Math.min(MOST_READING, odds)),
    nearest: (nearest - COSINE_ZERO) / COSINE_UNIT,
    share,
  };
}

/** Whether an answer from these documents may be shown; `threshold` is the dial, 0 … 1. */
export function checkAnswerability(
  signs: AnswerabilitySigns,
  threshold: number,
  weights = STARTER_WEIGHTS,
): CheckResult {
  const probability = answerProbability(signs, weights);
  const why = [
    `P(the documents answer it) ${probability.toFixed(2)}`,
    ...(signs.reading === undefined ? [] : [`the reader says ${signs.reading.toFixed(2)}`]),
    `a sentence has ${Math.round(100 * signs.share)} % of the question's terms`,
    ...(signs.nearest === undefined ? [] : [`cosine ${signs.nearest.toFixed(2)}`]),
  ].join(', ');
  return probability >= threshold
    ? passed('answerable', probability, why)
    : failed('answerable', probability, why);
}
