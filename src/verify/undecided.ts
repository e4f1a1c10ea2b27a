import type { SupportJudgement } from '../core/evidence.ts';
import { failed, passed } from './checks.ts';
import type { SupportJudge, SupportResult } from './support.ts';

/** Asks a model about a sentence and its nearest evidence; undefined where it gave no answer. */
export type SecondLook = (
  sentence: string,
  nearest: readonly string[],
) => Promise<SupportJudgement | undefined>;

/** Evidence sentences that a model is shown. */
export const NEAREST_SHOWN = 3;

/**
 * Log-odds of “supported” are this much of the scorer's and of the model's log-odds. Fitted on 96
 * undecided sentences (`cadre bench knowledge-judge 24 --fit`): .73 and .77, offset .10; so few rows
 * do not tell them from one weight for both.
 */
const WEIGHT = 0.75;
/** The model's word is not taken for surer than it was on any of those sentences. */
const SUREST = 0.98;

/**
 * Judges sentences; where the scorer is undecided a model is asked, at most so often, and its word
 * weighed in. Vetoes are no matter of weighing.
 */
export class SentenceSupport {
  readonly #judge: SupportJudge;
  readonly #evidence: readonly string[];
  readonly #look: SecondLook | undefined;
  #left: number;

  constructor(
    judge: SupportJudge,
    evidence: readonly string[],
    asking: { readonly look: SecondLook; readonly most: number } | undefined,
  ) {
    this.#judge = judge;
    this.#evidence = evidence;
    this.#look = asking?.look;
    this.#left = asking?.most ?? 0;
  }

  /** `threshold` is the least P(supported) that passes, 0 … 1. */
  async judge(sentence: string, threshold: number): Promise<SupportResult> {
    const result = await this.#judge.judge(sentence, threshold);
    if (!result.isUndecided || this.#look === undefined || this.#left <= 0) return result;
    this.#left -= 1;
    const nearest = result.ranked.slice(0, NEAREST_SHOWN);
    const judgement = await this.#look(
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
  const odds = WEIGHT * (logOdds(result.score) + logOdds(supported));
  const score = 1 / (1 + Math.exp(-odds));
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
