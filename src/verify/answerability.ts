import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';

/** What is seen of a question, its evidence and the first sentence of an answer. */
export interface AnswerabilitySigns {
  /** P(yes) of the model that was asked whether the sentences answer the question, 0 … 1. */
  readonly reading?: number;
  /** P(the evidence supports the sentence), 0 … 1; 0 where the spoke declined. */
  readonly support: number;
  /** Share of the question's key terms in what carries the answer, with its headings, 0 … 1. */
  readonly share: number;
  /**
   * How many key terms of the question none of the found sentences of those documents has, ≥ 0: the
   * contract, the trial or the condition that was asked about and that they are not about.
   */
  readonly missing: number;
}

export type AnswerabilitySign = keyof AnswerabilitySigns;
export type AnswerabilityWeights = { readonly offset: number } & {
  readonly [sign in AnswerabilitySign]?: number;
};

/** Log-odds beyond this are taken as this: no sign is a certainty. */
const MOST_ODDS = 4;
const LEAST_SHARE = 1e-3;
/** More terms than this that are missing say no more: a long question is no wrong one. */
const MOST_MISSING = 4;

/** Logistic weights with a reading and without one. */
export interface AnswerabilityFit {
  readonly read: AnswerabilityWeights;
  readonly unread: AnswerabilityWeights;
}

/**
 * From
 * `cadre bench knowledge-declining --fit`: what the starter farm's 1.5B model said to questions
 * over abstracts, package documentation, invented documents and a handbook, each with its document
 * and without it.
 */
const STARTER_WEIGHTS: AnswerabilityFit = {
  read: { offset: -1.57, reading: 0.89, support: 0.35, share: 2.18, missing: -0.58 },
  unread: { offset: -0.95, support: 0.38, share: 2.65, missing: -0.65 },
};

/** P(the documents answer the question, and this is their answer), 0 … 1. */
export function answerProbability(signs: AnswerabilitySigns, weights = STARTER_WEIGHTS): number {
  const fitting = signs.reading === undefined ? weights.unread : weights.read;
  const values = answerabilityValues(signs);
  const sum = (Object.keys(values) as AnswerabilitySign[]).reduce(
    (total, sign) => total + (fitting[sign] ?? 0) * values[sign],
    fitting.offset,
  );
  return 1 / (1 + Math.exp(-sum));
}

/** The signs on the scales that the weights are for; 0 for what is unknown. */
export function answerabilityValues({
  reading,
  support,
  share,
  missing,
}: AnswerabilitySigns): Required<AnswerabilitySigns> {
  return {
    reading: reading === undefined ? 0 : odds(reading),
    support: odds(support),
    share,
    missing: Math.min(MOST_MISSING, missing),
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
  const { reading, support, share, missing } = signs;
  const why = [
    `P(the documents answer it) ${probability.toFixed(2)}`,
    ...(reading === undefined ? [] : [`the reader says ${reading.toFixed(2)}`]),
    `support ${support.toFixed(2)}`,
    `${Math.round(100 * share)} % of the question's terms`,
    ...(missing === 0 ? [] : [`${missing} of them nowhere in its documents`]),
  ].join(', ');
  return probability >= threshold
    ? passed('answerable', probability, why)
    : failed('answerable', probability, why);
}
