import {
  type AnswerChecker,
  answerCheckerSchema,
  SIGNS,
  type Sign,
  type Signs,
} from '../core/answer-checker.ts';
import shipped from './answer-checker.generated.json' with { type: 'json' };

/** Fitted by `bench gate-cascade` on development answers of the starter models. */
export const SHIPPED_CHECKER: AnswerChecker = answerCheckerSchema.parse(shipped);

/** A checker that believes what was believed before; for reading the signs alone. */
export const UNFITTED: AnswerChecker = {
  version: 1,
  weights: { prior: 1 },
  offset: 0,
  power: { tasks: {}, rest: 0, shared: 0.5, agreeing: { right: 0.5, wrong: 0.5 } },
  rows: 0,
  source: 'nothing',
};

const LEAST = 0.001;

/** P(right) of an answer with these signs, 0.001 … 0.999. */
export function checkedProbability({ weights, offset }: AnswerChecker, signs: Signs): number {
  let odds = offset;
  for (const sign of SIGNS) odds += (weights[sign] ?? 0) * signs[sign];
  const probability = 1 / (1 + Math.exp(-odds));
  return Math.min(1 - LEAST, Math.max(LEAST, probability));
}

const WORDS: Readonly<Partial<Record<Sign, string>>> = {
  logprobCopying: 'unsure tokens',
  logprobChoice: 'unsure tokens',
  logprobProse: 'unsure tokens',
  leastData: 'one very unsure value',
  leastCopying: 'one very unsure token',
  leastProse: 'one very unsure token',
  hedging: 'hedging words',
  refusal: 'it declines',
  truncation: 'it is cut',
  repetition: 'it repeats itself',
  schema: 'it does not fit its schema',
  sumsWrong: 'a sum does not hold',
  sumsRight: 'all sums hold',
  numbersUnused: 'numbers of the question are not used',
  resultFraction: 'a fraction as the result of whole numbers',
  resultCopied: 'its result is a number of the question',
  resultMissing: 'no number as the result',
  sumsHeld: 'all sums hold',
  numbersFresh: 'numbers that the question does not have',
  codeBroken: 'its code cannot be parsed',
  codeWhole: 'its code can be parsed',
  valuesMissing: 'values that are not in the text',
  valuesEmpty: 'empty fields',
  valuesDoubtful: 'values of the wrong kind or in two fields',
  unsupported: 'words that are not in the text',
  demandsBroken: 'it is not as ordered',
  demandsMet: 'it is as ordered',
  factsLost: 'words to keep are gone',
  factsKept: 'all words to keep are there',
};

/** Log-odds below which a sign is no reason. */
const LEAST_REASON = 0.1;
const MOST_REASONS = 3;

/** What moved the probability most, in words without a word of the answer; a sign that is always there is no reason. */
export function checkedReasons({ weights }: AnswerChecker, signs: Signs): string[] {
  const moves = new Map<string, number>();
  for (const sign of SIGNS) {
    const move = (weights[sign] ?? 0) * signs[sign];
    const words = sign === 'agreement' ? agreementWords(signs.agreement) : WORDS[sign];
    if (words !== undefined) moves.set(words, (moves.get(words) ?? 0) + move);
  }
  return [...moves]
    .filter(([, move]) => Math.abs(move) >= LEAST_REASON)
    .sort((left, right) => Math.abs(right[1]) - Math.abs(left[1]))
    .slice(0, MOST_REASONS)
    .map(([words]) => words);
}

function agreementWords(agreement: number): string | undefined {
  if (agreement === 0) return undefined;
  return agreement > 0 ? 'a second spoke says the same' : 'a second spoke says something else';
}
