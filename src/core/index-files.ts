import type { JsonObject } from './chat.ts';

/** An array in pieces; each may be gone when the next is asked for. */
export interface SavedSection {
  readonly bytes: number;
  readonly pieces: Iterable<Uint8Array>;
}

/** An index as it is saved: what is said about it, and its arrays by name. */
export interface SavedIndex {
  readonly about: JsonObject;
  readonly sections: Readonly<Record<string, SavedSection>>;
}

/** Keeps what is derived from the store and may be lost at any time. */
export interface IndexFiles {
  /**
   * What `use` makes of it; undefined = there is none. Sections are read as they are asked for, only
   * while `use` runs. Rejects with `store_failed` and the reason where it is of no use.
   */
  doRead<T>(collection: string, use: (saved: SavedIndex) => T): Promise<T | undefined>;
  /**
   * All of it or nothing, whenever the process is killed. The arrays are read before anything else
   * has a turn. Rejects with `store_failed`.
   */
  doWrite(collection: string, index: SavedIndex): Promise<void>;
  doDelete(collection: string): Promise<void>;
  /** Deletes what belongs to none of these collections, and what a killed process left behind. */
  doTidy(collections: readonly string[]): Promise<void>;
}
