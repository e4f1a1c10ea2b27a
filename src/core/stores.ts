import type { JsonObject } from './chat.ts';
import type { CadreError } from './errors.ts';
import type { CadreEvent } from './events.ts';
import type { Citation } from './evidence.ts';
import type { FeedbackRow } from './outcome.ts';
import type { Receipt } from './receipt.ts';

/**
 * Words that a key's owner asked to keep; stored apart from the receipt, because they are deleted
 * sooner. The receipt's own fields are here as they were before their words were taken out.
 */
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
  /** With its words while its text is kept. */
  doGetReceipt(id: string): Promise<Receipt | undefined>;
  /** For replay: all events while the text is kept, the wordless ones after that. */
  doGetEvents(id: string): Promise<readonly CadreEvent[] | undefined>;
  doGetText(id: string): Promise<KeptText | undefined>;
  /**
   * Newest first, of one time the greatest id first; without words. The next page comes after the
   * last receipt of this one: `before` is its time, `beforeId` its id. Without `beforeId` all
   * receipts of that very millisecond are left out.
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

export interface CollectionRow {
  readonly name: string;
  /** Absolute folder that it follows. */
  readonly folder: string;
  readonly watched: boolean;
  /** Who may read it; `public` = everyone. */
  readonly principals: readonly string[];
  /** Rises by one with every change of its documents. */
  readonly version: number;
  readonly embedder: string | null;
}

export interface DocumentRow {
  readonly id: string;
  readonly collection: string;
  readonly path: string;
  readonly version: number;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly chunkCount: number;
  /** Why the document could not be read; such a document has no chunks. */
  readonly problem?: string;
  /** Instructions to a model were found in its text; it is data all the same. */
  readonly flags: readonly string[];
}

/** Whole sentences of one section of one document. */
export interface ChunkRow {
  readonly id: string;
  readonly documentId: string;
  readonly documentVersion: number;
  readonly path: string;
  readonly headings: readonly string[];
  readonly page?: number;
  /** What is indexed: path and headings, the chunk, tails of its neighbours. */
  readonly indexText: string;
  readonly sentences: readonly ChunkSentence[];
  readonly embedding?: Float32Array;
}

export interface ChunkSentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line?: number;
}

export interface ChunkStore {
  doPutCollection(row: Omit<CollectionRow, 'version'>): Promise<CollectionRow>;
  doGetCollection(name: string): Promise<CollectionRow | undefined>;
  /** Only collections that one of the principals may read; `undefined` = all (the operator). */
  doListCollections(principals?: readonly string[]): Promise<readonly CollectionRow[]>;
  doDropCollection(name: string): Promise<boolean>;
  /** All documents, those with problems too. */
  doListDocuments(collection: string): Promise<readonly DocumentRow[]>;
  /** Replaces every older version of the document by this one, in one transaction. */
  doSwapDocument(document: DocumentRow, chunks: readonly ChunkRow[]): Promise<void>;
  /** Renames without touching chunks' ids or embeddings, in one transaction. */
  doMoveDocument(collection: string, id: string, path: string, modifiedAt: number): Promise<void>;
  doDropDocument(collection: string, id: string): Promise<void>;
  /** The chunks of one document with their embeddings, in reading order; none where it is gone. */
  doReadDocument(collection: string, id: string): Promise<readonly ChunkRow[]>;
  /** All chunks of the collection, for building an index; in a stable order. */
  doReadChunks(collection: string): AsyncIterable<ChunkRow>;
  /** Chunks that changed since a collection version, and ids of documents that are gone or replaced. */
  doReadChanges(
    collection: string,
    since: number,
  ): Promise<{
    readonly version: number;
    readonly dropped: readonly string[];
    readonly chunks: readonly ChunkRow[];
  }>;
}

/** What a client made and may ask for again: a stored response, a file, a batch. */
export interface ObjectRow {
  readonly kind: 'response' | 'file' | 'batch';
  readonly id: string;
  /** Id of the API key that owns it; no other key ever sees it. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** After this it is as good as deleted; absent = until it is deleted. */
  readonly expiresAt?: number;
  readonly body: JsonObject;
}

/** A piece of an object's content: a stretch of a file, the result of one line of a batch. */
export interface ObjectPart {
  /** Its place in the content, from 0; places may be missing. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

type Kind = ObjectRow['kind'];

export interface ObjectStore {
  /** Inserts or replaces. */
  doPutObject(row: ObjectRow): Promise<void>;
  /** Replaces it only while its body is still `expected`; false when another was faster or it is gone. */
  doChangeObject(row: ObjectRow, expected: JsonObject): Promise<boolean>;
  doGetObject(kind: Kind, id: string): Promise<ObjectRow | undefined>;
  /**
   * Newest first, of one time the greatest id first; `after` is the id that the page before ended
   * with. An `after` that is not there any more gives an empty page.
   */
  doListObjects(wanted: {
    readonly kind: Kind;
    readonly key?: string;
    readonly limit: number;
    readonly after?: string;
    readonly oldestFirst?: boolean;
  }): Promise<readonly ObjectRow[]>;
  /** Deletes it with its content; false when there was none. */
  doDeleteObject(kind: Kind, id: string): Promise<boolean>;
  /**
   * Inserts or replaces one part of the content. Content may come before its object; without one it
   * is purged a day later.
   */
  doPutPart(kind: Kind, id: string, part: ObjectPart): Promise<void>;
  /** In the order of places, one part in memory at a time. */
  doReadParts(kind: Kind, id: string): AsyncIterable<ObjectPart>;
  /** The places that are filled, ascending. */
  doListPlaces(kind: Kind, id: string): Promise<readonly number[]>;
  /** Deletes the content alone. */
  doDropParts(kind: Kind, id: string): Promise<void>;
  /** Deletes what expired before `now` and content that nobody ever claimed; returns objects deleted. */
  doPurgeObjects(now: number): Promise<number>;
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
