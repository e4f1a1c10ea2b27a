import type { SupportJudgement } from '../core/evidence.ts';
import { failed, passed } from './checks.ts';
import type { SupportJudge, SupportResult } from './support.ts';
import type { UnjudgedReading } from './support-usual.ts';

/** Asks a model about a sentence and its nearest evidence; undefined where it gave no answer. */
export type SecondLook = (
  sentence: string,
  nearest: readonly string[],
) => Promise<SupportJudgement | undefined>;

/** What is done with each sentence that is judged. */
export interface SentenceHelp {
  /** A model that is asked about undecided sentences, and about how many at most. */
  readonly secondLook?: { readonly look: SecondLook; readonly most: number };
  /** Called with what the scorer saw of the sentence, before it is judged. */
  readonly onRead?: (reading: UnjudgedReading) => void;
}

/** Evidence sentences that a model is shown. */
export const NEAREST_SHOWN = 3;

/**
 * Log-odds of “supported” are this much of the scorer's and of the model's log-odds. Fitted on 96
 * undecided sentences (`cadre bench knowledge-judge 24 --fit`): .75 and 1.09, offset .34; so few rows
 * do not tell them from one weight for both, which is then .95.
 */
const WEIGHT = 0.95;
/** The model's word is not taken for surer than it was on any of those sentences. */
const SUREST = 0.98;

/**
 * Judges sentences; where the scorer is undecided a model is asked, at most so often, and its word
 * weighed in. Vetoes are no matter of weighing.
 */
export class SentenceSupport {
  readonly #judge: SupportJudge;
  readonly #evidence: readonly string[];
  readonly #help: SentenceHelp;
  #left: number;

  constructor(judge: SupportJudge, evidence: readonly string[], help: SentenceHelp) {
    this.#judge = judge;
    this.#evidence = evidence;
    this.#help = help;
    this.#left = help.secondLook?.most ?? 0;
  }

  /** `threshold` is the least P(supported) that passes, 0 … 1. */
  async judge(sentence: string, threshold: number): Promise<SupportResult> {
    const { secondLook, onRead } = this.#help;
    const reading = await this.#judge.read(sentence);
    onRead?.(reading);
    const result = this.#judge.resultOf(sentence, reading, threshold);
    if (!result.isUndecided || secondLook === undefined || this.#left <= 0) return result;
    this.#left -= 1;
    const nearest = result.ranked.slice(0, NEAREST_SHOWN);
    const judgement = await secondLook.look(
      sentence,
      nearest.map((index) => this.#evidence[index] ?? ''),
    );
    return judgement === undefined ? result : weighIn(result, judgement, threshold);
  }
}

/** The result with what a model said of the sentence. */
export function weighIn(
  result: SupportResult,
  judgement: SupportJudgement,
  threshold: number,
): SupportResult {
  const { supported, contradicted, notStated } = judgement;
  const score = joinedShare(result.score, supported);
  const { sentence, detail } = result.check;
  const said = `${detail}; a model was asked: supported ${supported.toFixed(2)}, contradicted ${contradicted.toFixed(2)}, not stated ${notStated.toFixed(2)}, which makes P(supported) ${score.toFixed(2)}`;
  const check =
    score >= threshold ? passed('support', score, said) : failed('support', score, said);
  return {
    ...result,
    score,
    verdict: score >= threshold ? 'supported' : unsupported(result, judgement),
    check: sentence === undefined ? check : { ...check, sentence },
  };
}

/** P(supported) by the scorer's and the model's. */
export function joinedShare(score: number, supported: number): number {
  return 1 / (1 + Math.exp(-WEIGHT * (logOdds(score) + logOdds(supported))));
}

function unsupported(
  { verdict }: SupportResult,
  { supported, contradicted, notStated }: SupportJudgement,
): SupportResult['verdict'] {
  if (verdict !== 'supported' && verdict !== 'not-found') return verdict;
  return contradicted > Math.max(supported, notStated) ? 'contradicted' : 'not-found';
}

function logOdds(share: number): number {
  const bounded = Math.min(SUREST, Math.max(1 - SUREST, share));
  return Math.log(bounded / (1 - bounded));
}
