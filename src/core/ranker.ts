import type { CallOptions } from './ports.ts';

/** A specialist that orders passages for a query; always resident. */
export interface Ranker {
  /** NAME@VERSION. */
  readonly version: string;
  /** All of the texts, best first; equal ones in the order given. */
  doRank(query: string, texts: readonly string[], options: CallOptions): Promise<RankedTexts>;
}

export interface RankedTexts {
  /** Scores are P(relevant), 0 … 1, as the lists that taught it have it. */
  readonly ranked: readonly { readonly index: number; readonly score: number }[];
  /** Tokens that the embedder read. */
  readonly tokens: number;
  /** `dense`: it read vectors. */
  readonly legs: readonly ('lexical' | 'dense')[];
}

/** A name under which passages are ordered. */
export interface RankerName {
  readonly id: string;
  readonly description: string;
  /** Absent = damaged, and no version before it is whole. */
  readonly ranker?: Ranker;
  /** Who may use it; undefined = every key. */
  readonly readers: readonly string[] | undefined;
}
