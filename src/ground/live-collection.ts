import type { CallOptions } from '../core/ports.ts';
import type { ChunkRow, ChunkStore } from '../core/stores.ts';
import type { IndexAnswer, IndexQuery } from './collection-index.ts';
import type { GroundEngine } from './engine.ts';

/** A chunk without what only the index needs. */
export type ShownChunk = Omit<ChunkRow, 'indexText' | 'embedding'>;

/** Chunks per message to the engine, so that copying them holds nobody up. */
const BATCH = 64;
/** A write or a lost engine may come between loading and searching; then it is done again. */
const ATTEMPTS = 3;

/**
 * The index of one collection, kept at the store's version: before every search it reads what
 * changed since the last one, whoever wrote it.
 */
export class LiveCollection {
  readonly #name: string;
  readonly #store: ChunkStore;
  readonly #engine: GroundEngine;
  #chunks = new Map<string, ShownChunk>();
  #byDocument = new Map<string, string[]>();
  /** Version of the store that the index shows; −1 = not loaded. */
  #version = -1;
  #revision = 0;
  #syncing: Promise<void> | undefined;

  constructor(name: string, store: ChunkStore, engine: GroundEngine) {
    this.#name = name;
    this.#store = store;
    this.#engine = engine;
  }

  get version(): number {
    return this.#version;
  }

  get chunkCount(): number {
    return this.#chunks.size;
  }

  chunk(id: string): ShownChunk | undefined {
    return this.#chunks.get(id);
  }

  /** Brings the index to the store's version; concurrent callers share one run. */
  async sync(options: CallOptions): Promise<void> {
    options.signal.throwIfAborted();
    const row = await this.#store.doGetCollection(this.#name);
    if (row === undefined || row.version === this.#version) return;
    this.#syncing ??= this.#update().finally(() => {
      this.#syncing = undefined;
    });
    await this.#syncing;
    options.signal.throwIfAborted();
  }

  /** Undefined only when the collection changes faster than it can be read. */
  async search(query: IndexQuery, options: CallOptions): Promise<IndexAnswer | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await this.sync(options);
      const answer = await this.#engine.search(this.#name, this.#revision, query);
      options.signal.throwIfAborted();
      if (answer !== undefined) return answer;
      if (this.#syncing === undefined) this.#version = -1;
    }
    return undefined;
  }

  async #update(): Promise<void> {
    if (this.#version < 0) await this.#load();
    const changes = await this.#store.doReadChanges(this.#name, this.#version);
    if (changes.version === this.#version) return;
    const written = changes.chunks.map((chunk) => chunk.documentId);
    let applied = await this.#apply([...changes.dropped, ...written], []);
    for (let at = 0; at < changes.chunks.length; at += BATCH)
      applied = (await this.#apply([], changes.chunks.slice(at, at + BATCH))) && applied;
    this.#version = applied ? changes.version : -1;
  }

  async #load(): Promise<void> {
    const row = await this.#store.doGetCollection(this.#name);
    if (row === undefined) return;
    this.#chunks = new Map();
    this.#byDocument = new Map();
    this.#revision = 0;
    await this.#apply([], []);
    let batch: ChunkRow[] = [];
    for await (const chunk of this.#store.doReadChunks(this.#name)) {
      batch.push(chunk);
      if (batch.length < BATCH) continue;
      await this.#apply([], batch);
      batch = [];
    }
    await this.#apply([], batch);
    await this.#dropStale();
    this.#version = row.version;
  }

  /** A document may have gone while the others were read. */
  async #dropStale(): Promise<void> {
    const documents = await this.#store.doListDocuments(this.#name);
    const versions = new Map(
      documents.map((one) => [one.id, one.chunkCount > 0 ? one.version : -1]),
    );
    const stale = [...this.#byDocument].filter(([id, chunkIds]) =>
      chunkIds.some((chunkId) => this.#chunks.get(chunkId)?.documentVersion !== versions.get(id)),
    );
    if (stale.length > 0)
      await this.#apply(
        stale.map(([id]) => id),
        [],
      );
  }

  async #apply(dropped: readonly string[], chunks: readonly ChunkRow[]): Promise<boolean> {
    const unique = [...new Set(dropped)];
    for (const documentId of unique) {
      for (const id of this.#byDocument.get(documentId) ?? []) this.#chunks.delete(id);
      this.#byDocument.delete(documentId);
    }
    for (const chunk of chunks) this.#remember(chunk);
    const from = this.#revision;
    this.#revision += 1;
    return this.#engine.apply(this.#name, {
      from,
      to: this.#revision,
      dropped: unique,
      chunks: chunks.map(({ id, documentId, indexText, embedding }) => ({
        id,
        documentId,
        indexText,
        ...(embedding === undefined ? {} : { embedding }),
      })),
    });
  }

  #remember(row: ChunkRow): void {
    const { indexText: _indexText, embedding: _embedding, ...shown } = row;
    this.#chunks.set(row.id, shown);
    const known = this.#byDocument.get(row.documentId);
    if (known === undefined) this.#byDocument.set(row.documentId, [row.id]);
    else known.push(row.id);
  }
}
