import { mayRead } from '../core/access.ts';
import type { Config } from '../core/config.ts';
import type { DocumentFilter } from '../core/document-filter.ts';
import type { CollectionWarning } from '../core/document-text.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { MissingLeg, Passage } from '../core/evidence.ts';
import type { CallOptions, Clock, Embedder } from '../core/ports.ts';
import type { Reading } from '../core/reading.ts';
import type { SearchResult } from '../core/search-result.ts';
import type { ChunkStore, CollectionRow } from '../core/stores.ts';
import { selectEvidence, strengthOf, toPassages } from './evidence.ts';
import { findChunks } from './find-chunks.ts';
import type { LiveCollection } from './live-collection.ts';
import { lookAgain, lookOf } from './look-again.ts';
import { openDocument } from './open-document.ts';
import { queryVector } from './query-vector.ts';
import type { PassageReader } from './read-again.ts';
import { type ReadingWish, readOn } from './reading.ts';
import { RERANK_DEPTH } from './rerank.ts';
import { weightOf } from './weight-fitting.ts';

export interface SearchRequest {
  readonly collection: string;
  readonly query: string;
  /** 1 … 100. */
  readonly limit: number;
  /** Undefined = the operator, who may read everything. */
  readonly principals?: readonly string[] | undefined;
  readonly filter?: DocumentFilter | undefined;
  /** Reads the best passages again where the configuration says so; absent = no spoke is asked. */
  readonly reader?: PassageReader | undefined;
}

export interface EvidenceRequest extends Omit<SearchRequest, 'limit'> {
  readonly tokenBudget: number;
  /** Absent = one search. */
  readonly reading?: Omit<ReadingWish, 'once'> | undefined;
}

export interface VersionsRequest extends Pick<SearchRequest, 'collection' | 'principals'> {
  /** Of documents. */
  readonly ids: readonly string[];
}

export interface EvidenceResult {
  /** Sentences numbered from 1, ordered by path and place. */
  readonly passages: readonly Passage[];
  /** 0 … 1: how well the best passage matches; tells whether the collection can answer. */
  readonly strength: number;
  readonly legs: SearchResult['legs'];
  readonly warnings: readonly CollectionWarning[];
  /** Where it was read on after the search. */
  readonly reading?: Reading;
}

export interface SearchingParts {
  readonly chunks: ChunkStore;
  readonly embedder?: () => Embedder | undefined;
  readonly clock: Clock;
  readonly config: Config['ground'];
  readonly onProblem?: (collection: string, error: CadreError) => void;
  readonly warningsOf: (
    collection: string,
    principals?: readonly string[],
  ) => readonly CollectionWarning[];
  readonly liveOf: (collection: string) => LiveCollection;
  /** True for a collection whose time is over: it is as good as dropped. */
  readonly isOver?: (collection: CollectionRow) => Promise<boolean>;
}

const MOST_PASSAGES = 100;
/** Chunks that are looked at for evidence; more never fit a small model's prompt. */
const EVIDENCE_DEPTH = 12;
const LONGEST_QUERY = 4000;
const DAY_MS = 86_400_000;

/** Finds passages in a collection for one caller. */
export class Searching {
  readonly #parts: SearchingParts;

  constructor(parts: SearchingParts) {
    this.#parts = parts;
  }

  async search(request: SearchRequest, options: CallOptions): Promise<SearchResult> {
    const began = this.#parts.clock.elapsed();
    const limit = Math.min(MOST_PASSAGES, Math.max(1, Math.floor(request.limit)));
    const asked = { ...request, limit };
    const { found, legs, missingLegs, version, ...used } = await this.#find(asked, options);
    return {
      passages: toPassages(found, request.collection, version),
      legs,
      ...used,
      ...(missingLegs.length === 0 ? {} : { missingLegs }),
      indexVersion: version,
      ms: this.#parts.clock.elapsed() - began,
    };
  }

  async evidence(request: EvidenceRequest, options: CallOptions): Promise<EvidenceResult> {
    const wish = { ...request, limit: EVIDENCE_DEPTH };
    const { found, legs, version } = await this.#find(wish, options);
    const { collection, query, reading: mode } = request;
    const once = selectEvidence(found, request);
    const read =
      mode && found.length > 0
        ? await readOn(
            query,
            found,
            { ...mode, once },
            {
              // Its steps have little time each: no spoke reads for them.
              find: async (asked) =>
                (await this.#find({ ...wish, query: asked, reader: undefined }, options)).found,
              open: (id) => openDocument(this.#parts.chunks, { ...request, id }),
              elapsed: () => this.#parts.clock.elapsed(),
            },
          )
        : undefined;
    options.signal.throwIfAborted();
    return {
      passages: toPassages(read?.chosen ?? once, collection, version),
      strength: strengthOf(found.map((one) => one.ranked)),
      warnings: this.#parts.warningsOf(collection, request.principals),
      legs,
      ...(read === undefined ? {} : { reading: read.reading }),
    };
  }

  /** 0 … 1: how well the best passages fit by their words; no model is asked. */
  async likeness(request: Omit<SearchRequest, 'limit'>, options: CallOptions): Promise<number> {
    const row = await this.#readable(request);
    const { denseWeight } = this.#parts.config;
    const live = this.#parts.liveOf(row.name);
    const wish = { ...request, query: request.query.slice(0, LONGEST_QUERY), denseWeight };
    const depth = { ...wish, limit: EVIDENCE_DEPTH };
    const { found } = await findChunks(this.#parts.chunks, live, depth, options);
    return strengthOf(found.map((one) => one.ranked));
  }

  /** Versions of the documents that are there now and that the principals may read, by id. */
  async versions(request: VersionsRequest): Promise<ReadonlyMap<string, number>> {
    const { collection, ids, principals } = request;
    const { chunks } = this.#parts;
    const row = await chunks.doGetCollection(collection);
    if (row === undefined || !mayRead(row.principals, principals)) return new Map();
    if ((await this.#parts.isOver?.(row)) === true) return new Map();
    const documents = await chunks.doFindDocuments(collection, ids, principals);
    return new Map(documents.map(({ id, version }) => [id, version]));
  }

  async #find(request: SearchRequest, options: CallOptions) {
    const { collection: name, limit } = request;
    options.signal.throwIfAborted();
    const query = request.query.slice(0, LONGEST_QUERY);
    const row = await this.#readable(request);
    const embedder = this.#parts.embedder?.();
    const asked = await queryVector(query, row, embedder, options);
    const onProblem = (error: CadreError) => this.#parts.onProblem?.(name, error);
    if ('thrown' in asked) onProblem(toCadreError(asked.thrown));
    const { config, clock } = this.#parts;
    const denseWeight = weightOf(row, embedder, config.denseWeight);
    const { principals, filter } = request;
    const look = lookOf(config, embedder, request.reader);
    const depth = look === undefined ? limit : Math.max(limit, RERANK_DEPTH);
    const wish = { collection: name, principals, filter, query, limit: depth, denseWeight };
    const halfLife = row.halfLifeDays;
    const { found, legs, missing, version } = await findChunks(
      this.#parts.chunks,
      this.#parts.liveOf(name),
      {
        ...wish,
        ...('vector' in asked ? { queryVector: asked.vector } : {}),
        ...(halfLife === undefined ? {} : { recency: this.#recency(halfLife) }),
      },
      options,
    );
    const missingLegs: MissingLeg[] = missing === undefined ? [] : [missing];
    if (!legs.includes('dense'))
      missingLegs.unshift({
        leg: 'dense',
        reason: 'reason' in asked ? asked.reason : 'no chunk has an embedding',
      });
    const used = legs.includes('dense') ? { denseWeight } : {};
    if (look === undefined) return { found, legs, missingLegs, version, ...used };
    const looking = { ...options, budgetMs: config.rerankMs, clock, onProblem };
    const again = await lookAgain(look, found, query, looking);
    return {
      found: again.found.slice(0, limit),
      legs: again.missing === undefined ? [...legs, look.leg] : legs,
      missingLegs: again.missing === undefined ? missingLegs : [...missingLegs, again.missing],
      ...(again.rerank === undefined ? {} : { rerank: again.rerank }),
      version,
      ...used,
    };
  }

  async #readable({
    collection: name,
    principals,
  }: Pick<SearchRequest, 'collection' | 'principals'>): Promise<CollectionRow> {
    const row = await this.#parts.chunks.doGetCollection(name);
    const isThere = row !== undefined && mayRead(row.principals, principals);
    if (isThere && (await this.#parts.isOver?.(row)) !== true) return row;
    throw new CadreError('collection_not_found', `there is no collection ${name}`, {
      param: 'collection',
    });
  }

  #recency(halfLifeDays: number) {
    return { halfLife: halfLifeDays * DAY_MS, now: this.#parts.clock.now() };
  }
}
