import { CadreError } from '../core/errors.ts';
import type { Clock, Embedder } from '../core/ports.ts';
import type {
  ChunkRow,
  ChunkStore,
  CollectionRow,
  DocumentDraft,
  DocumentRow,
} from '../core/stores.ts';
import type { ChunkedDocument } from './chunks.ts';
import { contextsOf, countContexts, keptVectors, withContexts } from './context-rows.ts';
import { embedChunks, embeddingState } from './embedding.ts';
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

type OnBatch = (done: number, total: number) => void;

/** Documents in a row of which the embedder takes nothing; then a run asks it no more. */
const MOST_REFUSALS = 3;

/** Writes what was read of one collection's documents, each in one transaction, and counts. */
export class DocumentWriter {
  readonly #parts: WriterParts;
  readonly #collection: CollectionRow;
  readonly #signal: AbortSignal;
  readonly #ids = new Set<string>();
  #refusals = 0;
  readonly counts = { added: 0, changed: 0, moved: 0, removed: 0, same: 0 };

  constructor(parts: WriterParts, collection: CollectionRow, signal: AbortSignal) {
    this.#parts = parts;
    this.#collection = collection;
    this.#signal = signal;
  }

  know(documents: readonly DocumentRow[]): void {
    for (const document of documents) this.#ids.add(document.id);
  }

  /**
   * A renamed document keeps its id, so another file at its old path may need the next one. No id that
   * was dropped comes back: versions of a document begin at 1 again, and what stands on an earlier one
   * must not be taken for in force. Two writers that meet the same new file give it the same id.
   */
  async newId(path: string, hash: string): Promise<string> {
    const { name } = this.#collection;
    for (let count = 0; ; count += 1) {
      const id = this.#parts.hash(`${name}\n${path}\n${hash}\n${count}`).slice(0, 32);
      if (this.#ids.has(id) || (await this.#parts.chunks.doWasDropped(name, id))) continue;
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
  async write(reading: ItemReading, onBatch: OnBatch): Promise<boolean> {
    const { opening } = reading;
    if (reading.kind === 'read') return this.#swap({ ...reading, onBatch });
    if (reading.kind === 'moved' && reading.chunked !== undefined) {
      const { origin, chunked } = reading;
      return this.#swap({ ...reading, id: origin.id, origin, chunked, onBatch });
    }
    if (reading.kind === 'moved') {
      await this.#redescribe(reading.origin, opening);
      this.counts.moved += 1;
    } else if (reading.kind === 'failed') await this.#writeFailure(reading);
    else if (opening.stored !== undefined) {
      await this.#writeSame(opening.stored, opening, onBatch);
      this.counts.same += 1;
    }
    return true;
  }

  async #swap(
    reading: Pick<ItemReading, 'opening' | 'bytes' | 'hash' | 'isSteady'> & {
      readonly id: string;
      readonly chunked: ChunkedDocument;
      /** Where it was, if it moved. */
      readonly origin?: DocumentRow;
      readonly onBatch: OnBatch;
    },
  ): Promise<boolean> {
    const { id, chunked, opening, origin } = reading;
    const before = origin ?? opening.stored;
    const model = before?.contexts?.model;
    const old = before === undefined ? [] : await this.#storedChunks(id);
    const chunks =
      model === undefined
        ? chunked.chunks
        : withContexts(chunked.chunks, contextsOf(old), { model, hash: this.#parts.hash });
    const known = this.#knownVectors(old, chunks);
    const { rows, problem } = await this.#embed(chunks, known, reading.onBatch);
    this.#signal.throwIfAborted();
    if (!(await reading.isSteady())) return false;
    const contexts = model === undefined ? undefined : countContexts(rows, model);
    const document: DocumentDraft = {
      ...this.#draftOf(reading, id, before),
      chunkCount: rows.length,
      flags: chunked.flags,
      ...(contexts === undefined ? {} : { contexts }),
      ...(problem === undefined ? {} : this.#failureOf(opening, problem)),
      ...(rows.length === 0 ? { problem: 'it has no text' } : {}),
    };
    await this.#parts.chunks.doSwapDocument(document, rows);
    if (origin !== undefined) this.counts.moved += 1;
    // What has no text is told among the problems.
    else if (rows.length === 0) return true;
    else if (before === undefined) this.counts.added += 1;
    else this.counts.changed += 1;
    return true;
  }

  /** The bytes are known; what the embedder refused before is tried again. */
  async #writeSame(stored: DocumentRow, opening: Opening, onBatch: OnBatch): Promise<void> {
    const isWhole = stored.problem === undefined || stored.chunkCount === 0;
    const problem = isWhole ? undefined : await this.#embedRest(stored, onBatch);
    await this.#redescribe(stored, opening);
    if (problem !== undefined)
      await this.#parts.chunks.doChangeDocument(
        this.#collection.name,
        stored.id,
        this.#failureOf(opening, problem),
      );
  }

  /** Embeds the rest of a document whose source is not looked at, and notes what is refused. */
  async completeStored(stored: DocumentRow): Promise<void> {
    const problem = await this.#embedRest(stored, () => undefined);
    if (problem === undefined) return;
    const { attempts } = stored;
    const again = nextAttempt((attempts ?? 0) + 1, this.#parts.clock.now());
    await this.#parts.chunks.doChangeDocument(this.#collection.name, stored.id, {
      problem,
      attempts: (attempts ?? 0) + 1,
      retryAt: again,
    });
  }

  /** Embeds what a stored document has without an embedding. Returns why not all of it has one now. */
  async #embedRest(stored: DocumentRow, onBatch: OnBatch): Promise<string | undefined> {
    const { embedder, chunks: store } = this.#parts;
    if (embedder === undefined) return undefined;
    const before = await this.#storedChunks(stored.id);
    const known = this.#knownVectors(before, before);
    const isWhole = before.every((row) => known.get(row.id)?.length === embedder.dimensions);
    if (isWhole) return undefined;
    const { rows, problem } = await this.#embed(before, known, onBatch);
    await store.doSwapDocument(stored, rows);
    return problem;
  }

  /** What no embedding can be made for is found by its words. */
  async #embed(
    chunks: readonly ChunkRow[],
    known: ReadonlyMap<string, Float32Array>,
    onBatch: OnBatch,
  ): Promise<{ readonly rows: readonly ChunkRow[]; readonly problem?: string }> {
    const { embedder } = this.#parts;
    if (embedder === undefined) return { rows: chunks };
    const isOut = this.#refusals >= MOST_REFUSALS;
    const order = { signal: this.#signal, onBatch };
    const made = await embedChunks(chunks, isOut ? refusing(embedder) : embedder, known, order);
    const { rows, refused } = made;
    if (refused === undefined) {
      if (rows.length > known.size) this.#refusals = 0;
      return { rows };
    }
    this.#refusals = refused.count === chunks.length ? this.#refusals + 1 : 0;
    const share = `${refused.count} of its ${chunks.length} passages`;
    const reason = refused.error.message;
    return { rows, problem: `${share} are found by words only: the embedder failed: ${reason}` };
  }

  #failureOf({ found, stored }: Opening, problem: string) {
    const isKnown = stored?.mark === found.item.mark;
    const attempts = (isKnown ? (stored?.attempts ?? 0) : 0) + 1;
    const retryAt = nextAttempt(attempts, this.#parts.clock.now());
    return { problem, attempts, ...(retryAt === undefined ? {} : { retryAt }) };
  }

  /**
   * A document that cannot be read is no longer found; of one that cannot be reached now the last
   * version stays.
   */
  async #writeFailure(reading: ItemReading & { readonly kind: 'failed' }): Promise<void> {
    const { stored, found } = reading.opening;
    const { message, code } = reading.error;
    const failure = this.#failureOf(reading.opening, message);
    const id = stored?.id ?? (await this.newId(found.path, reading.hash));
    const keepsText = code !== 'document_unreadable' && stored !== undefined;
    if (keepsText)
      await this.#parts.chunks.doChangeDocument(this.#collection.name, stored.id, {
        retryAt: undefined,
        ...failure,
        mark: found.item.mark,
      });
    else
      await this.#parts.chunks.doSwapDocument(
        {
          ...this.#draftOf(reading, id, stored),
          ...failure,
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

  #draftOf(
    reading: Pick<ItemReading, 'opening' | 'bytes' | 'hash'>,
    id: string,
    before: DocumentRow | undefined,
  ): DocumentDraft {
    return {
      ...describe(reading.opening, this.#parts.clock.now()),
      id,
      collection: this.#collection.name,
      version: (before?.version ?? 0) + 1,
      bytes: reading.bytes,
      hash: reading.hash,
      chunkCount: 0,
      flags: [],
    };
  }

  #storedChunks(documentId: string): Promise<readonly ChunkRow[]> {
    return this.#parts.chunks.doReadDocument(this.#collection.name, documentId);
  }

  #knownVectors(
    before: readonly ChunkRow[],
    after: readonly ChunkRow[],
  ): ReadonlyMap<string, Float32Array> {
    const { embedder } = this.#parts;
    if (embedder === undefined) return new Map();
    if (embeddingState(this.#collection.embedder, embedder.id) === 'mixed') return new Map();
    return keptVectors(before, after);
  }
}

function refusing(embedder: Embedder): Embedder {
  const error = new CadreError('source_failed', 'it took nothing of the documents before either');
  const { id, dimensions } = embedder;
  return { id, dimensions, doEmbed: () => Promise.reject(error) };
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
