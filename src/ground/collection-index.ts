import { indexTerms } from '../base/tokens.ts';
import { fuse } from './fusion.ts';
import { LEXICAL_DEFAULTS, LexicalIndex, type LexicalOptions } from './lexical-index.ts';
import { textKey } from './text-key.ts';
import { NO_COSINE, VectorIndex } from './vector-index.ts';

/** What an index needs of a chunk. */
export interface IndexedChunk {
  readonly id: string;
  readonly documentId: string;
  readonly indexText: string;
  readonly embedding?: Float32Array;
}

export interface IndexChanges {
  /** Ids of documents that are gone or replaced; their chunks leave before the new ones enter. */
  readonly dropped: readonly string[];
  readonly chunks: readonly IndexedChunk[];
}

export interface IndexQuery {
  readonly query: string;
  readonly queryVector?: Float32Array;
  readonly limit: number;
  /** Weight of the dense leg, 0 … 1. */
  readonly denseWeight: number;
}

export interface RankedChunk {
  readonly chunkId: string;
  readonly score: number;
  readonly lexicalScore: number;
  readonly denseScore?: number;
  /** Share of the query's informative words that the chunk has, 0 … 1. */
  readonly coverage: number;
}

export interface IndexAnswer {
  readonly ranked: readonly RankedChunk[];
  readonly dense: boolean;
}

/** An embedding with the key of the text it stands for. */
export interface KnownVector {
  readonly key: number;
  readonly vector: Float32Array;
}

/** Share of removed places at which the arrays are written anew. */
const REMOVED_SHARE = 0.25;

/** Both legs over the chunks of one collection, in memory, kept live by changes. */
export class CollectionIndex {
  #lexical: LexicalIndex;
  #vectors = new VectorIndex();
  #chunkIds: string[] = [];
  #keys: number[] = [];
  #places = new Map<string, number[]>();

  constructor(options: LexicalOptions = LEXICAL_DEFAULTS) {
    this.#lexical = new LexicalIndex(options);
  }

  get chunkCount(): number {
    return this.#lexical.aliveCount;
  }

  applyChanges(changes: IndexChanges): void {
    for (const documentId of changes.dropped) this.#drop(documentId);
    for (const chunk of changes.chunks) {
      const place = this.#lexical.add(indexTerms(chunk.indexText));
      this.#vectors.add(chunk.embedding);
      this.#chunkIds[place] = chunk.id;
      this.#keys[place] = textKey(chunk.indexText);
      const places = this.#places.get(chunk.documentId);
      if (places === undefined) this.#places.set(chunk.documentId, [place]);
      else places.push(place);
    }
    if (this.#lexical.size - this.#lexical.aliveCount > REMOVED_SHARE * this.#lexical.size + 64)
      this.#compact();
  }

  search(query: IndexQuery): IndexAnswer {
    const terms = indexTerms(query.query);
    const words = this.#lexical.prepare(terms);
    const { scores } = this.#lexical.score(terms);
    const cosines = query.queryVector && this.#vectors.score(query.queryVector);
    if (cosines !== undefined) this.#hideRemoved(cosines);
    const fused = fuse(scores, cosines, query);
    const ranked = fused.map(({ place, ...scored }) => ({
      chunkId: this.#chunkIds[place] ?? '',
      ...scored,
      coverage: this.#lexical.coverageOf(words, place),
    }));
    return { ranked, dense: cosines !== undefined };
  }

  vectorsOf(documentId: string): KnownVector[] {
    return (this.#places.get(documentId) ?? []).flatMap((place) => {
      const vector = this.#vectors.vectorOf(place);
      return vector === undefined ? [] : [{ key: this.#keys[place] ?? 0, vector: vector.slice() }];
    });
  }

  #drop(documentId: string): void {
    for (const place of this.#places.get(documentId) ?? []) this.#lexical.remove(place);
    this.#places.delete(documentId);
  }

  #hideRemoved(cosines: Float32Array): void {
    for (let place = 0; place < cosines.length; place += 1)
      if (!this.#lexical.isAlive(place)) cosines[place] = NO_COSINE;
  }

  #compact(): void {
    const kept: number[] = [];
    const chunkIds: string[] = [];
    const keys: number[] = [];
    const places = new Map<string, number[]>();
    for (const [documentId, old] of this.#places) {
      places.set(
        documentId,
        old.map((place) => {
          kept.push(place);
          keys.push(this.#keys[place] ?? 0);
          return chunkIds.push(this.#chunkIds[place] ?? '') - 1;
        }),
      );
    }
    this.#lexical = this.#lexical.keep(kept);
    this.#vectors = this.#vectors.keep(kept);
    this.#chunkIds = chunkIds;
    this.#keys = keys;
    this.#places = places;
  }
}
