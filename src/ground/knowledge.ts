import { mayRead } from '../core/access.ts';
import type { DocumentSaying } from '../core/collection-settings.ts';
import type { WeightReport, WeightWish } from '../core/collection-weight.ts';
import type {
  CollectionStanding,
  CollectionWarning,
  DocumentText,
  DocumentTextRequest,
} from '../core/document-text.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { IndexProgress, IndexSummary } from '../core/index-progress.ts';
import type { CallOptions } from '../core/ports.ts';
import type { SearchResult } from '../core/search-result.ts';
import type { ChunkStore, CollectionRow, DocumentRow } from '../core/stores.ts';
import { type ContextSpokes, ContextWriter } from './context-writer.ts';
import { DocumentReader } from './document-reader.ts';
import { createEngine, type GroundEngine } from './engine.ts';
import { checkRequest, type IndexRequest } from './index-request.ts';
import type { KnowledgeParts } from './knowledge-parts.ts';
import { LiveCollection } from './live-collection.ts';
import { type ReconcileOptions, reconcile } from './reconcile.ts';
import { register } from './register.ts';
import { joinSayings } from './sayings.ts';
import {
  type EvidenceRequest,
  type EvidenceResult,
  Searching,
  type SearchRequest,
  type VersionsRequest,
} from './searching.ts';
import { SourceShelf } from './source-shelf.ts';
import { Standings } from './standings.ts';
import { Turns } from './turns.ts';
import { Watches } from './watches.ts';
import { fitCollection } from './weight-fitting.ts';

/** The room's face: collections are indexed, followed, searched and dropped here. */
export interface Knowledge {
  /** Rejects with `invalid_request` for sources without a document, with `conflict` for others than the stored ones. One run at a time per collection. */
  index(request: IndexRequest, options: CallOptions): AsyncIterable<IndexProgress>;
  /** Rejects with `collection_not_found`, also where the principals may not read it. */
  search(request: SearchRequest, options: CallOptions): Promise<SearchResult>;
  evidence(request: EvidenceRequest, options: CallOptions): Promise<EvidenceResult>;
  /** 0 … 1: how well its best passages fit by their words; no model is asked. */
  likeness(request: Omit<SearchRequest, 'limit'>, options: CallOptions): Promise<number>;
  /**
   * Follows the sources of all stored collections that are watched, until the signal aborts; those
   * of `except` once their next run has ended.
   */
  watchAll(options: CallOptions & { readonly except?: readonly string[] }): Promise<void>;
  /** Has the sentences written that collections want about their passages, until the signal aborts. */
  writeContexts(spokes: ContextSpokes, options: CallOptions): Promise<void>;
  /** Collections that one of the principals may read; undefined = all. */
  list(principals?: readonly string[]): Promise<readonly CollectionRow[]>;
  /** Names that the principals may read (undefined = all), as of the last change or listing in this process. */
  names(principals?: readonly string[]): readonly string[];
  /** Those that one of the principals may read; undefined = all. */
  documents(...request: Parameters<ChunkStore['doListDocuments']>): Promise<readonly DocumentRow[]>;
  /** Versions of the documents that are there now and that the principals may read, by id. */
  versions(request: VersionsRequest): Promise<ReadonlyMap<string, number>>;
  /** How it stands for the principals (undefined = an operator); undefined = there is no such collection. */
  standing(name: string, principals?: readonly string[]): Promise<CollectionStanding | undefined>;
  /** Why it may not hold all that its sources have, for the principals; undefined = an operator. */
  warnings(name: string, principals?: readonly string[]): readonly CollectionWarning[];
  /** One document; undefined where there is none that the principals may read. */
  document(request: DocumentTextRequest): Promise<DocumentRow | undefined>;
  /** The indexed version of a document; undefined where there is none that the principals may read. */
  read(request: DocumentTextRequest, options: CallOptions): Promise<DocumentText | undefined>;
  /** Changes who may read what, at once; undefined = there is no such collection. */
  change(
    name: string,
    change: Partial<Omit<CollectionRow, 'name' | 'version'>>,
  ): Promise<CollectionRow | undefined>;
  /** Adds to what is said of a document by hand; undefined = there is no such document. */
  say(collection: string, id: string, saying: DocumentSaying): Promise<DocumentRow | undefined>;
  /** Fits the weight of meaning to what is known of the collection's queries; see `fitCollection`. */
  fitWeight(name: string, wish: WeightWish, options: CallOptions): Promise<WeightReport>;
  /** False when there is no such collection. */
  drop(name: string): Promise<boolean>;
}

/** Milliseconds until a run that failed as a whole is tried again by itself. */
const AGAIN_AFTER_FAILURE = 300_000;
/** Milliseconds that a run waits for one that is on, and a drop for the run that it ended. */
const TURN_WAIT = 600_000;
const DROP_WAIT = 60_000;

export function createKnowledge(parts: KnowledgeParts): Knowledge {
  return new KnowledgeRoom(parts);
}

class KnowledgeRoom implements Knowledge {
  readonly #parts: KnowledgeParts;
  readonly #engine: GroundEngine;
  readonly #live = new Map<string, LiveCollection>();
  readonly #turns = new Turns();
  readonly #sources: SourceShelf;
  readonly #watches: Watches;
  readonly #searching: Searching;
  readonly #standings: Standings;
  readonly #contexts: ContextWriter;
  readonly #reader: DocumentReader;
  readonly search: Knowledge['search'] = (...wish) => this.#searching.search(...wish);
  readonly evidence: Knowledge['evidence'] = (...wish) => this.#searching.evidence(...wish);
  readonly likeness: Knowledge['likeness'] = (...wish) => this.#searching.likeness(...wish);
  readonly standing: Knowledge['standing'] = (...wish) => this.#standings.of(...wish);
  readonly document: Knowledge['document'] = (...wish) => this.#reader.find(...wish);
  readonly read: Knowledge['read'] = (...wish) => this.#reader.read(...wish);
  readonly warnings: Knowledge['warnings'] = (...wish) => this.#standings.warnings(...wish);
  readonly versions: Knowledge['versions'] = (...wish) => this.#searching.versions(...wish);
  #rows: readonly CollectionRow[] = [];

  constructor(parts: KnowledgeParts) {
    this.#parts = parts;
    this.#engine = parts.engine ?? createEngine({ hash: parts.hash });
    this.#searching = new Searching({
      ...parts,
      warningsOf: (...wish) => this.warnings(...wish),
      liveOf: (name) => this.#liveOf(name),
    });
    this.#sources = new SourceShelf(parts.openSource);
    this.#contexts = new ContextWriter({ ...parts, turns: this.#turns });
    this.#standings = new Standings({
      ...parts,
      contextProblem: (name) => this.#contexts.problemOf(name),
    });
    this.#reader = new DocumentReader({
      ...parts,
      openSource: (name) => this.#sources.of(name),
    });
    this.#watches = new Watches({
      openSource: (name, spec) => this.#sources.of(name)(spec),
      clock: parts.clock,
      pollSeconds: parts.config.reconcileSeconds,
      nightlyAt: parts.config.nightlyAt,
      onProblem: parts.onProblem,
      follow: (name, options) => this.#follow(name, options),
    });
  }

  async *index(request: IndexRequest, { signal }: CallOptions): AsyncIterable<IndexProgress> {
    checkRequest(request);
    // A caller who leaves the loop stops the run as one who aborts it.
    const leaving = new AbortController();
    const caller = AbortSignal.any([signal, leaving.signal]);
    const turn = await this.#turns.take(request.name, caller, TURN_WAIT);
    try {
      const openSource = this.#sources.of(request.name);
      const collection = await register(request, { ...this.#parts, openSource }, turn);
      await this.list();
      let isRead = false;
      try {
        yield* this.#reconcile(collection, {
          signal: turn.signal,
          retriesProblems: true,
          readsAll: false,
          refusesEmpty: request.mayBeEmpty !== true,
        });
        isRead = true;
      } finally {
        // What was not read to the end is read by whoever follows.
        this.#watches.set(request.name, request.watch ? request.sources : undefined, { isRead });
      }
    } finally {
      leaving.abort();
      turn.release();
    }
  }

  async watchAll({ signal, except = [] }: CallOptions & { readonly except?: readonly string[] }) {
    const isFollowed = (row: CollectionRow) => row.watched && !except.includes(row.name);
    const watched = this.list().then((rows) => rows.filter(isFollowed));
    const sources = watched.then((rows) => new Map(rows.map((row) => [row.name, row.sources])));
    await this.#watches.start(sources, signal);
  }

  writeContexts(spokes: ContextSpokes, options: CallOptions): Promise<void> {
    return this.#contexts.run(spokes, options);
  }

  async list(principals?: readonly string[]): Promise<readonly CollectionRow[]> {
    const rows = await this.#parts.chunks.doListCollections(principals);
    if (principals === undefined) this.#rows = rows;
    return rows;
  }

  names(principals?: readonly string[]): readonly string[] {
    return this.#rows.filter((row) => mayRead(row.principals, principals)).map((row) => row.name);
  }

  documents(...request: Parameters<ChunkStore['doListDocuments']>) {
    return this.#parts.chunks.doListDocuments(...request);
  }

  async change(name: string, change: Partial<Omit<CollectionRow, 'name' | 'version'>>) {
    const row = await this.#parts.chunks.doChangeCollection(name, change);
    if ('context' in change) this.#contexts.wake(name, { again: true });
    await this.list();
    return row;
  }

  async say(collection: string, id: string, saying: DocumentSaying) {
    const { chunks } = this.#parts;
    if ((await chunks.doFindDocuments(collection, [id])).length === 0) return undefined;
    return chunks.doChangeDocument(collection, id, {
      override: (before) => joinSayings(before, saying),
    });
  }

  fitWeight(name: string, wish: WeightWish, options: CallOptions): Promise<WeightReport> {
    const { config, shown = async () => ({ opened: [], answered: [] }) } = this.#parts;
    const parts = { ...this.#parts, engine: this.#engine, shown };
    const liveOf = (one: string) => this.#liveOf(one);
    const { denseWeight: defaultWeight } = config;
    return fitCollection(name, wish, { ...parts, liveOf, defaultWeight }, options);
  }

  async drop(name: string): Promise<boolean> {
    this.#turns.takeAway(name, new CadreError('conflict', `the collection ${name} was dropped`));
    const turn = await this.#turns.take(name, new AbortController().signal, DROP_WAIT);
    try {
      this.#watches.set(name, undefined);
      const isDropped = await this.#parts.chunks.doDropCollection(name);
      this.#live.delete(name);
      this.#sources.forget(name);
      this.#standings.forget(name);
      await this.#engine.forget(name);
      await this.list();
      return isDropped;
    } finally {
      turn.release();
    }
  }

  #reconcile(
    collection: CollectionRow,
    options: ReconcileOptions,
  ): AsyncGenerator<IndexProgress, IndexSummary> {
    return this.#standings.follow(collection.name, this.#run(collection, options));
  }

  async *#run(
    collection: CollectionRow,
    options: ReconcileOptions,
  ): AsyncGenerator<IndexProgress, IndexSummary> {
    const live = this.#liveOf(collection.name);
    await live.sync(options);
    const embedder = this.#parts.embedder?.();
    const onWritten = () => live.keepUp(options);
    const openSource = this.#sources.of(collection.name);
    const parts = { ...this.#parts, openSource, engine: this.#engine, embedder, onWritten };
    const summary = yield* reconcile(parts, collection, options);
    await live.sync(options);
    await live.save();
    this.#contexts.wake(collection.name, { again: options.retriesProblems });
    return summary;
  }

  /** What a change of a followed source sets off. */
  async #follow(
    name: string,
    { signal: caller, readsAll }: { readonly signal: AbortSignal; readonly readsAll: boolean },
  ): Promise<number | undefined> {
    const { signal, release } = await this.#turns.take(name, caller);
    try {
      const collection = await this.#parts.chunks.doGetCollection(name);
      if (collection === undefined) return undefined;
      const options = { signal, readsAll, retriesProblems: false, refusesEmpty: false };
      const run = this.#reconcile(collection, options);
      for (;;) {
        const step = await run.next();
        if (step.done === true) return step.value.retryAt;
        signal.throwIfAborted();
      }
    } catch (thrown) {
      if (signal.aborted) return undefined;
      this.#parts.onProblem?.(name, toCadreError(thrown));
      return this.#parts.clock.now() + AGAIN_AFTER_FAILURE;
    } finally {
      release();
    }
  }

  #liveOf(name: string): LiveCollection {
    let live = this.#live.get(name);
    if (live === undefined) {
      live = new LiveCollection(name, this.#parts.chunks, this.#engine, (error) =>
        this.#parts.onProblem?.(name, error),
      );
      this.#live.set(name, live);
    }
    return live;
  }
}
