import type { DocumentFilter } from './document-filter.ts';
import type { LegName, MissingLeg, Passage } from './evidence.ts';

/** What is searched for. */
export interface SearchWish {
  readonly collection: string;
  readonly query: string;
  readonly limit: number;
  /** Undefined = an operator, who may read everything. */
  readonly principals: readonly string[] | undefined;
  readonly filter?: DocumentFilter | undefined;
}

/** What a search found, and how. */
export interface SearchResult {
  /** Under which what is opened of the passages can be noted; absent where one leg alone ranked. */
  readonly id?: string;
  readonly passages: readonly Passage[];
  /** Weight of meaning in the sum, 0 … 1; absent where meaning took no part. */
  readonly denseWeight?: number;
  /** Which legs ranked: without embeddings the latent leg takes the place of the dense one. */
  readonly legs: readonly LegName[];
  /** Legs that would have helped; absent when none is missing. */
  readonly missingLegs?: readonly MissingLeg[];
  /** Where a spoke was to read the best passages again. */
  readonly rerank?: Rerank;
  readonly indexVersion: number;
  readonly ms: number;
}

/** How far a spoke came with the best passages. */
export interface Rerank {
  readonly spoke: string;
  /** Passages that it said yes or no of, out of `of`. */
  readonly read: number;
  readonly of: number;
  readonly ms: number;
}
