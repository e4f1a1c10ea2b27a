import { CadreError } from '../core/errors.ts';
import type { IndexProgress, IndexSummary } from '../core/index-progress.ts';
import type { CallOptions, Clock, Embedder, Parser } from '../core/ports.ts';
import type { OpenSource } from '../core/source.ts';
import type { ChunkStore, CollectionRow, DocumentRow } from '../core/stores.ts';
import { DocumentWriter } from './document-writer.ts';
import { embeddingState, mixedMark, partialMark } from './embedding.ts';
import type { GroundEngine } from './engine.ts';
import { inOrder } from './in-order.ts';
import { type ItemReading, readItem } from './item-reading.ts';
import { ProgressQueue } from './progress-queue.ts';
import { documentsOf, noDocuments } from './reconcile-parts.ts';
import { type Changes, candidateCount, compareSources, type Opening } from './source-changes.ts';
import { type Found, listSources } from './source-listing.ts';

export interface ReconcileParts {
  readonly chunks: ChunkStore;
  readonly parser: Parser;
  readonly openSource: OpenSource;
  readonly engine: GroundEngine;
  readonly embedder: Embedder | undefined;
  readonly clock: Clock;
  readonly hash: (text: string) => string;
  /** Waited for after every document. */
  readonly onWritten: () => Promise<void>;
}

export interface ReconcileOptions extends CallOptions {
  readonly retriesProblems: boolean;
  /** Read every byte again, whatever times and marks say. */
  readonly readsAll: boolean;
  /** A collection without any document is an error, unless it had some before. */
  readonly refusesEmpty: boolean;
}

/** Documents that are read while the one before them is written. */
const READ_AHEAD = 8;
/** A document that changes while it is read is read so often before it is left for later. */
const MOST_READINGS = 3;
/** Milliseconds after which a source that could not be listed is asked again. */
const LIST_AGAIN = 300_000;

/**
 * Makes a collection equal to its sources; the one way for the first index, the next and the watch.
 * Every document is swapped by itself in one transaction after it was read, chunked and embedded,
 * so that stopping at any point leaves whole documents and the next run goes on from there.
 */
export async function* reconcile(
  parts: ReconcileParts,
  collection: CollectionRow,
  options: ReconcileOptions,
): AsyncGenerator<IndexProgress, IndexSummary> {
  const run = new Reconciliation(parts, collection, options);
  try {
    return yield* run.run();
  } finally {
    for (const spec of collection.sources) await parts.openSource(spec).doRelease?.();
  }
}

class Reconciliation {
  readonly #parts: ReconcileParts;
  readonly #collection: CollectionRow;
  readonly #options: ReconcileOptions;
  readonly #writer: DocumentWriter;
  #missing: DocumentRow[] = [];

  constructor(parts: ReconcileParts, collection: CollectionRow, options: ReconcileOptions) {
    this.#parts = parts;
    this.#collection = collection;
    this.#options = options;
    this.#writer = new DocumentWriter(parts, collection, options.signal);
  }

  async *run(): AsyncGenerator<IndexProgress, IndexSummary> {
    const { chunks, clock } = this.#parts;
    const { name } = this.#collection;
    const found = yield* this.#list();
    const documents = await chunks.doListDocuments(name);
    if (found.items.length === 0 && documents.length === 0 && this.#options.refusesEmpty)
      throw noDocuments(this.#collection.sources, found);
    this.#writer.know(documents);
    const changes = compareSources(found, documents, { ...this.#options, now: clock.now() });
    this.#missing = [...changes.maybeMoved];
    const isDense = await this.#prepareEmbeddings(documents.length);
    await this.#drop(changes.gone);
    for (const one of changes.regranted) await this.#writer.regrant(one);
    yield* this.#readAll(changes, found.items.length);
    if (isDense) yield* this.#completeEmbeddings();
    const summary = await this.#summarise(found, changes, isDense);
    const total = found.items.length;
    yield { collection: name, stage: 'ready', done: total, total, summary };
    return summary;
  }

  async *#list(): AsyncGenerator<IndexProgress, Found> {
    const { name: collection, sources } = this.#collection;
    yield { collection, stage: 'listing', done: 0, total: 0 };
    const queue = new ProgressQueue<IndexProgress>();
    const onCount = (done: number) => queue.push({ collection, stage: 'listing', done, total: 0 });
    const { signal } = this.#options;
    const listing = listSources(sources, this.#parts.openSource, { signal, onCount });
    queue.follow(listing);
    yield* queue;
    return listing;
  }

  async #drop(documents: readonly DocumentRow[]): Promise<void> {
    for (const document of documents) {
      this.#options.signal.throwIfAborted();
      await this.#writer.drop(document);
    }
  }

  /** What may be a renamed document comes first; then what was not found again is dropped. */
  async *#readAll(changes: Changes, of: number): AsyncGenerator<IndexProgress> {
    const { openings } = changes;
    const candidates = candidateCount(changes);
    const coverage = { found: of - openings.filter(isNew).length, of };
    yield* this.#readSome(openings.slice(0, candidates), 0, openings.length, coverage);
    await this.#drop(this.#missing.splice(0));
    const read = openings.slice(0, candidates).filter(isNew).length;
    const further = { found: coverage.found + read, of };
    yield* this.#readSome(openings.slice(candidates), candidates, openings.length, further);
    const total = openings.length;
    if (total > 0)
      yield { collection: this.#collection.name, stage: 'reading', done: total, total };
  }

  async *#readSome(
    openings: readonly Opening[],
    before: number,
    total: number,
    { found, of }: NonNullable<IndexProgress['coverage']>,
  ): AsyncGenerator<IndexProgress> {
    const { name: collection } = this.#collection;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, leaving.signal]);
    const order = {
      leaving,
      width: READ_AHEAD,
      make: (opening: Opening) => this.#read(opening, signal),
      discard: (reading: ItemReading) => reading.close(),
    };
    let done = before;
    let coverage = { found, of };
    for await (const { value, made } of inOrder(openings, order)) {
      this.#options.signal.throwIfAborted();
      const { path } = value.found;
      const step = { collection, stage: 'reading' as const, done, total, path, coverage };
      yield step;
      const queue = new ProgressQueue<IndexProgress>();
      queue.follow(
        this.#write(made, (embedded, pieces) =>
          queue.push({ ...step, stage: 'embedding', done: embedded, total: pieces }),
        ),
      );
      yield* queue;
      await this.#parts.onWritten();
      done += 1;
      if (isNew(value)) coverage = { found: coverage.found + 1, of };
    }
  }

  #read(opening: Opening, signal: AbortSignal): Promise<ItemReading> {
    const parts = {
      ...this.#parts,
      newId: (path: string, hash: string) => this.#writer.newId(path, hash),
      takeMissing: (hash: string) => {
        const index = this.#missing.findIndex((one) => one.hash === hash);
        return index < 0 ? undefined : this.#missing.splice(index, 1)[0];
      },
    };
    return readItem(parts, opening, { signal });
  }

  async #write(
    making: Promise<ItemReading>,
    onBatch: (done: number, total: number) => void,
  ): Promise<void> {
    let reading = await making;
    for (let count = 1; ; count += 1) {
      try {
        if (await this.#writer.write(reading, onBatch)) return;
      } finally {
        await reading.close();
      }
      if (count >= MOST_READINGS) break;
      // It may be taken for the moved one again.
      if (reading.kind === 'moved') this.#missing.push(reading.origin);
      reading = await this.#read(reading.opening, this.#options.signal);
    }
    const error = new CadreError('source_failed', 'it changes while it is read');
    await this.#writer.write({ ...reading, kind: 'failed', error }, onBatch);
  }

  /** Marks in the collection's row what its embeddings are worth while they are made. */
  async #prepareEmbeddings(documentCount: number): Promise<boolean> {
    const { embedder } = this.#parts;
    const stored = this.#collection.embedder;
    if (embedder === undefined) {
      if (stored !== null && !stored.includes(':')) await this.#mark(partialMark(stored));
      return false;
    }
    const state = embeddingState(stored, embedder.id);
    if (state === 'complete') return true;
    const isFresh = state === 'none' || documentCount === 0;
    await this.#mark(
      state === 'mixed' && !isFresh ? mixedMark(embedder.id) : partialMark(embedder.id),
    );
    return true;
  }

  /** Embeds what was indexed while the embedder was missing, or by another one. */
  async *#completeEmbeddings(): AsyncGenerator<IndexProgress> {
    const { embedder, chunks: store } = this.#parts;
    if (embedder === undefined) return;
    const { name } = this.#collection;
    const state = embeddingState(this.#collection.embedder, embedder.id);
    if (state === 'complete') return;
    const documents = new Map((await store.doListDocuments(name)).map((one) => [one.id, one]));
    const total = [...documents.values()].reduce((sum, one) => sum + one.chunkCount, 0);
    let done = 0;
    for await (const rows of documentsOf(store.doReadChunks(name))) {
      this.#options.signal.throwIfAborted();
      done += rows.length;
      const document = documents.get(rows[0]?.documentId ?? '');
      const isComplete = rows.every((row) => row.embedding?.length === embedder.dimensions);
      if (document === undefined || (isComplete && state !== 'mixed')) continue;
      // What the embedder refused in this run has a time of its own to be tried again.
      if (document.problem !== undefined && state !== 'mixed') continue;
      await this.#writer.completeStored(document);
      yield { collection: name, stage: 'embedding', done, total, path: document.path };
    }
    await this.#mark(embedder.id);
  }

  async #mark(embedder: string): Promise<void> {
    const { name } = this.#collection;
    const row = await this.#parts.chunks.doChangeCollection(name, { embedder });
    if (row === undefined)
      throw new CadreError('collection_not_found', `the collection ${name} is gone`);
  }

  async #summarise(found: Found, changes: Changes, dense: boolean): Promise<IndexSummary> {
    const documents = await this.#parts.chunks.doListDocuments(this.#collection.name);
    const { added, changed, moved, removed, same } = this.#writer.counts;
    const retries = documents.flatMap((one) => (one.retryAt === undefined ? [] : [one.retryAt]));
    if (found.failed.size > 0) retries.push(this.#parts.clock.now() + LIST_AGAIN);
    return {
      documents: documents.filter((one) => one.chunkCount > 0).length,
      chunks: documents.reduce((sum, document) => sum + document.chunkCount, 0),
      added,
      changed,
      moved,
      removed,
      unchanged: changes.unchanged + same,
      problems: [
        ...found.skipped,
        ...documents.flatMap(({ path, problem }) =>
          problem === undefined ? [] : [{ path, reason: problem }],
        ),
      ],
      ...(found.failed.size === 0 ? {} : { unlisted: reasonsOf(found) }),
      ...(retries.length === 0 ? {} : { retryAt: retries.reduce((a, b) => Math.min(a, b)) }),
      dense,
    };
  }
}

/** A document that is not stored yet. */
function isNew({ stored }: Opening): boolean {
  return stored === undefined;
}

function reasonsOf({ failed }: Found): NonNullable<IndexSummary['unlisted']> {
  return [...failed].map(([path, { message }]) => ({ path, reason: message }));
}
