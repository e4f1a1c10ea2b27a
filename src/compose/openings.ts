import { randomUUID } from 'node:crypto';
import type { Caller } from '../core/call.ts';
import { deviationsOf } from '../core/evidence.ts';
import type { ObjectRow, ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { SearchResult } from '../core/search-result.ts';
import type { ShownList } from '../ground/weight-shown.ts';

/** Searches whose results can still be opened; an opening later than that many is not noted. */
const MOST_SEARCHES = 1000;
/** Searches of one key a day whose openings are noted, and of one collection that are learnt from. */
const MOST_A_DAY = 500;
const MOST_LISTS = 5000;
const DAY_MS = 86_400_000;
const PAGE = 500;

interface Shown {
  readonly collection: string;
  readonly chunks: readonly string[];
  /** By rank: deviations of words and of meaning, number of the document in the list. */
  readonly places: readonly (readonly [number, number, number])[];
}

/**
 * What callers open of the results of a search, so that the weight of meaning can be fitted to it.
 * Noted is how much each leg made of what was shown, and which of it was opened: no word of query or
 * documents, and no name of either. Goes when receipts go.
 */
export class Openings {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #retentionDays: () => number;
  readonly #shown = new Map<string, Shown>();
  #day = { number: 0, counts: new Map<string, number>() };

  constructor(parts: {
    readonly store: ObjectStore;
    readonly clock: Clock;
    readonly retentionDays: () => number;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#retentionDays = parts.retentionDays;
  }

  /** The name under which results may be opened; undefined where one leg alone ranked them. */
  remember(collection: string, { passages }: SearchResult): string | undefined {
    const documents = passages.map((one) => one.sentences[0]?.documentId ?? '');
    const legs = passages.map(deviationsOf);
    if (passages.length < 2 || legs.includes(undefined)) return undefined;
    const id = `srch_${randomUUID().replaceAll('-', '')}`;
    const [oldest] = this.#shown.keys();
    if (this.#shown.size >= MOST_SEARCHES && oldest !== undefined) this.#shown.delete(oldest);
    this.#shown.set(id, {
      collection,
      chunks: passages.map((one) => one.chunkId),
      places: legs.map((one, at) => [
        rounded(one?.words ?? 0),
        rounded(one?.meaning ?? 0),
        documents.indexOf(documents[at] ?? ''),
      ]),
    });
    return id;
  }

  /** False where it is not noted: an old search, another one's chunk, or one too many. */
  async note(collection: string, search: string, chunk: string, caller: Caller): Promise<boolean> {
    const shown = this.#shown.get(search);
    const document = shown?.places[shown.chunks.indexOf(chunk)]?.[2];
    if (shown?.collection !== collection || document === undefined) return false;
    for (let isCounted = false; ; ) {
      const before = await this.#store.doGetObject('opening', search);
      if (before === undefined && !isCounted && !this.#mayNote(caller.key)) return false;
      isCounted = true;
      const opened = [...new Set([...numbersOf(before?.body['opened']), document])];
      const createdAt = before?.createdAt ?? this.#clock.now();
      const row: ObjectRow = {
        ...{ kind: 'opening', id: search, key: before?.key ?? caller.key, createdAt },
        expiresAt: createdAt + this.#retentionDays() * DAY_MS,
        body: { collection, shown: shown.places.map((one) => [...one]), opened },
      };
      // Two results of one search may be opened at once.
      const isNoted =
        before === undefined
          ? await this.#store.doAddObject(row)
          : await this.#store.doChangeObject(row, before.body);
      if (isNoted) return true;
    }
  }

  /** The latest of a collection. */
  async lists(collection: string): Promise<ShownList[]> {
    const lists: ShownList[] = [];
    for await (const { body } of this.#rows(collection)) {
      if (lists.length === MOST_LISTS) break;
      const shown = Array.isArray(body['shown']) ? body['shown'] : [];
      const passages = shown.map((place) => {
        const [words = 0, meaning = 0, document = 0] = numbersOf(place);
        return { words, meaning, document: String(document) };
      });
      const taken = numbersOf(body['opened']).map(String);
      lists.push({ passages, taken, bias: 'place', trust: 1 });
    }
    return lists;
  }

  /** They are of no use to another collection of that name. */
  async forget(collection: string): Promise<void> {
    for (const [id, shown] of this.#shown)
      if (shown.collection === collection) this.#shown.delete(id);
    // All are named first: the next page begins behind the last row of the one before.
    const ids: string[] = [];
    for await (const { id } of this.#rows(collection)) ids.push(id);
    for (const id of ids) await this.#store.doDeleteObject('opening', id);
  }

  /** Of one collection, newest first. */
  async *#rows(collection: string) {
    let after: string | undefined;
    for (;;) {
      const wanted = { kind: 'opening', limit: PAGE, ...(after && { after }) } as const;
      const rows = await this.#store.doListObjects(wanted);
      after = rows.at(-1)?.id;
      for (const row of rows) if (row.body['collection'] === collection) yield row;
      if (rows.length < PAGE) return;
    }
  }

  #mayNote(key: string): boolean {
    const number = Math.floor(this.#clock.now() / DAY_MS);
    if (number !== this.#day.number) this.#day = { number, counts: new Map() };
    const count = this.#day.counts.get(key) ?? 0;
    this.#day.counts.set(key, count + 1);
    return count < MOST_A_DAY;
  }
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : [];
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
