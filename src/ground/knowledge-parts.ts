import type { Config } from '../core/config.ts';
import type { CadreError } from '../core/errors.ts';
import type { Clock, Embedder, Parser } from '../core/ports.ts';
import type { OpenSource } from '../core/source.ts';
import type { ChunkStore } from '../core/stores.ts';
import type { GroundEngine } from './engine.ts';
import type { SearchingParts } from './searching.ts';
import type { WeightFittingParts } from './weight-fitting.ts';

/** What the ground room is made of. */
export interface KnowledgeParts extends Pick<SearchingParts, 'isOver'> {
  readonly chunks: ChunkStore;
  readonly parser: Parser;
  readonly openSource: OpenSource;
  /** Undefined while the embedder is not installed. */
  readonly embedder?: () => Embedder | undefined;
  readonly clock: Clock;
  readonly config: Config['ground'];
  /** SHA-256 of a text, hex. */
  readonly hash: (text: string) => string;
  /** What callers made of results. */
  readonly shown?: WeightFittingParts['shown'];
  /** Where chunking and searching run; the calling thread when absent. */
  readonly engine?: GroundEngine;
  /** Told about trouble that no caller waits for: a followed source that cannot be read. */
  readonly onProblem?: (collection: string, error: CadreError) => void;
}
