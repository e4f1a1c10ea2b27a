import type { Caller } from './call.ts';

/** Where rows come from that a model wrote by a description; in the manifest, signed. */
export type Described = {
  /** What the specialist does, in a person's words. */
  readonly text: string;
  /** The spoke that wrote the rows, and its model. */
  readonly model: string;
  /** Rows that a person looked at and agreed to; 0 = nobody did. */
  readonly confirmed: number;
};

export type WrittenRow = { readonly text: string; readonly label: string };

/** Candidates that taught nothing, and why. */
export type RejectedRows = {
  readonly reason: string;
  readonly count: number;
  /** Some of them with their label, cut to a line. */
  readonly samples: readonly string[];
};

/** Where the writing stands. */
export type DescribedEvent =
  | {
      readonly stage: 'spoke';
      readonly spoke: string;
      readonly model: string;
      /** Of the rows that the caller has already. */
      readonly kept: number;
      readonly wanted: number;
    }
  /** One more row is kept. */
  | {
      readonly stage: 'row';
      readonly row: WrittenRow;
      readonly kept: number;
      readonly wanted: number;
    }
  | {
      readonly stage: 'asked';
      readonly label: string;
      /** Candidates of this answer that were left out. */
      readonly rejected: number;
      readonly kept: number;
      readonly wanted: number;
    }
  | {
      readonly stage: 'written';
      readonly model: string;
      readonly counts: Readonly<Record<string, number>>;
      readonly rejected: readonly RejectedRows[];
      /** What a person should look at, in words. */
      readonly warnings: readonly string[];
    };

export interface DescriptionWish {
  readonly text: string;
  /** At least two. */
  readonly labels: readonly string[];
  /** Rows of each label that are wanted. */
  readonly perLabel: number;
  readonly seed: number;
  /** Who writes; absent = the largest local spoke that answers in free text. */
  readonly spoke?: string | undefined;
  /** Path of a file of rows that none may be like: those that will be measured on. */
  readonly test?: string | undefined;
  /** Rows that were written before: they are kept, and the others are written beside them. */
  readonly known: readonly WrittenRow[];
}

/** Has rows written by a local spoke of the farm, in the background, and keeps those that pass. */
export interface Descriptions {
  /**
   * Rows as they are kept. Rejects with `invalid_request` (too few passed: what was left out and why),
   * `model_unavailable` (no local spoke), `overloaded`, `deadline_exceeded`.
   */
  write(wish: DescriptionWish, caller: Caller, signal: AbortSignal): AsyncIterable<DescribedEvent>;
}
