import { allAre } from '../base/counted.ts';
import { splitSentences } from '../base/sentences.ts';
import { indexTerms } from '../base/tokens.ts';
import type { AnswerChecker, Signs } from '../core/answer-checker.ts';
import { type ChatRequest, type FinishReason, lastUserText, type ToolCall } from '../core/chat.ts';
import type { CheckName, CheckResult } from '../core/decision.ts';
import { type Passage, readableText } from '../core/evidence.ts';
import { checkedProbability } from './answer-checker.ts';
import { signsOf } from './answer-signs.ts';
import { checkAnswerable } from './answerable.ts';
import { checkArithmetic } from './arithmetic.ts';
import { failed, passed, quoted } from './checks.ts';
import { isDeclined, readMarks } from './citation-marks.ts';
import { deepChecks } from './deep-checks.ts';
import { checkRefusal } from './refusal.ts';
import { checkRepetition } from './repetition.ts';
import { checkSchema } from './schema.ts';
import { SupportJudge } from './support.ts';
import { checkTokenConfidence } from './token-confidence.ts';
import { checkToolCalls } from './tool-call.ts';
import { checkTruncation } from './truncation.ts';

export interface AnswerToJudge {
  readonly request: ChatRequest;
  /** As the spoke wrote it, citation marks included. */
  readonly text: string;
  /** The model said, apart from the text, that it does not answer. */
  readonly isRefused?: boolean;
  readonly finishReason: FinishReason;
  readonly toolCalls: readonly ToolCall[];
  /** Evidence the answer had to stand on; empty = none. */
  readonly passages: readonly Passage[];
  /** P(right) before the answer was seen, 0 … 1; 0.5 when absent. */
  readonly prior?: number;
  /** Mean natural log-probability of the answer's tokens, ≤ 0. */
  readonly meanLogprob?: number;
  /** Of the least probable token. */
  readonly leastLogprob?: number;
  /** What the request looks like; '' or absent = nobody knows. */
  readonly task?: string;
  /** With it the answer is held against the words of its request too, and a model makes P(right) of all. */
  readonly checker?: AnswerChecker;
}

export interface AnswerVerdict {
  readonly checks: readonly CheckResult[];
  /** P(right) after the checks, on the gate's scale, 0 … 1. */
  readonly confidence: number;
  /** Where a checker judged. */
  readonly signs?: Signs;
}

/** Least support of a sentence in a whole answer; the release has its own, configured one. */
const SUPPORT_THRESHOLD = 0.5;
/** Sentences of an answer that are compared with the evidence. */
const MOST_SENTENCES = 60;

/** All checks that apply to a whole answer, and what they make of its probability. */
export function judgeAnswer(answer: AnswerToJudge): AnswerVerdict {
  const checks = answer.isRefused
    ? [failed('refusal', 0, 'the model refused to answer')]
    : [...formChecks(answer), ...evidenceChecks(answer)];
  if (answer.meanLogprob !== undefined) checks.push(checkTokenConfidence(answer.meanLogprob));
  const { checker, prior = 0.5 } = answer;
  if (checker === undefined) return { checks, confidence: confidenceOf(checks, prior) };
  const deep = isStep(answer)
    ? { checks: [] }
    : deepChecks(answer.request, answer.task ?? '', answer.text);
  checks.push(...deep.checks);
  const question = lastUserText(answer.request.messages);
  const signs = signsOf({ ...answer, question, ...deep, checks, prior, task: answer.task ?? '' });
  return { checks, confidence: checkedProbability(checker, signs), signs };
}

/** A call or a refusal is nothing that could be held against the request's words. */
function isStep({ toolCalls, isRefused }: AnswerToJudge): boolean {
  return toolCalls.length > 0 || isRefused === true;
}

function formChecks(answer: AnswerToJudge): CheckResult[] {
  const { request, text, toolCalls } = answer;
  const checks = [checkTruncation(text, toolCalls.length > 0 ? 'tool-calls' : answer.finishReason)];
  if (toolCalls.length > 0) checks.push(checkToolCalls(toolCalls, request.tools ?? []));
  // A call is a step on the way to the answer that the schema binds.
  const format = toolCalls.length > 0 ? undefined : request.responseFormat;
  if (format?.type === 'json') checks.push(checkSchema(text, true));
  if (format?.type === 'json-schema') checks.push(checkSchema(text, format.schema));
  const isProse = (request.responseFormat?.type ?? 'text') === 'text';
  if (text.trim() !== '' && isProse)
    checks.push(checkRefusal(text), checkRepetition(text), checkArithmetic(text));
  return checks;
}

function evidenceChecks(answer: AnswerToJudge): CheckResult[] {
  const sentences = answer.passages.flatMap((passage) => passage.sentences);
  if (sentences.length === 0) return [];
  const texts = sentences.map(readableText);
  const context = answer.passages.flatMap((passage) =>
    passage.sentences.flatMap((one) => [readableText(one), ...one.headings, one.path]),
  );
  return [
    checkAnswerable(lastUserText(answer.request.messages), context),
    checkSupport(answer.text, texts, new Set(sentences.map((sentence) => sentence.number))),
  ];
}

/** The least supported sentence decides. */
function checkSupport(
  text: string,
  evidence: readonly string[],
  known: ReadonlySet<number>,
): CheckResult {
  const judge = new SupportJudge(evidence);
  const marked = readMarks(text, known);
  const claims = splitSentences(marked.text)
    .map((sentence) => sentence.text)
    .filter((sentence) => indexTerms(sentence).length > 1)
    .slice(0, MOST_SENTENCES);
  if (isDeclined(marked.text)) return failed('answerable', 0.1, 'the spoke found no answer');
  if (claims.length === 0)
    return marked.text.trim() === '' && marked.numbers.length > 0
      ? passed('support', 0.8, 'the answer is the cited sentences')
      : judge.judgeByWords(marked.text.trim(), SUPPORT_THRESHOLD).check;
  const results = claims.map((claim) => judge.judgeByWords(claim, SUPPORT_THRESHOLD));
  const worst = results.reduce((a, b) => (b.score < a.score ? b : a));
  if (!worst.check.passed) return worst.check;
  const { sentence = '' } = worst.check;
  const least = sentence === '' || claims.length === 1 ? '' : `, least ${quoted(sentence)}`;
  return passed('support', worst.score, `${allAre(claims.length, 'sentence')} supported${least}`);
}

/**
 * What a failed check takes from the log-odds of being right. `arithmetic` was measured on the
 * 1,319 graded GSM8K solutions of two models (RouteLLM's release): Mixtral 64 % right overall, 11 %
 * where an equation does not hold (−2.6 log-odds), 71 % where all hold (+0.3); GPT-4 86 %, 64 %
 * (−1.2) and 86 %. The others are set by what the failure means: a missing schema or an unknown
 * tool is unusable whatever the prior.
 */
const PENALTY: Readonly<Record<CheckName, number>> = {
  truncation: 1.5,
  refusal: 4,
  repetition: 3,
  schema: 5,
  arithmetic: 2.2,
  'tool-call': 5,
  numbers: 3,
  names: 2.5,
  support: 2,
  confidence: 1,
  answerable: 2,
  code: 2,
  copied: 1.5,
  'given-text': 1,
  demands: 1.5,
  kept: 1.5,
  agreement: 1,
};

/** Checks whose score says more than passed or failed: weight of its log-odds. */
const GRADED: Partial<Readonly<Record<CheckName, number>>> = {
  support: 0.7,
  confidence: 0.6,
};

/**
 * P(right) from the gate's prior and the checks, by adding log-odds: logit(prior), minus the
 * penalty of each failed check, plus weight × logit(score) of the graded ones. Checks without a
 * bearing on the answer (a sum check where there is no sum) add nothing. Result 0.001 … 0.999.
 */
export function confidenceOf(checks: readonly CheckResult[], prior: number): number {
  let odds = logit(prior);
  for (const { check, passed: isPassed, score } of checks) {
    const weight = GRADED[check];
    if (weight !== undefined) odds += weight * logit(score);
    if (!isPassed) odds -= PENALTY[check];
    else if (check === 'arithmetic' && score > 0.5) odds += ARITHMETIC_BONUS;
  }
  return clip(1 / (1 + Math.exp(-odds)), 0.001);
}

/** Log-odds that equations which all hold add. */
const ARITHMETIC_BONUS = 0.25;

function logit(probability: number): number {
  const clipped = clip(Number.isFinite(probability) ? probability : 0.5, 0.02);
  return Math.log(clipped / (1 - clipped));
}

function clip(value: number, margin: number): number {
  return Math.min(1 - margin, Math.max(margin, value));
}
