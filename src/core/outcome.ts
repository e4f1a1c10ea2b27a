/** What a caller may say about an answer; each may be said once and changed. */
export type FeedbackSource = 'thumbs' | 'correction' | 'score';

/** What one source said about the answer of a receipt. */
export interface FeedbackRow {
  /** Id of the receipt. */
  readonly receipt: string;
  readonly source: FeedbackSource;
  /** Id of the API key that said it. */
  readonly key: string;
  /** How good the answer was, 0 … 1; a correction says 0. */
  readonly score: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The words of a correction; only where the key keeps text, and deleted with it. */
  readonly text?: string;
}

/** A grade of one spoke's answer within a request, from whoever can tell: what the gate learns from. */
export interface Outcome {
  readonly spoke: string;
  /**
   * `verification`: P(right) after the checks. `escalation`: the next spoke had to be asked.
   * `shadow`: compared with what another spoke made of it, unseen.
   */
  readonly source: FeedbackSource | 'verification' | 'escalation' | 'shadow';
  /** 0 … 1. */
  readonly score: number;
}

/** A past request with the grades of its answers; text of its caller. */
export interface GradedAnswer {
  readonly prompt: string;
  readonly task?: string;
  /** By spoke, 0 … 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** US dollars by spoke, as they were expected of all that might have answered. */
  readonly costs: Readonly<Record<string, number>>;
  /** Who graded, by spoke. */
  readonly sources?: Readonly<Record<string, Outcome['source']>>;
  /** What was seen of a checked answer, by spoke: signs of its checks, no word of it. */
  readonly signs?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the row counts when a gate is fitted, 0 … 1; absent = 1. */
  readonly weight?: number;
  /** Seconds to the last token by spoke, as they were expected. */
  readonly seconds?: Readonly<Record<string, number>>;
}

/** Some of the farm's graded requests, newest first. */
export interface GradedPage {
  readonly rows: readonly GradedAnswer[];
  /** Requests of the page whose text was kept, graded or not. */
  readonly keptCount: number;
  /** Where the next page begins; absent on the last one. */
  readonly next?: { readonly before: number; readonly beforeId: string };
}
