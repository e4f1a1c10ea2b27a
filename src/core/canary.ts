/**
 * A candidate that answers a small share of the requests, and what is known of it beside the live
 * version, by grades of the same time.
 */
export type CanaryTrial = {
  /** The version that serves the others. */
  readonly against: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Part of the requests, 0 … 1. */
  readonly share: number;
  /**
   * `guard`: it passed beside the live version on rows, and goes live unless callers find it worse.
   * `proof`: it did not, and goes live only where callers find it better.
   */
  readonly mode: 'guard' | 'proof';
  /** Grades of the live version since the candidate's last one. */
  readonly block: GradeBlock;
  /** Graded answers of the candidate that were compared with such a block. */
  readonly pairs: number;
  /** Sum of its grades less the blocks' means. */
  readonly difference: number;
  /** Natural logarithm of what each stake has made of 1 by betting on better, and on worse. */
  readonly better: readonly number[];
  readonly worse: readonly number[];
  /** Absent = nothing of it was looked at yet. */
  readonly left?: LeftTest;
};

export type GradeBlock = { readonly count: number; readonly sum: number };

/**
 * The answers that nobody graded: 1 for one that was left as it is, 0 for one that gave way to another
 * spoke or whose caller asked another. It can only speak against the candidate.
 */
export type LeftTest = Pick<CanaryTrial, 'block' | 'pairs' | 'difference' | 'worse'> & {
  /** Requests up to this time were looked at, milliseconds since the epoch. */
  readonly until: number;
};

/** After so many days what passed on rows and is not behind goes live, and what did not goes back. */
export const TRIAL_DAYS = { guard: 7, proof: 30 } as const satisfies Record<
  CanaryTrial['mode'],
  number
>;

const DAY_MS = 86_400_000;

/** When a trial is over whatever was found, milliseconds since the epoch. */
export function trialEnd({ mode, since }: Pick<CanaryTrial, 'mode' | 'since'>): number {
  return since + TRIAL_DAYS[mode] * DAY_MS;
}

/** Where requests to a spoke go at times. */
export interface CanaryRoute {
  /** NAME@VERSION. */
  readonly spoke: string;
  readonly share: number;
}

/** A number of [0, 1) that a version, a key and what the request is about give: always the same. */
export function trialDraw(version: string, key: string, about: string): number {
  let hash = 0x811c9dc5;
  for (const letter of `${version}\0${key}\0${about}`)
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  // The low bits of such a sum are less even than the high ones.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
