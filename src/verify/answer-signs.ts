import { words } from '../base/tokens.ts';
import type { Sign, Signs } from '../core/answer-checker.ts';
import type { CheckName, CheckResult } from '../core/decision.ts';
import type { CopiedValues } from './copied-values.ts';
import { sumSigns } from './sum-signs.ts';

/** What the signs are read from. */
export interface SignSources {
  readonly text: string;
  /** What the user asked. */
  readonly question: string;
  readonly checks: readonly CheckResult[];
  readonly prior: number;
  /** What the request looks like; '' = nobody knows. */
  readonly task: string;
  /** Natural logarithms: of all tokens on average, and of the least probable one. */
  readonly meanLogprob?: number;
  readonly leastLogprob?: number;
  readonly copied?: CopiedValues;
}

const COPYING: ReadonlySet<string> = new Set(['extract', 'reading', 'rewrite']);
const CHOICE: ReadonlySet<string> = new Set(['classify', 'multiple-choice']);
const HEDGES =
  /\b(?:maybe|perhaps|possibly|probably|might be|could be|not sure|unclear|i think|i believe|i assume|approximately|assuming|it depends|however|unfortunately)\b|可能|大概|vielleicht|peut-être|quizás/gi;
const MOST_TEXT = 12_000;
const LEAST_MEAN = -3;
const LEAST_TOKEN = -6;
const LEAST_PRIOR = 0.02;

/** An answer as numbers; linear in at most 12,000 characters. */
export function signsOf(sources: SignSources): Signs {
  const text = sources.text.slice(0, MOST_TEXT);
  return {
    ...beliefSigns(sources),
    length: Math.log1p(words(text).length),
    hedging: Math.log1p(text.match(HEDGES)?.length ?? 0),
    ...calculationSigns(sources, text),
    ...checkSigns(sources),
  };
}

type Some<Names extends Sign> = Pick<Signs, Names>;

/** What was believed before, and how sure the model was of its tokens, by the kind of job. */
function beliefSigns({ task, prior, copied, meanLogprob, leastLogprob }: SignSources) {
  const mean = known(meanLogprob) ? Math.max(LEAST_MEAN, Math.min(0, meanLogprob)) : 0;
  const least = known(leastLogprob) ? Math.max(LEAST_TOKEN, Math.min(0, leastLogprob)) : 0;
  const isData = copied !== undefined;
  const isCopying = !isData && COPYING.has(task);
  const isChoice = !isData && CHOICE.has(task);
  return {
    prior: logOdds(prior),
    priorData: isData ? logOdds(prior) : 0,
    data: Number(isData),
    copying: Number(isCopying),
    choice: Number(isChoice),
    logprobKnown: Number(known(meanLogprob)),
    logprobCopying: isCopying ? mean : 0,
    logprobChoice: isChoice ? mean : 0,
    logprobProse: isData || isCopying || isChoice ? 0 : mean,
    leastKnown: Number(known(leastLogprob)),
    leastData: isData ? least : 0,
    leastCopying: isCopying ? least : 0,
    leastProse: isCopying || isData ? 0 : least,
  };
}

function calculationSigns(
  { task, question }: SignSources,
  text: string,
): Some<
  | 'numbersUnused'
  | 'resultFraction'
  | 'resultCopied'
  | 'resultMissing'
  | 'sumsHeld'
  | 'numbersFresh'
  | 'lengthRatio'
> {
  const sum = task === 'arithmetic' ? sumSigns(question, text) : undefined;
  return {
    numbersUnused: sum === undefined ? 0 : 1 - sum.used,
    resultFraction: Number(sum?.fraction === true),
    resultCopied: Number(sum?.copied === true),
    resultMissing: Number(sum?.none === true),
    sumsHeld: sum?.held ?? 0,
    numbersFresh: sum?.fresh ?? 0,
    lengthRatio: sum?.length ?? 0,
  };
}

/** What the checks said. */
function checkSigns({ checks, copied }: SignSources) {
  const find = (name: CheckName) => checks.find((one) => one.check === name);
  const hasFailed = (name: CheckName) =>
    Number(checks.some((one) => one.check === name && !one.passed));
  const sums = find('arithmetic');
  const grounds = checks.filter((one) => one.check === 'given-text' || one.check === 'support');
  const support = grounds.length === 0 ? undefined : Math.min(...grounds.map((one) => one.score));
  const kept = find('kept')?.score;
  return {
    refusal: hasFailed('refusal'),
    truncation: hasFailed('truncation'),
    repetition: hasFailed('repetition'),
    schema: Math.max(hasFailed('schema'), hasFailed('tool-call')),
    sumsWrong: hasFailed('arithmetic'),
    sumsRight: Number(sums?.passed === true && sums.score > 0.5),
    codeBroken: hasFailed('code'),
    codeWhole: Number(find('code')?.passed === true),
    valuesMissing: copied === undefined || copied.check.passed ? 0 : 1 - copied.check.score,
    valuesEmpty: copied?.empty ?? 0,
    valuesDoubtful: copied?.doubtful ?? 0,
    unsupported: support === undefined ? 0 : 1 - support,
    supported: support === undefined ? 0 : support,
    demandsBroken: hasFailed('demands'),
    demandsMet: Number(find('demands')?.passed === true),
    factsLost: kept === undefined ? 0 : 1 - kept,
    factsKept: Number(kept === 1),
    agreement: 2 * ((find('agreement')?.score ?? 0.5) - 0.5),
  };
}

function known(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

function logOdds(probability: number): number {
  const clipped = Math.min(1 - LEAST_PRIOR, Math.max(LEAST_PRIOR, probability));
  return Number.isFinite(clipped) ? Math.log(clipped / (1 - clipped)) : 0;
}
