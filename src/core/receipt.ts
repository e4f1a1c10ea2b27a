import type { FinishReason, TokenUsage } from './chat.ts';
import type { AnswerAssessment, CheckResult, PolicyVerdict, RouteDecision } from './decision.ts';
import type { ErrorCode } from './errors.ts';
import type { Abstention, DocumentEdition, LegDeviations } from './evidence.ts';
import type { Fault } from './fault.ts';
import type { ReadingEnd, ReadingStep } from './reading.ts';
import type { ShadowOutcome } from './shadow.ts';
import type { SharedAnswer } from './shared-answer.ts';

export type Outcome = 'answered' | 'abstained' | 'failed' | 'cancelled';

/** Why a spoke was asked: chosen by the route, or after what happened before. */
export type AttemptCause =
  | 'route'
  | 'retry'
  | 'fallback'
  | 'escalation'
  | 'hedge'
  | 'choice'
  | 'agreement';

/** One try of one spoke within a request. */
export interface Attempt {
  readonly spoke: string;
  readonly model: string;
  readonly destination: string;
  readonly usage: TokenUsage;
  readonly promptMs: number;
  readonly generationMs: number;
  /** That a local model had meanwhile, on average; absent where it was cut or is remote. */
  readonly threads?: number;
  /** `skipped`: not asked at all, because its circuit is open; `compared`: only for a second opinion. */
  readonly outcome:
    | 'released'
    | 'escalated'
    | 'abstained'
    | 'failed'
    | 'cancelled'
    | 'skipped'
    | 'compared';
  /** Absent = `route`. */
  readonly cause?: AttemptCause;
  /** Milliseconds waited before this try. */
  readonly waitedMs?: number;
  /** The one request that finds out whether a model that failed too often answers again. */
  readonly probe?: boolean;
  /** A classifier answered that none of its labels fits. */
  readonly isNone?: true;
  /** What went wrong with a remote model. */
  readonly fault?: Fault;
  /** Of the error that ended the attempt; absent where no error did. */
  readonly code?: ErrorCode;
  readonly reason?: string;
}

/** Work for a request that is no answer of a spoke. */
export type WorkKind = 'embeddings' | 'rerank' | 'moderations';

export interface StageTiming {
  readonly stage: 'policy' | 'ground' | 'gate' | 'queue' | 'load' | 'run' | 'verify' | 'record';
  readonly ms: number;
}

export interface Cost {
  /** US dollars. */
  readonly total: number;
  /** What the same tokens would have cost at the reference price. */
  readonly reference: number;
  readonly referenceName: string;
}

export interface Energy {
  readonly joules: number;
  /** `measured` from a power counter of the machine, `modelled` from busy CPU seconds × watts. */
  readonly tier: 'measured' | 'modelled';
}

/** A request with all that it delegated. */
export interface Total {
  readonly usage: TokenUsage;
  readonly cost: Cost;
  readonly energy: Energy;
}

/** One sentence an answer stands on, without its text (text is kept only by opt-in). */
export interface SourceReference {
  readonly collection: string;
  readonly documentId: string;
  readonly documentVersion: number;
  readonly path: string;
  /** When the document had been changed last, in milliseconds since the epoch. */
  readonly modifiedAt?: number;
  /** Version of the collection in which the sentence was found. */
  readonly indexVersion?: number;
  readonly page?: number;
  readonly line?: number;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** What words and meaning made of its passage; absent where one leg alone ranked. */
  readonly deviations?: LegDeviations;
  readonly cited: boolean;
}

/** A reading without its words. */
export interface ReadingRecord {
  readonly steps: readonly Omit<ReadingStep, 'asked'>[];
  readonly ended: ReadingEnd;
  /** Parts of the question, and those of which the documents say nothing. */
  readonly parts: number;
  readonly open: number;
}

/**
 * What happened to a request and why; the answer to `cadre why ID`. It is stored without a word of
 * the request, the answer, the documents or a vendor; those are KeptText.
 */
export interface Receipt {
  readonly id: string;
  /** Absent where an answer was asked for. */
  readonly operation?: WorkKind;
  readonly parent?: string;
  readonly children: readonly string[];
  readonly depth: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly requestedModel: string;
  /** Id of the API key, or `loopback`. */
  readonly key: string;
  readonly outcome: Outcome;
  readonly policy?: PolicyVerdict;
  readonly route?: RouteDecision;
  readonly attempts: readonly Attempt[];
  readonly sources: readonly SourceReference[];
  /**
   * Documents that words of its answer may come from: cited or, where the answer cites nothing, found;
   * with those of answers in its messages and of what it delegated. Absent where there is none.
   */
  readonly standsOn?: readonly DocumentEdition[];
  /** Why the documents may have said more than was found; absent where nothing is known. */
  readonly warnings?: readonly string[];
  /** Kept words are not shown: a document that it stands on is gone, or closed to the reader. */
  readonly isWithheld?: true;
  /** What was read beyond the first search; absent where that was enough. */
  readonly reading?: ReadingRecord;
  readonly checks: readonly CheckResult[];
  /** What a planned cascade made of its answers, in the order of asking; absent where there was none. */
  readonly assessments?: readonly AnswerAssessment[];
  readonly abstention?: Omit<Abstention, 'nearest'>;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly finishReason?: FinishReason;
  readonly usage: TokenUsage;
  /** Milliseconds from acceptance; absent when nothing was released. */
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  readonly stages: readonly StageTiming[];
  readonly cost: Cost;
  readonly energy: Energy;
  /** With everything that was delegated; absent where nothing was. */
  readonly total?: Total;
  /** P(answer is right) after the checks, 0 … 1. */
  readonly confidence?: number;
  /** Hashed features of the request, never its text: index → count. */
  readonly featureHashes: readonly number[];
  /** Given where the answer was not computed for this request: who computed it. */
  readonly cache?: Omit<SharedAnswer, 'usage'>;
  /** Given where an answered request was asked again, unseen: what came of it. */
  readonly shadow?: ShadowOutcome;
  /** Place of the signed ledger leaf; null while the farm keeps no ledger. */
  readonly ledger: null;
}
