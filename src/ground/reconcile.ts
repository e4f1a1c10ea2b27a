import { CadreError, toCadreError } from '../core/errors.ts';
import type { IndexProgress, IndexSummary } from '../core/farm.ts';
import type { CallOptions, Embedder, FolderSource, Parser } from '../core/ports.ts';
import type { ChunkRow, ChunkStore, CollectionRow, DocumentDraft } from '../core/stores.ts';
import type { ChunkedDocument } from './chunks.ts';
import { embedChunks, embeddingState, mixedMark, partialMark } from './embedding.ts';
import type { GroundEngine } from './engine.ts';
import { compareFolder, type FolderChanges, type Reading } from './folder-changes.ts';
import { ProgressQueue } from './progress-queue.ts';
import { documentsOf, emptyFolder, knownOf, typeOf } from './reconcile-parts.ts';

export interface ReconcileParts {
  readonly chunks: ChunkStore;
  readonly parser: Parser;
  readonly folder: FolderSource;
  readonly engine: GroundEngine;
  readonly embedder: Embedder | undefined;
  readonly hash: (text: string) => string;
}

export interface ReconcileOptions extends CallOptions {
  readonly retriesProblems: boolean;
  /** An empty folder is an error, unless documents were indexed from it before. */
  readonly refusesEmpty: boolean;
}

/**
 * Makes a collection equal to its folder; the one way for the first index, the next and the watch.
 * Every document is swapped by itself in one transaction after it was read, chunked and embedded,
 * so that stopping at any point leaves whole documents and the next run goes on from there.
 */
export async function* reconcile(
  parts: ReconcileParts,
  collection: CollectionRow,
  options: ReconcileOptions,
): AsyncGenerator<IndexProgress, IndexSummary> {
  const run = new Reconciliation(parts, collection, options);
  return yield* run.run();
}

class Reconciliation {
  readonly #parts: ReconcileParts;
  readonly #collection: CollectionRow;
  readonly #options: ReconcileOptions;
  readonly #problems: { path: string; reason: string }[] = [];
  readonly #ids = new Set<string>();
  #added = 0;
  #changed = 0;

  constructor(parts: ReconcileParts, collection: CollectionRow, options: ReconcileOptions) {
    this.#parts = parts;
    this.#collection = collection;
    this.#options = options;
  }

  async *run(): AsyncGenerator<IndexProgress, IndexSummary> {
    const { chunks, folder } = this.#parts;
    const { name } = this.#collection;
    yield { collection: name, stage: 'listing', done: 0, total: 0 };
    const documents = await chunks.doListDocuments(name);
    for (const document of documents) this.#ids.add(document.id);
    const changes = await compareFolder(folder, this.#collection.folder, documents, this.#options);
    if (changes.fileCount === 0 && documents.length === 0 && this.#options.refusesEmpty)
      throw emptyFolder(this.#collection.folder, changes);
    this.#problems.push(...changes.skipped);
    const isDense = await this.#prepareEmbeddings(documents.length);
    await this.#follow(changes);
    yield* this.#readAll(changes.read);
    if (isDense) yield* this.#completeEmbeddings();
    const summary = await this.#summarise(changes, isDense);
    yield {
      collection: name,
      stage: 'ready',
      done: changes.fileCount,
      total: changes.fileCount,
      summary,
    };
    return summary;
  }

  /** Renames and deletions; both take no reading. */
  async #follow(changes: FolderChanges): Promise<void> {
    const { chunks } = this.#parts;
    const { name } = this.#collection;
    for (const document of changes.removed) {
      this.#options.signal.throwIfAborted();
      await chunks.doDropDocument(name, document.id);
    }
    for (const { stored, file } of changes.moved) {
      this.#options.signal.throwIfAborted();
      await chunks.doChangeDocument(name, stored.id, {
        path: file.path,
        modifiedAt: file.modifiedAt,
        given: file.given ?? {},
      });
    }
  }

  async *#readAll(readings: readonly Reading[]): AsyncGenerator<IndexProgress> {
    const { name } = this.#collection;
    const total = readings.length;
    for (const [done, reading] of readings.entries()) {
      this.#options.signal.throwIfAborted();
      const { path } = reading.file;
      yield { collection: name, stage: 'reading', done, total, path };
      const queue = new ProgressQueue<IndexProgress>();
      queue.follow(
        this.#readOne(reading, (embedded, of) =>
          queue.push({ collection: name, stage: 'embedding', done: embedded, total: of, path }),
        ),
      );
      yield* queue;
    }
    if (total > 0) yield { collection: name, stage: 'reading', done: total, total };
  }

  async #readOne(reading: Reading, onBatch: (done: number, total: number) => void): Promise<void> {
    const { engine, embedder, parser, chunks: store } = this.#parts;
    const { file, stored } = reading;
    const document = this.#documentRow(reading);
    const { id: documentId, version } = document;
    let chunked: ChunkedDocument;
    try {
      if (reading.problem !== undefined)
        throw new CadreError('document_unreadable', reading.problem);
      const parsed = await parser.doParse(file.absolute, this.#options);
      chunked = await engine.chunk(parsed, { documentId, version, path: file.path });
    } catch (thrown) {
      this.#options.signal.throwIfAborted();
      const error = toCadreError(thrown);
      if (error.code !== 'document_unreadable') throw error;
      await store.doSwapDocument({ ...document, problem: error.message }, []);
      return;
    }
    let rows: readonly ChunkRow[] = chunked.chunks;
    if (embedder !== undefined) {
      const known = stored === undefined ? [] : await this.#knownVectors(documentId, embedder.id);
      rows = await embedChunks(rows, embedder, known, { signal: this.#options.signal, onBatch });
    }
    this.#options.signal.throwIfAborted();
    const problem = rows.length === 0 ? { problem: 'it has no text' } : {};
    await store.doSwapDocument(
      { ...document, chunkCount: rows.length, flags: chunked.flags, ...problem },
      rows,
    );
    // What has no text is told among the problems.
    if (rows.length === 0) return;
    if (stored === undefined) this.#added += 1;
    else this.#changed += 1;
  }

  #documentRow({ file, hash, stored }: Reading): DocumentDraft {
    return {
      id: stored?.id ?? this.#newId(file.path, hash),
      collection: this.#collection.name,
      path: file.path,
      type: typeOf(file),
      ...(file.title === undefined ? {} : { title: file.title }),
      ...(file.given === undefined ? {} : { given: file.given }),
      version: (stored?.version ?? 0) + 1,
      bytes: file.bytes,
      modifiedAt: file.modifiedAt,
      hash,
      chunkCount: 0,
      flags: [],
    };
  }

  /** A renamed document keeps its id, so another file at its old path may need the next one. */
  #newId(path: string, hash: string): string {
    for (let count = 0; ; count += 1) {
      const id = this.#parts
        .hash(`${this.#collection.name}\n${path}\n${hash}\n${count}`)
        .slice(0, 32);
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      return id;
    }
  }

  async #knownVectors(documentId: string, embedder: string) {
    if (embeddingState(this.#collection.embedder, embedder) === 'mixed') return [];
    return knownOf(await this.#parts.chunks.doReadDocument(this.#collection.name, documentId));
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
      const embedded = await embedChunks(rows, embedder, state === 'mixed' ? [] : knownOf(rows), {
        signal: this.#options.signal,
        onBatch: () => undefined,
      });
      await store.doSwapDocument(document, embedded);
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

  async #summarise(changes: FolderChanges, dense: boolean): Promise<IndexSummary> {
    const documents = await this.#parts.chunks.doListDocuments(this.#collection.name);
    for (const { path, problem } of documents)
      if (problem !== undefined) this.#problems.push({ path, reason: problem });
    return {
      documents: documents.filter((document) => document.problem === undefined).length,
      chunks: documents.reduce((sum, document) => sum + document.chunkCount, 0),
      added: this.#added,
      changed: this.#changed,
      moved: changes.moved.filter(({ stored, file }) => stored.path !== file.path).length,
      removed: changes.removed.length,
      unchanged: changes.unchanged,
      problems: this.#problems,
      dense,
    };
  }
}
