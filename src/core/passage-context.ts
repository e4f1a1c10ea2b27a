/** How far the sentences about a document's passages are. */
export interface ContextCount {
  /** Who wrote them, and to which order. */
  readonly model: string;
  readonly version: number;
  /** Passages with a sentence. */
  readonly written: number;
  /** Passages that stay without one, by the reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The sentence about a passage that is indexed with it, or why there is none. */
export interface ChunkContext {
  /** Hash of the model and of all that it was asked. */
  readonly key: string;
  readonly text?: string;
  readonly problem?: string;
}

/** How far the sentences about a collection's passages are. */
export interface ContextStanding {
  readonly spoke: string;
  readonly written: number;
  /** Passages that stay without one, by the reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Why no further ones are written now; for operators. */
  readonly problem?: string;
}
