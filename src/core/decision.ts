import type { Label } from './label.ts';

/** Why a candidate may not serve. A value, not an error. */
export interface Rejection {
  readonly id: string;
  readonly code:
    | 'label'
    | 'context-length'
    | 'modality'
    | 'tools'
    | 'schema'
    | 'memory'
    | 'health'
    | 'budget'
    | 'not-installed'
    | 'no-evidence'
    | 'not-suited'
    | 'depth';
  readonly reason: string;
}

/** What policy found about one request, before any model is chosen. */
export interface PolicyVerdict {
  readonly label: Label;
  /** Which rule, header or default gave the label, in words. */
  readonly labelReasons: readonly string[];
  readonly destinations: readonly DestinationVerdict[];
}

export interface DestinationVerdict {
  /** `local`, or the id of a destination in the configuration. */
  readonly destination: string;
  readonly allowed: boolean;
  readonly reason: string;
}

export interface Candidate {
  readonly spoke: string;
  /** Estimated P(answer is right), 0 … 1. */
  readonly probability: number;
  /** Graded requests of such kinds that stand behind it; absent where a request names its spoke. */
  readonly graded?: number;
  /** Where it lies with 90 % confidence, by `graded`; only where the gate is asked for its reasons. */
  readonly range?: { readonly low: number; readonly high: number };
  /** US dollars for this request. */
  readonly cost: number;
  /** Milliseconds to the last token, loading included. */
  readonly latencyMs: number;
  readonly resident: boolean;
  /** Graded requests that a fitted gate knows it by, where it joined without a new fit. */
  readonly joinedRows?: number;
}

/** What is promised of a choice that a certificate made. */
export interface CertifiedPromise {
  /** Loses at most `alpha` of what `reference` gets right, with confidence 1 − `delta`. */
  readonly reference: string;
  readonly alpha: number;
  readonly delta: number;
  /** Part of the reference's right answers that the chosen spoke is expected to lose on such requests, 0 … 1. */
  readonly expectedLoss: number;
  /** Expected loss up to which a cheaper spoke answers; absent = the reference alone. */
  readonly threshold?: number;
}

/** A word of the request without which its task would be told otherwise. */
export interface TellingWord {
  readonly word: string;
  /** By how much the log-odds of the likely task fall without it, natural logarithm. */
  readonly weight: number;
}

/** What is done with a checked answer. */
export type NextStep = 'stop' | 'second' | 'reference';

/** A cheap spoke first, whose answer is checked; another one only where it is not sure enough. */
export interface CascadePlan {
  readonly first: string;
  readonly next: string;
  /** P(right) after the checks from which on the first answer stays, 0 … 1. */
  readonly threshold: number;
  /** Share of such requests that go on to `next`, 0 … 1. */
  readonly escalates: number;
  /** P(the answer that is shown is right), 0 … 1. */
  readonly quality: number;
  /** Expected US dollars and milliseconds, the checks included. */
  readonly cost: number;
  readonly latencyMs: number;
  /** What would have been asked at once. */
  readonly instead: { readonly spoke: string; readonly cost: number; readonly latencyMs: number };
  /** A small spoke whose agreement may make the first answer sure enough. */
  readonly second?: string;
}

/** What the checks made of one spoke's answer; no word of it. */
export interface AnswerAssessment {
  readonly spoke: string;
  /** P(right) before it was seen, and after the checks, 0 … 1. */
  readonly prior: number;
  readonly probability: number;
  /** What moved it most, in words. */
  readonly reasons: readonly string[];
  /** Milliseconds that the checks took. */
  readonly checkMs: number;
  readonly step: NextStep;
  /** What was seen of the answer, as numbers by name. */
  readonly signs: Readonly<Record<string, number>>;
}

/** Which spoke answers and why. */
export interface RouteDecision {
  readonly spoke: string;
  /** The quality the route promises, 0 … 1. */
  readonly promise: number;
  readonly chosen: Candidate;
  readonly runnerUp?: Candidate;
  readonly candidates: readonly Candidate[];
  readonly rejected: readonly Rejection[];
  /** Task posterior, most probable first. */
  readonly tasks: readonly { readonly task: string; readonly probability: number }[];
  readonly features: Readonly<Record<string, number>>;
  /** Words that tell the task, the strongest first; only where the gate is asked for its reasons. */
  readonly telling?: readonly TellingWord[];
  /** Short sentences, the deciding one first. */
  readonly reasons: readonly string[];
  /** What would have changed the choice, in words. */
  readonly counterfactual?: string;
  /** Absent where no certificate decided: then `promise` did. */
  readonly certified?: CertifiedPromise;
  /** Spokes to try after the chosen one when its checks fail, in order. */
  readonly cascade: readonly string[];
  /** Absent where the chosen spoke is asked at once. */
  readonly plan?: CascadePlan;
  /** Spokes to ask when the chosen one fails, in order; absent where there are none. */
  readonly fallback?: readonly string[];
  /** A spoke to ask beside the chosen one when that is slow to begin. */
  readonly hedge?: string;
  readonly stickiness?: 'session' | 'tool-loop';
}

export type CheckName =
  | 'truncation'
  | 'refusal'
  | 'repetition'
  | 'schema'
  | 'arithmetic'
  | 'tool-call'
  | 'numbers'
  | 'names'
  | 'support'
  | 'confidence'
  | 'answerable'
  | 'code'
  | 'copied'
  | 'given-text'
  | 'demands'
  | 'kept'
  | 'agreement';

export interface CheckResult {
  readonly check: CheckName;
  readonly passed: boolean;
  /** 0 … 1, how sure the check is that the answer is right in its respect. */
  readonly score: number;
  /** What the check saw, in words. */
  readonly detail: string;
  /** The sentence it looked at, for checks sentence by sentence. */
  readonly sentence?: string;
}
