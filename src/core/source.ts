import type { DocumentGrant } from './access.ts';
import { type ConfiguredSource, isUrl, type SourceSpec } from './config-source.ts';
import type { CadreError } from './errors.ts';
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
  /** Milliseconds since the epoch; absent = as old as when its content was first seen. */
  readonly modifiedAt?: number;
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
  /** What is not listed may still be there (a feed shows its newest entries): nothing is removed. */
  readonly isPartial?: boolean;
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
  /** Marks are made of the whole content, so that they cannot lie and the night need not read it. */
  readonly hasTrueMarks?: true;
  /** Every document that there is now. `onCount` is told how many were seen while it runs. */
  doList(
    options: CallOptions & { readonly onCount?: (count: number) => void },
  ): Promise<SourceListing>;
  doOpen(item: SourceItem, options: CallOptions): Promise<OpenedItem>;
  /** Frees what the last listing holds for opening; the next listing begins anew. */
  doRelease?(): Promise<void>;
  /**
   * Calls back once when it begins to watch and (debounced) after every change, until the signal
   * aborts. A source without it is listed again every `ground.reconcileSeconds`. `onProblem` is told
   * what changes it cannot see.
   */
  doWatch?(
    onChange: () => void,
    options: CallOptions & { readonly onProblem?: (error: CadreError) => void },
  ): Promise<void>;
}

/** Makes the source of a specification; one belongs to one collection. */
export type OpenSource = (spec: SourceSpec) => Source;

/** What people call a source; tells the sources of a collection apart. */
export function sourceName(spec: SourceSpec): string {
  switch (spec.kind) {
    case 'folder':
      return spec.folder.replace(/(?<=.)[\\/]+$/, '');
    case 'git':
      return `${spec.repository} at ${spec.ref}${spec.path === undefined ? '' : ` in ${spec.path}`}`;
    case 'web':
      return [
        spec.sitemap,
        spec.pages.length > 0 && `${spec.pages.length} pages of ${spec.pages[0]}`,
      ]
        .filter(Boolean)
        .join(' and ');
    case 'feed':
      return spec.url;
    case 'sql':
      return `${spec.file ?? spec.postgresEnv}: ${spec.query.slice(0, 100)}`;
    case 'mail':
      return spec.path;
    case 'files':
      return spec.store;
  }
}

/** The file or folder of this machine that a source reads; undefined where it reads none. */
export function placeOf(spec: SourceSpec): string | undefined {
  switch (spec.kind) {
    case 'folder':
      return spec.folder;
    case 'git':
      return isUrl(spec.repository) ? undefined : spec.repository;
    case 'sql':
      return spec.file;
    case 'mail':
      return spec.path;
    default:
      return undefined;
  }
}

/** The source with its file or folder made absolute. */
export function placedAt(
  spec: ConfiguredSource,
  absolute: (place: string) => string,
): ConfiguredSource {
  switch (spec.kind) {
    case 'folder':
      return { ...spec, folder: absolute(spec.folder) };
    case 'git':
      return isUrl(spec.repository) ? spec : { ...spec, repository: absolute(spec.repository) };
    case 'sql':
      return spec.file === undefined ? spec : { ...spec, file: absolute(spec.file) };
    case 'mail':
      return { ...spec, path: absolute(spec.path) };
    default:
      return spec;
  }
}
