import { CadreError, toCadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import type { ChunkRow, ChunkStore, DocumentRow } from '../core/stores.ts';
import type { IndexAnswer, IndexQuery } from './collection-index.ts';
import type { DocumentFacts } from './document-table.ts';
import type { GroundEngine, TrialOrder } from './engine.ts';
import { isStillOrigin, originLines } from './saved-index.ts';

/** Chunks per message to the engine, so that copying them holds nobody up. */
const BATCH = 64;
/** Chunks that take about 100 ms to be read and indexed again; a smaller collection is not saved. */
const LEAST_SAVED = 1000;
/** Documents of a run after which the index follows. */
const KEEP_UP = 64;
/** Share of the chunks that is new when the index is saved while it grows. */
const SAVED_SHARE = 0.25;
const DOCUMENT_BATCH = 1000;
/** Milliseconds between two saves that only take from the file what was deleted. */
const ERASE_EVERY = 30_000;
/** A write or a lost engine may come between loading and searching; then it is done again. */
const ATTEMPTS = 3;

type ChunkChanges = Awaited<ReturnType<ChunkStore['doReadChanges']>>;

/**
 * The index of one collection, kept at the store's version: before every search it reads what
 * changed since the last one, whoever wrote it. The chunks themselves stay in the store.
 * A large index is saved now and then, so that the next start need not read all chunks again.
 */
export class LiveCollection {
  readonly #name: string;
  readonly #store: ChunkStore;
  readonly #engine: GroundEngine;
  readonly #onProblem: (error: CadreError) => void;
  /** Version of the store that the index shows; −1 = not loaded. */
  #version = -1;
  #revision = 0;
  #syncing: Promise<void> | undefined;
  #saving: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  #written = 0;
  /** Chunks that entered, since it was begun and since it was saved. */
  #entered = 0;
  #unsaved = 0;
  /** Of these, how many a save could not save: it is tried again when as many more came. */
  #inVain = 0;
  /** There is a file; it holds words of what was deleted or replaced since. */
  #hasFile = false;
  #isStale = false;
  #resting: NodeJS.Timeout | undefined;

  constructor(
    name: string,
    store: ChunkStore,
    engine: GroundEngine,
    onProblem: (error: CadreError) => void,
  ) {
    this.#onProblem = onProblem;
    this.#name = name;
    this.#store = store;
    this.#engine = engine;
  }

  get version(): number {
    return this.#version;
  }

  /**
   * Brings the index to the store's version or a later one; concurrent callers share one run. A run
   * that was under way may have read the store before the change that the caller knows of: then he
   * waits for the next one, which cannot.
   */
  async sync(options: CallOptions): Promise<void> {
    options.signal.throwIfAborted();
    const row = await this.#store.doGetCollection(this.#name);
    if (row === undefined || row.version === this.#version) return;
    const underWay = this.#syncing;
    await underWay;
    if (underWay === undefined || this.#version < row.version) await this.#followStore();
    if (this.#unsaved - this.#inVain >= Math.max(LEAST_SAVED, this.#entered * SAVED_SHARE))
      void this.#saveBehind();
    else this.#eraseBehind();
    options.signal.throwIfAborted();
  }

  /**
   * To be called after every document of a long run that writes: lets the index follow while the run
   * goes on, so that what has to be read at once stays small. Troubles are told by the next `sync`.
   */
  async keepUp(options: CallOptions): Promise<void> {
    this.#written += 1;
    if (this.#written % KEEP_UP !== 0) return;
    await this.#following;
    this.#following = this.sync(options).catch(() => undefined);
  }

  /** Saves what would take a while to build again, and takes from the file what was deleted. */
  async save(): Promise<void> {
    await this.#saving;
    if (this.#unsaved >= LEAST_SAVED) await this.#save();
    else this.#eraseBehind();
    await this.#saving;
  }

  /** Undefined only when the collection changes faster than it can be read. */
  search(query: IndexQuery, options: CallOptions): Promise<IndexAnswer | undefined> {
    return this.#ask((revision) => this.#engine.search(this.#name, revision, query), options);
  }

  /** As of the engine; undefined only when the collection changes faster than it can be read. */
  tryWeights(order: TrialOrder, options: CallOptions) {
    return this.#ask((revision) => this.#engine.tryWeights(this.#name, revision, order), options);
  }

  async #ask<Answer>(
    question: (revision: number) => Promise<Answer | undefined>,
    options: CallOptions,
  ): Promise<Answer | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await this.sync(options);
      const answer = await question(this.#revision);
      options.signal.throwIfAborted();
      if (answer !== undefined) return answer;
      if (this.#syncing === undefined) this.#version = -1;
    }
    return undefined;
  }

  #followStore(): Promise<void> {
    this.#syncing ??= this.#update().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async #update(): Promise<void> {
    const opened = this.#version < 0 ? await this.#begin() : undefined;
    const changes = opened ?? (await this.#store.doReadChanges(this.#name, this.#version));
    if (changes.version === this.#version) return;
    if (changes.dropped.length > 0) this.#isStale = this.#hasFile;
    // A document that appeared while the index was loaded may be in it already.
    const written = changes.chunks.map((chunk) => chunk.documentId);
    const first = { dropped: [...changes.dropped, ...written], documents: changes.documents };
    let applied = await this.#apply(first);
    for (let at = 0; at < changes.chunks.length; at += BATCH)
      applied = (await this.#apply({ chunks: changes.chunks.slice(at, at + BATCH) })) && applied;
    this.#version = applied ? changes.version : -1;
  }

  /** From the saved index, else from all chunks. Returns what changed since the saved one. */
  async #begin(): Promise<ChunkChanges | undefined> {
    const opened = await this.#engine.open(this.#name);
    this.#hasFile = 'origin' in opened || opened.problem !== undefined;
    if ('origin' in opened) {
      const { origin, chunkCount } = opened;
      // In this order, so that what changes between the two is among the changes.
      const documents = await this.#store.doListDocuments(this.#name);
      const changes = await this.#store.doReadChanges(this.#name, origin.version);
      if (isStillOrigin(origin, documents, changes)) {
        this.#version = origin.version;
        this.#revision = 1;
        this.#entered = chunkCount;
        this.#unsaved = 0;
        await this.#learn(documents);
        return changes;
      }
      this.#tell('the saved index is of another state of the store');
    } else if (opened.problem !== undefined) this.#tell(opened.problem);
    this.#isStale = this.#hasFile;
    await this.#load();
    return undefined;
  }

  #tell(problem: string): void {
    this.#onProblem(new CadreError('store_failed', `${problem}; it is built again`));
  }

  /** Nobody waits for it, so its trouble is told. */
  async #saveBehind(): Promise<void> {
    try {
      await this.#save();
    } catch (thrown) {
      this.#inVain = this.#unsaved;
      this.#onProblem(toCadreError(thrown));
    }
  }

  /** Soon, but not with every deletion, because all of the index is written. */
  #eraseBehind(): void {
    if (!this.#isStale || this.#resting !== undefined) return;
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#eraseBehind();
    }, ERASE_EVERY);
    this.#resting.unref();
    void this.#saveBehind();
  }

  #save(): Promise<void> {
    this.#saving ??= this.#write().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  /** The documents are those of the index where the version is the same before and after. */
  async #write(): Promise<void> {
    const [version, revision, unsaved] = [this.#version, this.#revision, this.#unsaved];
    const isCurrent = async () => {
      const row = await this.#store.doGetCollection(this.#name);
      // With the collection goes its file.
      if (row === undefined) this.#isStale = false;
      return row?.version === version;
    };
    if (version < 0 || !(await isCurrent())) return;
    const documents = await this.#store.doListDocuments(this.#name);
    if (!(await isCurrent())) return;
    const wasStale = this.#isStale;
    this.#isStale = false;
    const origin = { version, documents: originLines(documents) };
    const { problem } = await this.#engine.save(this.#name, revision, origin);
    this.#inVain = problem === undefined ? 0 : unsaved;
    if (problem === undefined) {
      this.#unsaved = Math.max(0, this.#unsaved - unsaved);
      this.#hasFile = true;
      return;
    }
    this.#isStale ||= wasStale;
    this.#onProblem(new CadreError('store_failed', problem));
  }

  /** What changes meanwhile is among the changes since the version that was read first. */
  async #load(): Promise<void> {
    const row = await this.#store.doGetCollection(this.#name);
    if (row === undefined) return;
    this.#revision = 0;
    this.#entered = 0;
    this.#unsaved = 0;
    await this.#apply({});
    await this.#learn(await this.#store.doListDocuments(this.#name));
    let batch: ChunkRow[] = [];
    for await (const chunk of this.#store.doReadChunks(this.#name)) {
      batch.push(chunk);
      if (batch.length < BATCH) continue;
      await this.#apply({ chunks: batch });
      batch = [];
    }
    await this.#apply({ chunks: batch });
    this.#version = row.version;
  }

  /** What is known of documents is not saved with the index: it is read anew with every start. */
  async #learn(documents: readonly DocumentRow[]): Promise<void> {
    for (let at = 0; at < documents.length; at += DOCUMENT_BATCH)
      await this.#apply({ documents: documents.slice(at, at + DOCUMENT_BATCH) });
  }

  #apply(changes: {
    readonly dropped?: readonly string[];
    readonly documents?: readonly DocumentRow[];
    readonly chunks?: readonly ChunkRow[];
  }): Promise<boolean> {
    const { dropped = [], documents = [], chunks = [] } = changes;
    const from = this.#revision;
    this.#revision += 1;
    this.#entered += chunks.length;
    this.#unsaved += chunks.length;
    return this.#engine.apply(this.#name, {
      from,
      to: this.#revision,
      dropped: [...new Set(dropped)],
      documents: documents.map(factsOf),
      chunks: chunks.map(({ id, documentId, indexText, embedding }) => ({
        id,
        documentId,
        indexText,
        ...(embedding === undefined ? {} : { embedding }),
      })),
    });
  }
}

function factsOf({ id, path, type, modifiedAt, metadata, principals }: DocumentRow): DocumentFacts {
  return { id, path, type, modifiedAt, metadata, principals };
}
