export interface IndexProgress {
  readonly collection: string;
  readonly stage: 'listing' | 'reading' | 'embedding' | 'ready';
  readonly done: number;
  readonly total: number;
  readonly path?: string;
  /** Given while documents are read: how many of all that are there can be found already. */
  readonly coverage?: { readonly found: number; readonly of: number };
  /** Given with `ready`. */
  readonly summary?: IndexSummary;
}

export interface IndexSummary {
  readonly documents: number;
  readonly chunks: number;
  readonly added: number;
  readonly changed: number;
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
  /** Sources that could not be listed, by name; absent where all could. */
  readonly unlisted?: readonly { readonly path: string; readonly reason: string }[];
  /** When what failed is tried again by itself, milliseconds since the epoch. */
  readonly retryAt?: number;
  /** False when the embedder was not there and only the lexical leg was built. */
  readonly dense: boolean;
}
