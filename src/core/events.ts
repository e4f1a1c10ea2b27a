import type { FinishReason, JsonObject, TokenLogprob, TokenUsage } from './chat.ts';
import type { AnswerAssessment, CheckResult, PolicyVerdict, RouteDecision } from './decision.ts';
import type { ErrorCode } from './errors.ts';
import type { Abstention, Citation, Contradiction, Passage } from './evidence.ts';
import type { Fault } from './fault.ts';
import type { ReadingEnd, ReadingPart, ReadingStep } from './reading.ts';
import type { Receipt } from './receipt.ts';
import type { SharedAnswer } from './shared-answer.ts';

/**
 * The one stream. Every request yields `request-accepted` first and exactly one of `answer-ended`
 * or `request-failed` last. Server-sent events map it, a JSON answer folds it, the console replays
 * it, the recorder keeps it.
 */
export type CadreEvent =
  | {
      readonly type: 'request-accepted';
      readonly id: string;
      /** Milliseconds since the epoch. */
      readonly at: number;
      readonly model: string;
      readonly depth: number;
      readonly parent?: string;
    }
  | { readonly type: 'policy-judged'; readonly verdict: PolicyVerdict }
  | { readonly type: 'source-found'; readonly passage: Passage }
  /** One more look into the documents after the first search. */
  | { readonly type: 'reading-step'; readonly step: ReadingStep }
  | {
      readonly type: 'reading-ended';
      readonly ended: ReadingEnd;
      readonly parts: readonly ReadingPart[];
    }
  | { readonly type: 'route-decided'; readonly decision: RouteDecision }
  /** The answer that follows was or is computed for another request. */
  | { readonly type: 'answer-shared'; readonly shared: SharedAnswer }
  | {
      readonly type: 'model-loading';
      readonly model: string;
      /** 0 … 1. */
      readonly progress: number;
    }
  | {
      readonly type: 'prompt-read';
      readonly spoke: string;
      readonly promptTokens: number;
      readonly cachedTokens: number;
      readonly ms: number;
    }
  | {
      readonly type: 'text-delta';
      readonly choice: number;
      readonly text: string;
      readonly logprobs?: readonly TokenLogprob[];
      readonly citations?: readonly Citation[];
      /** The text says why the model does not answer. */
      readonly refusal?: true;
    }
  /** The answer passes as it comes from the upstream; its text is in no event. */
  | { readonly type: 'answer-relayed'; readonly spoke: string }
  /** Thought of the model, shown where the dialect has a place for it; never checked, never cited. */
  | {
      readonly type: 'thinking-delta';
      readonly choice: number;
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
    }
  | {
      readonly type: 'tool-call-delta';
      readonly choice: number;
      readonly index: number;
      /** Given once, with the first delta of a call. */
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
      /** Fields of OpenAI's dialect that the house does not know, for its clients. */
      readonly extra?: JsonObject;
    }
  | { readonly type: 'check-passed'; readonly result: CheckResult }
  | { readonly type: 'check-failed'; readonly result: CheckResult }
  /** What a planned cascade made of an answer and does with it. */
  | { readonly type: 'answer-assessed'; readonly assessment: AnswerAssessment }
  | {
      readonly type: 'route-escalated';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      /** The first one failed; absent = its answer did not pass its checks. */
      readonly failed?: true;
    }
  /** A try failed before anything was shown; `next` is what is done about it. */
  | {
      readonly type: 'attempt-failed';
      readonly spoke: string;
      readonly code: ErrorCode;
      readonly fault?: Fault;
      readonly message: string;
      readonly next: NextMove;
    }
  /** The circuit of a destination, or of one model there, opened, half-opened or closed. */
  | {
      readonly type: 'circuit-changed';
      readonly circuit: string;
      readonly state: 'open' | 'half-open' | 'closed';
      /** Milliseconds until a probe is let through; with `open`. */
      readonly forMs?: number;
    }
  /** The first spoke was slow to begin, so a second one is asked beside it; the first to speak wins. */
  | {
      readonly type: 'hedge-started';
      readonly from: string;
      readonly to: string;
      readonly afterMs: number;
    }
  | { readonly type: 'hedge-won'; readonly spoke: string; readonly loser: string }
  | { readonly type: 'plan-made'; readonly steps: readonly PlanStep[] }
  | { readonly type: 'step-started'; readonly step: string; readonly receipt: string }
  | {
      readonly type: 'step-ended';
      readonly step: string;
      readonly receipt: string;
      readonly text: string;
    }
  /** Sources of the answer that cannot both hold. */
  | { readonly type: 'sources-differ'; readonly contradictions: readonly Contradiction[] }
  | { readonly type: 'answer-abstained'; readonly abstention: Abstention }
  | {
      readonly type: 'choice-ended';
      readonly choice: number;
      readonly finishReason: FinishReason;
      /** The stop sequence that ended it, where one did and the model says so. */
      readonly stopSequence?: string;
    }
  | { readonly type: 'answer-ended'; readonly usage: TokenUsage; readonly receipt: Receipt }
  | {
      readonly type: 'request-failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly param?: string;
      /** Seconds a caller should wait. */
      readonly retryAfter?: number;
      readonly receipt: Receipt;
    };

/** What follows a failed try: the same model again, another spoke, or the error to the caller. */
export type NextMove =
  | {
      readonly move: 'retry';
      readonly waitMs: number;
      /** Whether the server named the time or back-off with jitter chose it. */
      readonly why: 'retry-after' | 'backoff';
    }
  | { readonly move: 'elsewhere' | 'stop'; readonly why: string };

export interface PlanStep {
  readonly id: string;
  readonly instruction: string;
  /** Ids of the steps whose results this one reads. */
  readonly after: readonly string[];
  /** Which virtual model or spoke the step asks for. */
  readonly model: string;
}
