/**
 * A candidate that answers what the live version has answered, unseen: how often the two say the same,
 * what each takes, and how often each is right where a person said the label.
 */
export type CandidateShadow = {
  /** The version that serves. */
  readonly against: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Requests that it answered too, and those that it could not. */
  readonly answers: number;
  readonly failed: number;
  /** Answers that were not wholly the same, and the sum of how much of each was, 0 … 1. */
  readonly differing: number;
  readonly agreement: number;
  /** Milliseconds of all answers, of the candidate's and of those that were shown. */
  readonly ownMs: number;
  readonly liveMs: number;
  /** Answers that are kept for a person's label. */
  readonly kept: number;
  readonly labelled: ShadowLabels;
};

/** Rows that a person labelled: those that both have right, and those that only one of them has. */
export type ShadowLabels = {
  readonly rows: number;
  readonly both: number;
  readonly onlyOwn: number;
  readonly onlyLive: number;
};

/** One request that both answered. */
export interface ShadowedAnswer {
  /** 0 … 1: how much of the two is the same; undefined where the candidate gave none. */
  readonly agreement: number | undefined;
  readonly ownMs: number;
  readonly liveMs: number;
  readonly isKept: boolean;
}

/** Who is asked unseen what a spoke has answered. */
export interface ShadowRoute {
  /** NAME@VERSION. */
  readonly spoke: string;
  /** Of specialists that answer with a number: how far off two are the same. */
  readonly tolerance?: number;
  /** Who may use it; absent = every key. */
  readonly readers?: readonly string[];
}

/** Whose receipts the unseen answers of candidates are; no API key has this id. */
export const CANDIDATE_KEY = 'candidate';
