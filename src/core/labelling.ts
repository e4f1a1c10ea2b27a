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
}

/** Which part of the traffic a specialist learns from. */
export type TrafficWish = {
  /** What was asked for as `model`, or a task of the gate such as `classify`. */
  readonly capability: string;
  /** The labels there are; null = those that the answers name. */
  readonly labels: readonly string[] | null;
};
