import type { CacheConfig } from '../core/config-cache.ts';
import type { AnswerCache } from '../run/answer-cache.ts';
import type { Flight } from '../run/flight.ts';
import type { SimilarIndex } from '../run/similar-index.ts';
import type { Ending } from './ending.ts';

/** What equal requests share; absent where the configuration wants none of it. */
export interface SharedAnswers {
  readonly config: CacheConfig;
  readonly cache: AnswerCache;
  /** Answers under way that an equal request can join. */
  readonly flights: Map<string, Flight<Ending>>;
  /** Absent where no spoke shares answers of similar questions. */
  readonly similar?: {
    readonly index: SimilarIndex;
    /** Least cosine by spoke. */
    readonly thresholds: ReadonlyMap<string, number>;
  };
  /** SHA-256 of a text, hex: keys hold no words. */
  readonly hash: (text: string) => string;
  /** Changes with everything in the configuration that answers depend on. */
  readonly version: string;
}
