import type { Clock, Embedder } from '../core/ports.ts';
import type {
  ChunkRow,
  ChunkStore,
  CollectionRow,
  DocumentDraft,
  DocumentRow,
} from '../core/stores.ts';
import { embedChunks, embeddingState, embeddingsOf } from './embedding.ts';
import type { ItemReading } from './item-reading.ts';
import { typeOf } from './reconcile-parts.ts';
import { nextAttempt } from './retries.ts';
import type { Opening } from './source-changes.ts';

export interface WriterParts {
  readonly chunks: ChunkStore;
  readonly embedder: Embedder | undefined;
  readonly clock: Clock;
  readonly hash: (text: string) => string;
}

/** Writes what was read of one collection's documents, each in one transaction, and counts. */
export class DocumentWriter {
  readonly #parts: WriterParts;
  readonly #collection: CollectionRow;
  readonly #signal: AbortSignal;
  readonly #ids = new Set<string>();
  readonly counts = { added: 0, changed: 0, moved: 0, removed: 0, same: 0 };

  constructor(parts: WriterParts, collection: CollectionRow, signal: AbortSignal) {
    this.#parts = parts;
    this.#collection = collection;
    this.#signal = signal;
  }

  know(documents: readonly DocumentRow[]): void {
    for (const document of documents) this.#ids.add(document.id);
  }

  /** A renamed document keeps its id, so another file at its old path may need the next one. */
  newId(path: string, hash: string): string {
    for (let count = 0; ; count += 1) {
      const id = this.#parts
        .hash(`${this.#collection.name}\n${path}\n${hash}\n${count}`)
        .slice(0, 32);
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      return id;
    }
  }

  async regrant({ found, stored }: Opening): Promise<void> {
    const given = found.item.given ?? {};
    if (stored !== undefined)
      await this.#parts.chunks.doChangeDocument(this.#collection.name, stored.id, { given });
  }

  async drop(document: DocumentRow): Promise<void> {
    await this.#parts.chunks.doDropDocument(this.#collection.name, document.id);
    this.counts.removed += 1;
  }

  /** False when the content changed while it was read: then nothing is written. */
  async write(
    reading: ItemReading,
    onBatch: (done: number, total: number) => void,
  ): Promise<boolean> {
    const { stored } = reading.opening;
    if (reading.kind === 'same' && stored !== undefined) {
      await this.#redescribe(stored, reading.opening);
      this.counts.same += 1;
    } else if (reading.kind === 'moved') {
      await this.#redescribe(reading.origin, reading.opening);
      this.counts.moved += 1;
    } else if (reading.kind === 'failed') await this.#writeFailure(reading);
    else if (reading.kind === 'read') return this.#swap(reading, onBatch);
    return true;
  }

  async #swap(
    reading: ItemReading & { readonly kind: 'read' },
    onBatch: (done: number, total: number) => void,
  ): Promise<boolean> {
    const { embedder, chunks: store } = this.#parts;
    const { id, chunked } = reading;
    const { stored } = reading.opening;
    let rows: readonly ChunkRow[] = chunked.chunks;
    if (embedder !== undefined) {
      const known = stored === undefined ? new Map() : await this.#knownVectors(id, embedder.id);
      rows = await embedChunks(rows, embedder, known, { signal: this.#signal, onBatch });
    }
    this.#signal.throwIfAborted();
    if (!(await reading.isSteady())) return false;
    const document: DocumentDraft = {
      ...this.#draftOf(reading, id),
      chunkCount: rows.length,
      flags: chunked.flags,
      ...(rows.length === 0 ? { problem: 'it has no text' } : {}),
    };
    await store.doSwapDocument(document, rows);
    // What has no text is told among the problems.
    if (rows.length === 0) return true;
    if (stored === undefined) this.counts.added += 1;
    else this.counts.changed += 1;
    return true;
  }

  /**
   * A document that cannot be read is no longer found; of one that cannot be reached now the last
   * version stays.
   */
  async #writeFailure(reading: ItemReading & { readonly kind: 'failed' }): Promise<void> {
    const { stored, found } = reading.opening;
    const { message, code } = reading.error;
    const isKnown = stored?.mark === found.item.mark;
    const attempts = (isKnown ? (stored?.attempts ?? 0) : 0) + 1;
    const retryAt = nextAttempt(attempts, this.#parts.clock.now());
    const failure = { problem: message, attempts };
    const id = stored?.id ?? this.newId(found.path, reading.hash);
    const keepsText = code !== 'document_unreadable' && stored !== undefined;
    if (keepsText)
      await this.#parts.chunks.doChangeDocument(this.#collection.name, stored.id, {
        ...failure,
        mark: found.item.mark,
        retryAt,
      });
    else
      await this.#parts.chunks.doSwapDocument(
        {
          ...this.#draftOf(reading, id),
          ...failure,
          ...(retryAt === undefined ? {} : { retryAt }),
        },
        [],
      );
  }

  /** New facts about a document whose text is known: its place, its mark, no problem any more. */
  async #redescribe(stored: DocumentRow, opening: Opening): Promise<void> {
    const gone = { uri: undefined, title: undefined, given: {} };
    const healed = { problem: undefined, attempts: undefined, retryAt: undefined };
    await this.#parts.chunks.doChangeDocument(this.#collection.name, stored.id, {
      ...gone,
      ...describe(opening, stored.modifiedAt),
      ...(stored.chunkCount > 0 ? healed : {}),
    });
  }

  #draftOf(reading: ItemReading, id: string): DocumentDraft {
    const { stored } = reading.opening;
    return {
      ...describe(reading.opening, this.#parts.clock.now()),
      id,
      collection: this.#collection.name,
      version: (stored?.version ?? 0) + 1,
      bytes: reading.bytes,
      hash: reading.hash,
      chunkCount: 0,
      flags: [],
    };
  }

  async #knownVectors(
    documentId: string,
    embedder: string,
  ): Promise<ReadonlyMap<string, Float32Array>> {
    if (embeddingState(this.#collection.embedder, embedder) === 'mixed') return new Map();
    const { chunks: store } = this.#parts;
    return embeddingsOf(await store.doReadDocument(this.#collection.name, documentId));
  }
}

/** What a document's source says about it. */
function describe({ found }: Opening, modifiedBefore: number) {
  const { mark, modifiedAt = modifiedBefore, uri, title, given } = found.item;
  return {
    path: found.path,
    type: typeOf(found.item),
    source: found.sourceName,
    mark,
    modifiedAt,
    ...(uri === undefined ? {} : { uri }),
    ...(title === undefined ? {} : { title }),
    ...(given === undefined ? {} : { given }),
  };
}
