import type { AccessRule, DocumentGrant, Metadata } from './access.ts';
import type { CollectionSettings } from './collection-settings.ts';
import type { CollectionWeight } from './collection-weight.ts';
import type { SourceSpec } from './config-source.ts';
import type { CadreError } from './errors.ts';
import type { CadreEvent } from './events.ts';
import type { Citation } from './evidence.ts';
import type { ListPage, ObjectStore } from './objects.ts';
import type { FeedbackRow } from './outcome.ts';
import type { ChunkContext, ContextCount } from './passage-context.ts';
import type { Receipt } from './receipt.ts';

/** Words that a key's owner asked to keep, the receipt's own among them; deleted before it. */
export interface KeptText
  extends Partial<Pick<Receipt, 'checks' | 'attempts' | 'abstention' | 'error'>> {
  readonly prompt: string;
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly events: readonly CadreEvent[];
}

/** One row per request, written before the last byte of the answer. */
export interface ReceiptStore {
  /** `receipt` and `events` hold no words, whatever the key keeps; words go into `text` alone. */
  doPutReceipt(receipt: Receipt, events: readonly CadreEvent[], text?: KeptText): Promise<void>;
  /**
   * Why no receipt can be stored at this moment (`disk_full`, `store_failed`); undefined where the last
   * one was, or where nobody watches. Tries a write where one failed.
   */
  doProbe?(): Promise<CadreError | undefined>;
  /** With its words while kept. */
  doGetReceipt(id: string): Promise<Receipt | undefined>;
  /** For replay: all events while the text is kept, the wordless ones after that. */
  doGetEvents(id: string): Promise<readonly CadreEvent[] | undefined>;
  doGetText(id: string): Promise<KeptText | undefined>;
  /**
   * Newest first, of one time the greatest id first; without words. The next page comes after the last
   * of this one, whose time is `before` and whose id `beforeId`; without that its millisecond is left out.
   */
  doListReceipts(filter: {
    readonly limit: number;
    readonly before?: number;
    /** Counts only with `before`. */
    readonly beforeId?: string;
    readonly key?: string;
    readonly parent?: string;
  }): Promise<readonly Receipt[]>;
  /** Deletes receipts and text older than the given times (ms since the epoch); returns rows deleted. */
  doPurge(olderThan: { readonly receipts: number; readonly text: number }): Promise<number>;
}

export interface FeedbackStore {
  /**
   * Replaces what the same source said of the receipt before; the same again changes nothing, not
   * even its time. Goes with its receipt, its text with the texts (`doPurge`).
   */
  doPutFeedback(row: FeedbackRow): Promise<void>;
  /** What was said of a receipt, by source. */
  doGetFeedback(receipt: string): Promise<readonly FeedbackRow[]>;
  /**
   * Oldest first, of one time by receipt and source; the next page comes after the last row of this
   * one. A row that is replaced counts as new.
   */
  doListFeedback(filter: {
    readonly limit: number;
    readonly after?: Pick<FeedbackRow, 'at' | 'receipt' | 'source'>;
  }): Promise<readonly FeedbackRow[]>;
}

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret, hex; the secret itself is never stored. */
  readonly hash: string;
  readonly principals: readonly string[];
  readonly keepsText: boolean;
  readonly budgetDaily?: number;
  readonly rateLimit?: number;
  readonly tokenLimit?: number;
  readonly createdAt: number;
  readonly revokedAt?: number;
}

export interface KeyStore {
  doPutKey(row: KeyRow): Promise<void>;
  doFindKey(hash: string): Promise<KeyRow | undefined>;
  doListKeys(): Promise<readonly KeyRow[]>;
  /** False when there is no such key or it was revoked before. */
  doRevokeKey(id: string, at: number): Promise<boolean>;
}

export interface SpendStore {
  /**
   * Adds a reservation if what is settled and reserved in the period stays ≤ limit; atomic.
   * Amounts are US dollars. `period` is e.g. `2026-11-23`.
   */
  doReserve(reservation: {
    readonly id: string;
    readonly key: string;
    readonly period: string;
    readonly amount: number;
    readonly limit: number;
    readonly at: number;
  }): Promise<boolean>;
  /**
   * Replaces the reservation by what was really spent (0 gives it back). The first settlement counts,
   * and none is ever counted twice: said again it changes nothing, or rejects with `store_failed` where
   * the reservation is no longer known (the owner of a home forgets them when its process ends, and
   * all but the last 10,000 that ended). Where it rejects because nothing could be written it may be
   * said again.
   */
  doSettle(id: string, spent: number): Promise<void>;
  doSpent(key: string, period: string): Promise<number>;
  /**
   * Gives back reservations made before `at` that nobody settled: their process was killed, or runs
   * elsewhere and could not reach the store. Returns how many.
   */
  doReleaseStale(at: number): Promise<number>;
}

export interface CollectionRow extends Omit<CollectionSettings, 'rules'> {
  readonly name: string;
  /** Where its documents come from; folders and files in it are absolute. */
  readonly sources: readonly SourceSpec[];
  readonly watched: boolean;
  /** Readers by path; the last one that fits counts. */
  readonly rules?: readonly AccessRule[] | undefined;
  /** The weight of meaning where it was fitted; else it is `ground.denseWeight`. */
  readonly weight?: CollectionWeight | undefined;
  /** Rises by one with every change of its documents. */
  readonly version: number;
  readonly embedder: string | null;
}

export interface DocumentRow {
  readonly id: string;
  readonly collection: string;
  readonly path: string;
  /** Absent where it has none of its own. */
  readonly title?: string;
  /** What it is: `markdown`, `pdf`, `docx` …; '' = unknown. */
  readonly type: string;
  readonly version: number;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** SHA-256 of the bytes, hex; '' when they could not be read. */
  readonly hash: string;
  readonly chunkCount: number;
  /** The source that listed it (`sourceName`), and its mark there. */
  readonly source?: string;
  readonly mark?: string;
  /** Where a person finds the original, if not at its path. */
  readonly uri?: string;
  /**
   * Why it could not be read. It has no chunks then, except where its source could not be reached:
   * there the chunks of its last version stay.
   */
  readonly problem?: string;
  /** How often reading it failed since its mark changed, and when it is tried again by itself. */
  readonly attempts?: number;
  readonly retryAt?: number;
  /** Instructions to a model in its text (data all the same), and how it was read (`ReadingFlag`). */
  readonly flags: readonly string[];
  /** What was written about its passages for the index; absent = nothing. */
  readonly contexts?: ContextCount;
  /** What its source says of readers, owner and metadata. */
  readonly given?: DocumentGrant;
  /** What somebody said by hand; wins over source and rules, and outlives new versions. */
  readonly override?: DocumentGrant;
  /**
   * Who of the collection's readers may read it, by `documentReaders`; `public` = all of them. Worked
   * out by the store at every write, so that no writer with an old view can open what was closed.
   */
  readonly principals: readonly string[];
  /** As it counts; see `documentWords`. */
  readonly owner?: string;
  readonly metadata: Metadata;
}

/** What a writer of documents says; the rest of the row belongs to the store. */
export type DocumentDraft = Omit<DocumentRow, 'override' | 'principals' | 'owner' | 'metadata'>;

type Redescribed = 'title' | 'source' | 'mark' | 'uri' | 'problem' | 'attempts' | 'retryAt';

/**
 * What may change without reading the document again; what is absent stays as it is, and what is
 * undefined goes.
 */
export interface DocumentChange extends Gone<Partial<Pick<DocumentRow, Redescribed>>> {
  readonly path?: string;
  readonly type?: string;
  readonly modifiedAt?: number;
  readonly given?: DocumentGrant;
  /** Makes of what was said by hand before what is said from now on; null = nothing. */
  readonly override?: (before: DocumentGrant | undefined) => DocumentGrant | null;
}

type Gone<T> = { readonly [Field in keyof T]: T[Field] | undefined };

/** Whole sentences of one section of one document. */
export interface ChunkRow {
  readonly id: string;
  readonly documentId: string;
  readonly documentVersion: number;
  readonly path: string;
  readonly headings: readonly string[];
  readonly page?: number;
  /** What is indexed: the text of the context, path and headings, the chunk, tails of its neighbours. */
  readonly indexText: string;
  /** Never shown, cited or given to a spoke. */
  readonly context?: ChunkContext;
  readonly sentences: readonly ChunkSentence[];
  readonly embedding?: Float32Array;
}

export interface ChunkSentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line?: number;
  /** A table row said with its headers, `header: cell; header: cell`. */
  readonly withHeaders?: string;
}

/** A chunk without what only the index needs, with the document as it is now. */
export interface FoundChunkRow extends Omit<ChunkRow, 'indexText' | 'context' | 'embedding'> {
  readonly document: DocumentRow;
}

export interface ChunkStore {
  /** Rules and owner count at once, for the documents that are there too. */
  doPutCollection(row: Omit<CollectionRow, 'version'>): Promise<CollectionRow>;
  /** Changes only what is named, whatever others change at the same time; undefined = there is none. */
  doChangeCollection(
    name: string,
    change: Partial<Omit<CollectionRow, 'name' | 'version'>>,
  ): Promise<CollectionRow | undefined>;
  doGetCollection(name: string): Promise<CollectionRow | undefined>;
  /** Only collections that one of the principals may read; `undefined` = all (the operator). */
  doListCollections(principals?: readonly string[]): Promise<readonly CollectionRow[]>;
  doDropCollection(name: string): Promise<boolean>;
  /** Documents that one of the principals may read (`undefined` = all), those with problems too, by id. */
  doListDocuments(
    collection: string,
    principals?: readonly string[],
    page?: ListPage,
  ): Promise<readonly DocumentRow[]>;
  /** As `doListDocuments`, of these ids alone. */
  doFindDocuments(
    collection: string,
    ids: readonly string[],
    principals?: readonly string[],
  ): Promise<readonly DocumentRow[]>;
  /** Replaces every older version of the document by this one, in one transaction. */
  doSwapDocument(document: DocumentDraft, chunks: readonly ChunkRow[]): Promise<void>;
  /** Renames, dates, access, metadata in one transaction; not even the version where all is as wanted. */
  doChangeDocument(collection: string, id: string, change: DocumentChange): Promise<DocumentRow>;
  doDropDocument(collection: string, id: string): Promise<void>;
  /** True for ever once a document of that id was dropped, alone or with its collection. */
  doWasDropped(collection: string, id: string): Promise<boolean>;
  /** The chunks of one document with their embeddings, in reading order; none where it is gone. */
  doReadDocument(collection: string, id: string): Promise<readonly ChunkRow[]>;
  /**
   * Those of the chunks that are part of their document's current version and that one of the
   * principals may read (`undefined` = all), of one moment, in the order of the ids. What was dropped,
   * replaced or forbidden meanwhile is left out.
   */
  doFindChunks(
    collection: string,
    ids: readonly string[],
    principals?: readonly string[],
  ): Promise<readonly FoundChunkRow[]>;
  /** All chunks of the collection, for building an index; in a stable order. */
  doReadChunks(collection: string): AsyncIterable<ChunkRow>;
  /**
   * What changed since a collection version: ids of documents that are gone or replaced, documents
   * whose row changed (path, access, metadata … or content), and chunks of those with new content.
   */
  doReadChanges(
    collection: string,
    since: number,
  ): Promise<{
    readonly version: number;
    readonly dropped: readonly string[];
    readonly documents: readonly DocumentRow[];
    readonly chunks: readonly ChunkRow[];
  }>;
}

export interface Store
  extends ReceiptStore,
    FeedbackStore,
    KeyStore,
    SpendStore,
    ChunkStore,
    ObjectStore {
  doClose(): Promise<void>;
}
