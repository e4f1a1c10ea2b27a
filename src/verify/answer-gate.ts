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
  /** Log-probability of the answer's first token, once it is there and the model tells it. */
  readonly confidence?: () => number | undefined;
  /** Those of the starter farm when absent. */
  readonly weights?: readonly AnswerabilityWeights[];
}

/** What was found of the first sentence of an answer. */
export interface FirstSentence {
  readonly text: string;
  /** P(supported), 0 … 1. */
  readonly support: number;
  /** Indices of the evidence sentences that carry it. */
  readonly carriers: readonly number[];
}

/** Sentences whose meaning is compared with the question; the rest is ruled out by words. */
const MOST_COMPARED = 24;

/** The spoke wrote that it has no answer; `probability` that there is one all the same, 0 … 1. */
export function declinedBySpoke(sentence: string, probability: number): CheckResult {
  const detail = 'the spoke says that the sentences do not hold the answer';
  return { ...failed('answerable', probability, detail), sentence };
}

/** Whether the documents answer the question, told with the first sentence of an answer. */
export class AnswerGate {
  readonly #options: AnswerGateOptions;

  constructor(options: AnswerGateOptions) {
    this.#options = options;
  }

  /** Against one part of the question where `question` is given. */
  async check(first: FirstSentence, question?: string): Promise<CheckResult> {
    const { threshold, weights } = this.#options;
    return {
      ...checkAnswerability(await this.signs(first, question), threshold, weights),
      sentence: first.text,
    };
  }

  /** What is left of it when the spoke says that the sentences do not hold the answer. */
  async declined(sentence: string): Promise<CheckResult> {
    const probability = answerProbability(await this.declinedSigns(), this.#options.weights);
    return declinedBySpoke(sentence, probability);
  }

  async signs(
    { text, support, carriers }: FirstSentence,
    question = this.#options.question,
  ): Promise<AnswerabilitySigns> {
    const { contexts, judge } = this.#options;
    const carrying = carriers.map((index) => contexts[index] ?? '');
    return this.#with({
      nearness: await judge.nearness(question, carriers),
      support,
      share: questionShare(question, [text, ...carrying]),
    });
  }

  /** The evidence alone, as if its nearest sentence had been said without support. */
  async declinedSigns(): Promise<AnswerabilitySigns> {
    const { question, contexts, judge } = this.#options;
    const shares = contexts.map((context) => questionShare(question, [context]));
    const compared = [...contexts.keys()]
      .sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b)
      .slice(0, MOST_COMPARED);
    return this.#with({
      nearness: await judge.nearness(question, compared),
      support: 0,
      share: Math.max(0, ...shares),
    });
  }

  #with({
    nearness,
    support,
    share,
  }: {
    nearness: number | undefined;
    support: number;
    share: number;
  }): AnswerabilitySigns {
    const { reading } = this.#options;
    const confidence = this.#options.confidence?.();
    return {
      support,
      share,
      ...(nearness === undefined ? {} : { nearness }),
      ...(reading === undefined ? {} : { reading }),
      ...(confidence === undefined ? {} : { confidence }),
    };
  }
}
