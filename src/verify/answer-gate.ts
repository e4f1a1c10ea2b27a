import { questionParts } from '../base/question-parts.ts';
import type { CheckResult } from '../core/decision.ts';
import {
  type AnswerabilityFit,
  type AnswerabilitySigns,
  answerProbability,
  checkAnswerability,
} from './answerability.ts';
import { missingTerms, questionShare } from './answerable.ts';
import { failed } from './checks.ts';

export interface AnswerGateOptions {
  readonly question: string;
  /** Evidence sentences with their headings and paths. */
  readonly contexts: readonly string[];
  /** Per evidence sentence: the path of its document. */
  readonly documents: readonly string[];
  /** Least P(the documents answer the question), 0 … 1. */
  readonly threshold: number;
  /** P(yes) of the model that read the sentences; absent where none was asked. */
  readonly reading?: number;
  /** Those of the starter farm when absent. */
  readonly weights?: AnswerabilityFit;
}

/** What was found of the first sentence of an answer. */
export interface FirstSentence {
  readonly text: string;
  /** P(supported), 0 … 1. */
  readonly support: number;
  /** Indices of the evidence sentences that carry it. */
  readonly carriers: readonly number[];
}

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
  check(first: FirstSentence, question?: string): CheckResult {
    const { threshold, weights } = this.#options;
    return {
      ...checkAnswerability(this.signs(first, question), threshold, weights),
      sentence: first.text,
    };
  }

  /** What is left of it when the spoke says that the sentences do not hold the answer. */
  declined(sentence: string): CheckResult {
    return declinedBySpoke(
      sentence,
      answerProbability(this.declinedSigns(), this.#options.weights),
    );
  }

  /**
   * Only what carries the answer counts: a spoke says the question's words again, whatever the
   * documents hold. Of a question that asks for several things the one that it speaks of most.
   */
  signs(
    { support, carriers }: Pick<FirstSentence, 'support' | 'carriers'>,
    question?: string,
  ): AnswerabilitySigns {
    const { contexts, documents, reading } = this.#options;
    const carrying = carriers.map((index) => contexts[index] ?? '');
    const asked = question ?? this.#nearestPart(carrying);
    const own = new Set(carriers.map((index) => documents[index]));
    const around = contexts.filter((_, index) => own.has(documents[index]));
    return {
      support,
      share: questionShare(asked, carrying),
      missing: missingTerms(asked, around).length,
      ...(reading === undefined ? {} : { reading }),
    };
  }

  #nearestPart(texts: readonly string[]): string {
    const { question } = this.#options;
    const parts = questionParts(question).map((one) => one.asked);
    const shares = parts.map((one) => questionShare(one, texts));
    return parts[shares.indexOf(Math.max(...shares))] ?? question;
  }

  /** The evidence alone, as if the sentence that has most of the question had been said without support. */
  declinedSigns(): AnswerabilitySigns {
    const { question, contexts } = this.#options;
    const shares = contexts.map((context) => questionShare(question, [context]));
    return this.signs({ support: 0, carriers: [shares.indexOf(Math.max(...shares))] });
  }
}
