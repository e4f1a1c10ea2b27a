import type { IndexProgress, IndexSummary } from './index-progress.ts';
import type { ContextStanding } from './passage-context.ts';
import type { Block, DocumentPage } from './ports.ts';
import type { DocumentRow } from './stores.ts';

/** A run of text with its place; the words stand in `DocumentText.text`. */
export type TextBlock = Omit<Block, 'text'>;

/** The text of a document as a person reads it, or the part of a long one around a place. */
export interface DocumentText {
  readonly document: DocumentRow;
  /** `original`: its source was read again just now; `index`: put together from the stored sentences. */
  readonly origin: 'original' | 'index';
  /** Why it does not come from the original, in words for a person. */
  readonly reason?: string;
  /** Characters of the whole text. */
  readonly length: number;
  /** The characters [start, end) that `text` holds; all other offsets count from the whole text's begin. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of this part, in reading order. */
  readonly blocks: readonly TextBlock[];
  /** Pages that lie in this part; absent where the text has no places on pages. */
  readonly pages?: readonly DocumentPage[];
}

export interface DocumentTextRequest {
  readonly collection: string;
  readonly id: string;
  /** Undefined = an operator, who may read everything. */
  readonly principals: readonly string[] | undefined;
  /** A character that the part has to hold; 0 when absent. */
  readonly around?: number;
}

/** The last reconciliation of a collection since the farm started. */
export interface CollectionRun {
  /** When it ended, milliseconds since the epoch. */
  readonly endedAt: number;
  readonly ms: number;
  readonly summary?: IndexSummary;
  /** Why it ended before its time. */
  readonly problem?: string;
}

/** Why a collection may not hold all that its sources have. */
export interface CollectionWarning {
  readonly code: 'indexing' | 'source-failed' | 'run-failed';
  /** For everybody who may read the collection; numbers of documents are in it for operators. */
  readonly words: string;
  /** What went wrong, for operators: it may name places. */
  readonly detail?: string;
}

/** How a collection stands, counted over the documents that the caller may read. */
export interface CollectionStanding {
  /** Documents that can be found, and those that could not be read. */
  readonly documents: number;
  readonly problems: number;
  /** Documents with something to know about their text: recognised, hidden text, instructions. */
  readonly flagged: number;
  readonly chunks: number;
  readonly bytes: number;
  /** When the newest of its documents was changed, milliseconds since the epoch. */
  readonly newestAt?: number;
  /** The next attempt at a document that could not be read. */
  readonly retryAt?: number;
  /** What is going on right now; for operators, as paths of all documents are in it. */
  readonly running?: IndexProgress;
  readonly last?: CollectionRun;
  /** The sentences about its passages; absent where none are wanted. */
  readonly contexts?: ContextStanding;
  /** Why it may not hold all that its sources have. */
  readonly warnings: readonly CollectionWarning[];
  /** When all of it is compared byte by byte next; absent where it is not followed. */
  readonly nightlyAt?: number;
}
