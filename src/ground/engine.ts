import type { WeightFit } from '../core/collection-weight.ts';
import { toCadreError } from '../core/errors.ts';
import type { IndexFiles } from '../core/index-files.ts';
import type { ParsedDocument } from '../core/ports.ts';
import { type ChunkedDocument, type ChunkOrigin, toChunks } from './chunks.ts';
import {
  CollectionIndex,
  type IndexAnswer,
  type IndexedChunk,
  type IndexQuery,
} from './collection-index.ts';
import type { DocumentFacts } from './document-table.ts';
import { type RankedText, type RankOrder, rankTexts } from './rank-texts.ts';
import type { Grades } from './retrieval-set.ts';
import { type IndexOrigin, openSaved, saveTo } from './saved-index.ts';
import { type FitOptions, fitBySignals, type WeightTrial } from './weight-fit.ts';
import { type ShownList, shownTrials } from './weight-shown.ts';

/** Changes that lead from one revision of an index to the next. */
export interface EngineChanges {
  /** Revision that the index must have; 0 = begin an empty one. */
  readonly from: number;
  readonly to: number;
  readonly dropped: readonly string[];
  readonly documents?: readonly DocumentFacts[];
  readonly chunks: readonly IndexedChunk[];
}

export interface TrialOrder {
  readonly query: string;
  readonly queryVector: Float32Array;
  readonly grades: Grades;
  readonly weights: readonly number[];
}

export interface FitOrder extends FitOptions {
  readonly judged: readonly WeightTrial[];
  readonly shown: readonly ShownList[];
}

/** A saved index that is in the engine now, at revision 1. */
export type OpenedIndex =
  | { readonly origin: IndexOrigin; readonly chunkCount: number }
  | { readonly problem?: string };

/**
 * The part of grounding that takes processor time. It runs in a thread of its own wherever a server
 * answers requests: chunking a book takes seconds, indexing 1,000 chunks about 100 ms, a search
 * over 5,000 embedded chunks 4 ms and over 30,000 about 25 ms.
 */
export interface GroundEngine {
  chunk(document: ParsedDocument, origin: Omit<ChunkOrigin, 'hash'>): Promise<ChunkedDocument>;
  /** False when the index is not at revision `from`: it was lost and must be loaded again. */
  apply(collection: string, changes: EngineChanges): Promise<boolean>;
  /** Undefined when the index is not at that revision. */
  search(collection: string, revision: number, query: IndexQuery): Promise<IndexAnswer | undefined>;
  /**
   * How high a query finds documents by each weight of meaning (`CollectionIndex.tryWeights`), as a
   * list with one trial or none; undefined when the index is not at that revision.
   */
  tryWeights(
    collection: string,
    revision: number,
    order: TrialOrder,
  ): Promise<readonly (readonly number[])[] | undefined>;
  /** Fits the weight of meaning; a second at most. */
  fitWeight(order: FitOrder): Promise<WeightFit>;
  /** Saves the index, where it is at that revision and the engine keeps files; a problem is returned. */
  save(
    collection: string,
    revision: number,
    origin: IndexOrigin,
  ): Promise<{ readonly problem?: string }>;
  /** Puts the saved index in the place of the one in memory; a problem = why it is of no use. */
  open(collection: string): Promise<OpenedIndex>;
  /** Also what was saved of it. */
  forget(collection: string): Promise<void>;
  /** Ranks texts that are in no collection. */
  rank(order: RankOrder): Promise<readonly RankedText[]>;
}

/** The engine in the calling thread. */
export function createEngine(options: {
  readonly hash: (text: string) => string;
  /** Indexes are rebuilt from the store at every start when absent. */
  readonly files?: IndexFiles;
}): GroundEngine {
  const indexes = new Map<string, { index: CollectionIndex; revision: number }>();
  const replace = (collection: string, index: CollectionIndex, revision: number) => {
    indexes.get(collection)?.index.release();
    indexes.set(collection, { index, revision });
  };
  const indexAt = (collection: string, revision: number) => {
    const entry = indexes.get(collection);
    return entry?.revision === revision ? entry.index : undefined;
  };
  const workOn = latentWorker();
  return {
    chunk: async (document, origin) => toChunks(document, { ...origin, hash: options.hash }),
    async apply(collection, changes) {
      if (changes.from === 0) replace(collection, new CollectionIndex(), 0);
      const entry = indexes.get(collection);
      if (entry === undefined || entry.revision !== changes.from) return false;
      entry.index.applyChanges(changes);
      entry.revision = changes.to;
      return true;
    },
    async search(collection, revision, query) {
      const index = indexAt(collection, revision);
      const answer = index?.search(query);
      if (index !== undefined) void workOn(index);
      return answer;
    },
    tryWeights: async (collection, revision, order) => tryIn(indexAt(collection, revision), order),
    fitWeight: async (order) => fitOrdered(order),
    async save(collection, revision, origin) {
      const index = indexAt(collection, revision);
      if (options.files === undefined || index === undefined) return {};
      return saveTo(options.files, collection, index, origin);
    },
    async open(collection) {
      try {
        const opened = await options.files?.doRead(collection, openSaved);
        if (opened === undefined) return {};
        const { index, origin } = opened;
        replace(collection, index, 1);
        return { origin, chunkCount: index.chunkCount };
      } catch (thrown) {
        return { problem: toCadreError(thrown).message };
      }
    },
    async forget(collection) {
      indexes.get(collection)?.index.release();
      indexes.delete(collection);
      await options.files?.doDelete(collection);
    },
    rank: async (order) => rankTexts(order),
  };
}

function tryIn(index: CollectionIndex | undefined, order: TrialOrder) {
  const found = index?.tryWeights(order, order.grades, order.weights);
  return index && (found === undefined ? [] : [found]);
}

function fitOrdered({ judged, shown, ...options }: FitOrder): WeightFit {
  return fitBySignals({ judged, shown: shownTrials(shown, options.weights) }, options);
}

/** Does the work that waits in an index, unless it is being done already. */
function latentWorker(): (index: CollectionIndex) => Promise<void> {
  const working = new Set<CollectionIndex>();
  return async (index) => {
    const work = index.latentWork();
    if (work === undefined || working.has(index)) return;
    working.add(index);
    try {
      while (work.next().done !== true) await pause();
    } catch {
      index.endLatent();
    } finally {
      working.delete(index);
    }
  };
}

/** Lets calls that arrived meanwhile go first. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Calls a function of another thread by name; see `serveEngine`. */
export type EngineCall = (name: string, values: readonly unknown[]) => Promise<unknown>;

/** The engine of another thread, reached through `call`; both sides come from this file. */
export function engineOver(call: EngineCall): GroundEngine {
  return {
    chunk: async (...values) => (await call('chunk', values)) as ChunkedDocument,
    apply: async (...values) => (await call('apply', values)) as boolean,
    search: async (...values) => (await call('search', values)) as IndexAnswer | undefined,
    tryWeights: async (...values) =>
      (await call('tryWeights', values)) as readonly (readonly number[])[] | undefined,
    fitWeight: async (...values) => (await call('fitWeight', values)) as WeightFit,
    save: async (...values) => (await call('save', values)) as { readonly problem?: string },
    open: async (...values) => (await call('open', values)) as OpenedIndex,
    forget: async (...values) => {
      await call('forget', values);
    },
    rank: async (...values) => (await call('rank', values)) as readonly RankedText[],
  };
}

/** The other end of `engineOver`. */
export function serveEngine(engine: GroundEngine): EngineCall {
  return async (name, values) => {
    const method = Object.hasOwn(engine, name) ? engine[name as keyof GroundEngine] : undefined;
    if (method === undefined) throw new TypeError(`the engine has no method ${name}`);
    return (method as (...values: unknown[]) => Promise<unknown>)(...values);
  };
}
