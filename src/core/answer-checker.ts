import { z } from 'zod';

/**
 * What is seen of an answer, as numbers without a word of it. Log-odds, logarithms and shares; 0
 * where a check does not apply.
 */
export const SIGNS = [
  /** Log-odds of being right before the answer was seen. */
  'prior',
  /** The same where values of JSON were checked. */
  'priorData',
  /** What kind of job it is: values of JSON, a copying job, a choice. */
  'data',
  'copying',
  'choice',
  'logprobKnown',
  /** Mean natural log-probability of the tokens (of JSON it tells of braces and keys, so it is left out): of copying jobs, of choices, of everything else. */
  'logprobCopying',
  'logprobChoice',
  'logprobProse',
  'leastKnown',
  /** Least log-probability of a token: of a value of JSON, of a copying job, of everything else. */
  'leastData',
  'leastCopying',
  'leastProse',
  /** ln(1 + words). */
  'length',
  'hedging',
  'refusal',
  'truncation',
  'repetition',
  'schema',
  'sumsWrong',
  'sumsRight',
  /** Of an answer to a calculation: share of the question's numbers that it leaves out, and the form of its result. */
  'numbersUnused',
  'resultFraction',
  'resultCopied',
  'resultMissing',
  'sumsHeld',
  'numbersFresh',
  'lengthRatio',
  'codeBroken',
  'codeWhole',
  'valuesMissing',
  'valuesEmpty',
  'valuesDoubtful',
  'unsupported',
  'supported',
  'demandsBroken',
  'demandsMet',
  'factsLost',
  'factsKept',
  /** −1 … 1: does a second spoke say the same; 0 = not asked. */
  'agreement',
] as const;

export type Sign = (typeof SIGNS)[number];
export type Signs = Readonly<Record<Sign, number>>;

const share = z.number().min(0).max(1);

/** How well the checks tell right answers from wrong ones; what a gate needs to know beforehand. */
export const checkPowerSchema = z.strictObject({
  /**
   * Distance of right from wrong answers of one task, in standard deviations of the log-odds that the
   * checks add (d′ of two normal distributions); 0 = the checks tell nothing.
   */
  tasks: z.record(z.string(), z.number().min(0).max(6)),
  rest: z.number().min(0).max(6),
  /** Of what the dearer spoke would get wrong, the share that it gets right where the cheap one is right. */
  shared: share,
  /** P(a second small spoke says the same | the first is right), and | it is wrong. */
  agreeing: z.strictObject({ right: share, wrong: share }),
});
export type CheckPower = z.infer<typeof checkPowerSchema>;

/** A logistic model of P(right) on the signs of an answer. */
export const answerCheckerSchema = z.strictObject({
  version: z.literal(1),
  weights: z.partialRecord(z.enum(SIGNS), z.number()),
  offset: z.number(),
  power: checkPowerSchema,
  rows: z.number().int().min(0),
  /** Where the graded answers come from, in words. */
  source: z.string(),
});
export type AnswerChecker = z.infer<typeof answerCheckerSchema>;
