/** `auto`: where a question has several parts or a passage points elsewhere; `deep`: wherever something is missing. */
export const READING_MODES = ['off', 'auto', 'deep'] as const;
export type ReadingMode = (typeof READING_MODES)[number];

export function isReadingMode(value: string): value is ReadingMode {
  return READING_MODES.some((one) => one === value);
}

/**
 * Why something was looked for: a part of the question; a section or document that a passage names;
 * a passage that goes on next door; a name that a passage brought and the rest of the question.
 */
export type ReadingReason = 'part' | 'section' | 'document' | 'neighbour' | 'name';

/** One search, or one look into a document, after the first search. */
export interface ReadingStep {
  readonly reason: ReadingReason;
  /** What was looked for; '' where text is not kept. */
  readonly asked: string;
  /** Passages that were not there before. */
  readonly found: number;
  readonly ms: number;
}

/** `complete`: nothing was left to follow; otherwise what cut the reading short. */
export type ReadingEnd = 'complete' | 'steps' | 'time' | 'trouble';

/** A part of the question, and whether the documents speak of it at all. */
export interface ReadingPart {
  readonly asked: string;
  readonly isFound: boolean;
}

/** What was read beyond the first search; absent where that was enough. */
export interface Reading {
  readonly steps: readonly ReadingStep[];
  readonly ended: ReadingEnd;
  /** Two or more; none where the question is one. */
  readonly parts: readonly ReadingPart[];
}
