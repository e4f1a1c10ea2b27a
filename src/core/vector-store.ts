import type { Metadata } from './access.ts';
import type { JsonObject } from './chat.ts';
import type { Passage } from './evidence.ts';
import type { ObjectRow } from './objects.ts';
import type { SearchWish } from './search-result.ts';

/** An uploaded file as a part of one vector store. */
export interface StoredVectorFile extends JsonObject {
  readonly attributes: JsonObject & Metadata;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
}

/** Files that were added together. */
export interface VectorFileBatch extends JsonObject {
  readonly createdAt: number;
  readonly files: readonly string[];
  /** Those that its cancellation took out again. */
  readonly cancelled: readonly string[];
}

/** The body of an object of the kind `vector_store`. Its documents lie in the collection of its id. */
export interface VectorStoreBody extends JsonObject {
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: JsonObject | null;
  /** Days without use after which it goes; null = never. */
  readonly idleDays: number | null;
  readonly lastActiveAt: number;
  /** By id of the file. */
  readonly files: { readonly [id: string]: StoredVectorFile };
  readonly batches: { readonly [id: string]: VectorFileBatch };
}

export interface VectorStoreRow extends ObjectRow {
  readonly body: VectorStoreBody;
}

/** What its maker may say of a vector store. */
export type VectorStoreWords = Pick<
  VectorStoreBody,
  'name' | 'description' | 'metadata' | 'idleDays'
>;

export interface VectorFileWish {
  readonly id: string;
  /** Absent: those that the file has in the store stay, else none. */
  readonly attributes?: JsonObject & Metadata;
}

export interface VectorFile extends Required<VectorFileWish> {
  readonly addedAt: number;
  readonly status: 'in_progress' | 'completed' | 'failed';
  /** Bytes of the file that is searched; 0 until it is. */
  readonly bytes: number;
  /** Why it failed. */
  readonly problem?: string;
}

export interface NewVectorStore {
  /** Also the name of its collection. */
  readonly id: string;
  /** The API key whose store it is. */
  readonly key: string;
  readonly words: VectorStoreWords;
  readonly files: readonly VectorFileWish[];
}

/** Uploaded files that can be searched and asked, each store a collection that its key alone reads. */
export interface VectorStores {
  /** Stores it at once; its files are read afterwards. */
  create(store: NewVectorStore): Promise<VectorStoreRow>;
  /** Undefined = there is none any more. */
  change(id: string, words: Partial<VectorStoreWords>): Promise<VectorStoreRow | undefined>;
  /** Takes documents and store away; false when there was none. */
  drop(id: string): Promise<boolean>;
  /** Every file with how far it is, oldest first. */
  files(row: VectorStoreRow): Promise<readonly VectorFile[]>;
  /** Adds files, together as the batch of that id. Throws `invalid_request` beyond 10,000 files. */
  addFiles(
    id: string,
    files: readonly VectorFileWish[],
    batch?: string,
  ): Promise<VectorStoreRow | undefined>;
  changeFile(id: string, file: Required<VectorFileWish>): Promise<VectorStoreRow | undefined>;
  /** Resolves when nothing of the file is found any more. */
  removeFile(id: string, file: string): Promise<void>;
  /** Takes out those files of a batch that were not read yet. */
  cancelBatch(id: string, batch: string): Promise<VectorStoreRow | undefined>;
  /** The text of a file as it was read, section by section; nothing where the principals may not read it. */
  content(
    id: string,
    file: string,
    principals: readonly string[] | undefined,
  ): Promise<readonly string[]>;
  /** Passages, best first; none while its files are still to be read. */
  search(wish: SearchWish, signal: AbortSignal): Promise<readonly Passage[]>;
  /** Somebody searched it or changed its files. */
  touch(id: string): Promise<void>;
  /** A file of this key is gone: resolves when no store of the key finds it any more. */
  forgetFile(key: string, file: string): Promise<void>;
}

/** The path of an uploaded file in its collection; the id keeps two files of one name apart. */
export function vectorFilePath(file: string, filename: string): string {
  return `${file}/${filename}`;
}

/** The uploaded file behind such a path; undefined for a path of another source. */
export function uploadedFileOf(
  path: string,
): { readonly id: string; readonly filename: string } | undefined {
  const [, id, filename] = /^(file-[a-z2-7]{24})\/([^/]+)$/u.exec(path) ?? [];
  return id === undefined || filename === undefined ? undefined : { id, filename };
}
