import type { JsonObject } from './chat.ts';

/** What was made and may be asked for again: a stored response, a file, a batch, a specialist … */
export interface ObjectRow {
  readonly kind:
    | 'response'
    | 'file'
    | 'batch'
    | 'vector_store'
    | 'fine_tuning_job'
    | 'specialist'
    // A request that was graded in a trial of a specialist's version: nothing but that it was.
    | 'trial_grade'
    // What a candidate answered unseen, beside what was shown; only where the key keeps text.
    | 'shadow_answer'
    // What a person said of the label of a text of the traffic.
    | 'label'
    // What was opened of the results of a search.
    | 'opening'
    // What is usual among sentences about a collection, whose name is the id: numbers alone.
    | 'usual';
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

/** A part of a list that is ordered by id. */
export interface ListPage {
  /** Absent = all. */
  readonly limit?: number;
  /** Id of the last one of the page before. */
  readonly after?: string;
}

export interface ObjectStore {
  /** Inserts or replaces. */
  doPutObject(row: ObjectRow): Promise<void>;
  /** Inserts it; false, and nothing changes, where there is one of its kind and id. */
  doAddObject(row: ObjectRow): Promise<boolean>;
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
    /** What the id begins with. */
    readonly prefix?: string;
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
