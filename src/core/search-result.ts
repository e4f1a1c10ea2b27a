import type { LegName, MissingLeg, Passage } from './evidence.ts';

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
  readonly indexVersion: number;
  readonly ms: number;
}
