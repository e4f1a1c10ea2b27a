import type { DocumentGrant } from './access.ts';
import type { SourceSpec } from './config-source.ts';
import type { CallOptions } from './ports.ts';

/** A document as its source lists it, before anything of it is read. */
export interface SourceItem {
  /** Relative to the source, forward slashes; what citations show. */
  readonly path: string;
  /**
   * Differs whenever the content may differ: size and time of a file, an etag, a blob's id, the
   * hash of a row. A document whose mark is the stored one is not read, except by the nightly run.
   */
  readonly mark: string;
  /** 0 where the source does not know before reading. */
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Where a person finds the original. */
  readonly uri?: string;
  /** Where the path does not say it: the subject of a mail, the title of a row. */
  readonly title?: string;
  /** What it is, as in `DocumentRow.type`; absent = told by the suffix of its path. */
  readonly type?: string;
  /** What the source says of readers, owner and metadata. */
  readonly given?: DocumentGrant;
}

export interface SourceListing {
  readonly items: readonly SourceItem[];
  /** What is left out, with the reason; documents below a path that is left out stay as they are. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** The content of an item, as a file that a parser reads. */
export interface OpenedItem {
  /** Absolute; its suffix tells the format. */
  readonly file: string;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
  /** False when the content changed after it was hashed. Absent = it cannot. */
  isSteady?(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A place that documents come from. To the reconciler all are alike: they list, and they open. A
 * document that cannot be read rejects with `document_unreadable` (then it is no longer found); one
 * that cannot be reached now rejects with another code (then its last version stays and it is
 * tried again).
 */
export interface Source {
  /** Every document that there is now. `onCount` is told how many were seen while it runs. */
  doList(
    options: CallOptions & { readonly onCount?: (count: number) => void },
  ): Promise<SourceListing>;
  doOpen(item: SourceItem, options: CallOptions): Promise<OpenedItem>;
  /**
   * Calls back once when it begins to watch and (debounced) after every change, until the signal
   * aborts. A source without it is listed again every `ground.reconcileSeconds`.
   */
  doWatch?(onChange: () => void, options: CallOptions): Promise<void>;
}

/** Gives the source of a specification; the same one each time. */
export type OpenSource = (spec: SourceSpec) => Source;

/** What people call a source; tells the sources of a collection apart. */
export function sourceName(spec: SourceSpec): string {
  if (spec.kind === 'files') return spec.store;
  return spec.folder.replace(/(?<=.)[\\/]+$/, '');
}
