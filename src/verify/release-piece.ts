import type { CheckResult } from '../core/decision.ts';
import type { Citation, Contradiction, Passage } from '../core/evidence.ts';
import type { ReadingPart } from '../core/reading.ts';
import type { AnswerabilityFit } from './answerability.ts';
import type { Embed } from './support.ts';
import type { SupportScorer } from './support-scorer.ts';
import type { SentenceHelp } from './undecided.ts';

/** Asks a model to say a sentence as its nearest evidence does; undefined where it does not. */
export type Rewrite = (sentence: string, nearest: readonly string[]) => Promise<string | undefined>;

export interface CheckedReleaseOptions extends SentenceHelp {
  /** Evidence; without any, only the form of the sentences is checked. */
  readonly passages: readonly Passage[];
  /** Least P(supported) of a sentence that is shown, 0 … 1. */
  readonly threshold: number;
  /** The one that ships when absent. */
  readonly scorer?: SupportScorer;
  /** What the threshold promises, in words; told with every sentence that passes. */
  readonly promise?: string;
  readonly embed?: Embed;
  /** A model that says unsupported sentences anew, as their sources do. */
  readonly rewrite?: Rewrite;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  /** What was asked; with it, sentences that are true but beside the question are held back too. */
  readonly question?: string;
  /** Parts of the question where it asks for several things: each is judged and told by itself. */
  readonly parts?: readonly ReadingPart[];
  /** With it, an answer to a question that the documents do not answer is held back. */
  readonly answerability?: {
    /** Least P(the documents answer the question), 0 … 1. */
    readonly threshold: number;
    /** P(yes) of the model that was asked whether they do; absent where none was. */
    readonly reading?: number;
    /** Those of the starter farm when absent. */
    readonly weights?: AnswerabilityFit;
  };
  /** Evidence sentences that cannot both hold: told behind an answer that cites one of them. */
  readonly contradictions?: readonly Contradiction[];
  /** Nobody answers after this spoke: refusals and wrong sums are shown and named, not held back. */
  readonly isLast?: boolean;
}

export type ReleasePiece =
  | {
      readonly checks: readonly CheckResult[];
      readonly release: { readonly text: string; readonly citations: readonly Citation[] };
      /** The text tells of these. */
      readonly contradictions?: readonly Contradiction[];
    }
  | {
      readonly checks: readonly CheckResult[];
      readonly reject: CheckResult;
      /** Of a sentence that no source says or contradicts: indices of the evidence, nearest first. */
      readonly nearest?: readonly number[];
    };

/** Nothing of it is shown. */
export function rejection(check: CheckResult): ReleasePiece & { readonly reject: CheckResult } {
  return { checks: [check], reject: check };
}
