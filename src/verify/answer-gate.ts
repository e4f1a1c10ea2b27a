import type { CheckResult } from '../core/decision.ts';
import {
  type AnswerabilitySigns,
  type AnswerabilityWeights,
  answerProbability,
  checkAnswerability,
} from './answerability.ts';
import { questionShare } from './answerable.ts';
import { failed } from './checks.ts';
import type { SupportJudge } from './support.ts';

export interface AnswerGateOptions {
  readonly question: string;
  /** Evidence sentences with their headings and paths. */
  readonly contexts: readonly string[];
  readonly judge: SupportJudge;
  /** Least P(the documents answer the question), 0 … 1. */
  readonly threshold: number;
  /** P(yes) of the model that read the sentences; absent where none was asked. */
  readonly reading?: number;
  /** Those of the starter farm when absent. */
  readonly weights?: readonly AnswerabilityWeights[];
}

/** Sentences whose meaning is compared with the question; the rest is ruled out by words. */
const MOST_COMPARED = 24;
/** From here on the documents surely answer: what only words speak against is no objection. */
const SURE = 0.85;

/** Whether the documents answer the question at all, worked out once for an answer. */
export class AnswerGate {
  readonly #options: AnswerGateOptions;
  #signs: Promise<AnswerabilitySigns> | undefined;

  constructor(options: AnswerGateOptions) {
    this.#options = options;
  }

  async check(): Promise<CheckResult> {
    const { threshold, weights } = this.#options;
    return checkAnswerability(await this.signs(), threshold, weights);
  }

  /** What is left of it when the spoke says that the sentences do not hold the answer. */
  async declined(sentence: string): Promise<CheckResult> {
    const probability = answerProbability(await this.signs(), this.#options.weights, true);
    const detail = 'the spoke says that the sentences do not hold the answer';
    return { ...failed('answerable', probability, detail), sentence };
  }

  /** Sure enough that what only words speak against is no objection; never without a reading. */
  async isSure(): Promise<boolean> {
    const { reading } = this.#options;
    return reading !== undefined && (await this.check()).score >= SURE;
  }

  signs(): Promise<AnswerabilitySigns> {
    this.#signs ??= this.#compare();
    return this.#signs;
  }

  async #compare(): Promise<AnswerabilitySigns> {
    const { question, contexts, judge, reading } = this.#options;
    const shares = contexts.map((context) => questionShare(question, [context]));
    const compared = [...contexts.keys()]
      .sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b)
      .slice(0, MOST_COMPARED);
    const nearest = await judge.nearness(question, compared);
    return {
      share: Math.max(0, ...shares),
      ...(nearest === undefined ? {} : { nearest }),
      ...(reading === undefined ? {} : { reading }),
    };
  }
}
