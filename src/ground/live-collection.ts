import type { CallOptions } from '../core/ports.ts';
import type { ChunkRow, ChunkStore } from '../core/stores.ts';
import type { IndexAnswer, IndexQuery } from './collection-index.ts';
import type { GroundEngine } from './engine.ts';

/** Chunks per message to the engine, so that copying them holds nobody up. */
const BATCH = 64;
/** A write or a lost engine may come between loading and searching; then it is done again. */
const ATTEMPTS = 3;

/**
 * The index of one collection, kept at the store's version: before every search it reads what
 * changed since the last one, whoever wrote it. The chunks themselves stay in the store.
 */
export class LiveCollection {
  readonly #name: string;
  readonly #store: ChunkStore;
  readonly #engine: GroundEngine;
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
    // A document that appeared while the index was loaded may be in it already.
    const written = changes.chunks.map((chunk) => chunk.documentId);
    let applied = await this.#apply([...changes.dropped, ...written], []);
    for (let at = 0; at < changes.chunks.length; at += BATCH)
      applied = (await this.#apply([], changes.chunks.slice(at, at + BATCH))) && applied;
    this.#version = applied ? changes.version : -1;
  }

  /** What changes meanwhile is among the changes since the version that was read first. */
  async #load(): Promise<void> {
    const row = await this.#store.doGetCollection(this.#name);
    if (row === undefined) return;
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
    this.#version = row.version;
  }

  #apply(dropped: readonly string[], chunks: readonly ChunkRow[]): Promise<boolean> {
    const from = this.#revision;
    this.#revision += 1;
    return this.#engine.apply(this.#name, {
      from,
      to: this.#revision,
      dropped: [...new Set(dropped)],
      chunks: chunks.map(({ id, documentId, indexText, embedding }) => ({
        id,
        documentId,
        indexText,
        ...(embedding === undefined ? {} : { embedding }),
      })),
    });
  }
}
