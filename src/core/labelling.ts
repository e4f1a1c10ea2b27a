/**
 * Who says a label, the most trusted first: a person; a tool call that passed its checks; the answer of
 * the spoke that was asked after another gave way; an answer that the checks or another spoke agree
 * with; an answer that nobody judged.
 */
export const LABEL_SOURCES = ['human', 'tool', 'escalation', 'judge', 'answer'] as const;
export type LabelSource = (typeof LABEL_SOURCES)[number];

/** What one source says of one text. */
export type LabelVote = {
  readonly label: string;
  readonly source: LabelSource;
  /** Milliseconds since the epoch. */
  readonly at: number;
};

/** A request whose text was kept, and what is said of its label. */
export interface TrafficText {
  /** Id of its receipt. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly votes: readonly LabelVote[];
  /** Labels that a person said it has not. */
  readonly denied: readonly string[];
  /** What a candidate that answers unseen says otherwise than the answer that was shown. */
  readonly differs?: string;
}

/** Which part of the traffic a specialist learns from. */
export type TrafficWish = {
  /** What was asked for as `model`, or a task of the gate such as `classify`. */
  readonly capability: string;
  /** The labels there are; null = those that the answers name. */
  readonly labels: readonly string[] | null;
};

/** A label that may be chosen for a text, and who proposes it. */
export type LabelChoice = {
  readonly label: string;
  /** What a model that has not been told gives it, 0 … 1; null = no model says. */
  readonly probability: number | null;
  readonly sources: readonly LabelSource[];
};

/** A text whose label a person should say. */
export type QueueRow = {
  /** Id of its receipt. */
  readonly row: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Without personal data, cut to a screen. */
  readonly text: string;
  /** At most nine, so that a key chooses one. */
  readonly choices: readonly LabelChoice[];
  /** Why it is asked for, in words. */
  readonly reason: string;
};

/** The rows whose label would teach most, the most useful first. */
export type LabelQueue = {
  readonly capability: string;
  /** NAME@VERSION whose guesses were used; null = there is none, a model of the traffic guesses. */
  readonly specialist: string | null;
  /** Those that are known, sorted. */
  readonly labels: readonly string[];
  readonly rows: readonly QueueRow[];
  /** Different texts of the capability, and those of them that a person labelled. */
  readonly texts: number;
  readonly given: number;
};

/** A label that a person gave a text; it outranks what everything else says of it. */
export type GivenLabel = {
  readonly capability: string;
  /** Id of the receipt. */
  readonly row: string;
  readonly label: string;
  /** Id of the key that gave it. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Without personal data; null = it is kept no more. */
  readonly text: string | null;
};

/** Whose traffic is labelled: of a specialist, or of a capability. */
export type LabelScope = {
  /** A specialist, whose guesses are asked; its traffic is what it was taught from, or requests to it. */
  readonly name?: string | undefined;
  readonly capability?: string | undefined;
};

/** What people say of the labels of kept traffic; for who may read all of it. */
export interface Labels {
  /** Rejects with `model_not_found`, `invalid_request` (no such traffic), `overloaded`. */
  queue(
    wish: LabelScope & {
      readonly labels?: readonly string[] | null | undefined;
      readonly limit: number;
    },
    signal: AbortSignal,
  ): Promise<LabelQueue>;
  /** On the disk before it resolves; replaces what was said of the row before. */
  give(
    wish: LabelScope & {
      readonly row: string;
      readonly label: string;
      /** Also where the specialist has no such label yet. */
      readonly isNew?: boolean | undefined;
      readonly key: string;
    },
  ): Promise<GivenLabel>;
  /** Newest first; `after` = the row that the page before ended with. */
  list(
    scope: LabelScope & { readonly limit: number; readonly after?: string | undefined },
  ): Promise<readonly GivenLabel[]>;
  /** False where nobody gave one. */
  takeBack(scope: LabelScope & { readonly row: string }): Promise<boolean>;
}
