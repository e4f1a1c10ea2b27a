import { mayRead } from '../core/access.ts';
import {
  type DocumentFilter,
  type FilteredDocument,
  matchesFilter,
} from '../core/document-filter.ts';
import { Growing } from './growing.ts';

/** What the index knows of a document, so that only wanted ones are ranked. */
export interface DocumentFacts extends FilteredDocument {
  readonly id: string;
  /** Who of the collection's readers may read it. */
  readonly principals: readonly string[];
}

/** Whose documents are ranked, and which of them. */
export interface DocumentWish {
  /** Undefined = everyone's. */
  readonly principals?: readonly string[] | undefined;
  readonly filter?: DocumentFilter | undefined;
}

/** Answers kept between two changes; callers of one farm belong to few groups. */
const MOST_ANSWERS = 32;

/**
 * The documents of an index by number, and which of them a search may rank: one byte each, worked out
 * once per kind of wish between two changes. A document that nothing is known of is not wanted
 * where anything is asked of it.
 */
export class DocumentTable {
  readonly #numbers = new Map<string, number>();
  readonly #facts: (DocumentFacts | undefined)[] = [];
  /** By number. */
  readonly #ids: string[] = [];
  readonly #free: number[] = [];
  /** Lists of readers, each once: there are fewer of them than documents. */
  readonly #readers = new Map<string, readonly string[]>();
  #numberOf = new Growing((size) => new Uint32Array(size));
  readonly #answers = new Map<string, Uint8Array>();

  /** Says of whom the chunk at the next place is. */
  addPlace(documentId: string): void {
    this.#numberOf.push(this.#number(documentId));
  }

  /** Begins with `count` places; those that no document names are of nobody. */
  restore(count: number, places: ReadonlyMap<string, readonly number[]>): void {
    const numbers = new Uint32Array(count).fill(this.#number(''));
    for (const [documentId, own] of places) {
      const number = this.#number(documentId);
      for (const place of own) numbers[place] = number;
    }
    this.#numberOf.append(numbers);
  }

  learn(facts: DocumentFacts): void {
    const readers = JSON.stringify(facts.principals);
    const principals = this.#readers.get(readers) ?? facts.principals;
    this.#readers.set(readers, principals);
    this.#facts[this.#number(facts.id)] = { ...facts, principals };
    this.#answers.clear();
  }

  /** The document is gone, or is about to come anew. */
  forget(documentId: string): void {
    const number = this.#numbers.get(documentId);
    if (number === undefined) return;
    this.#facts[number] = undefined;
    this.#answers.clear();
  }

  /** Only these places stay, in this order; documents without a place or facts are forgotten. */
  keep(places: readonly number[]): void {
    const kept = new Growing((size) => new Uint32Array(size));
    const numbers = this.#numberOf.view();
    const used = new Set<number>();
    for (const place of places) {
      const number = numbers[place] as number;
      used.add(number);
      kept.push(number);
    }
    this.#numberOf = kept;
    for (const [id, number] of this.#numbers) {
      if (used.has(number) || this.#facts[number] !== undefined) continue;
      this.#numbers.delete(id);
      this.#free.push(number);
    }
  }

  /** Of the document at a place. */
  idOf(place: number): string {
    return this.#ids[this.#numberOf.view()[place] as number] ?? '';
  }

  /** When the document at a place was last changed; undefined = unknown. */
  modifiedAt(place: number): number | undefined {
    return this.#facts[this.#numberOf.view()[place] as number]?.modifiedAt;
  }

  /** Undefined where every place is wanted. */
  wanted({ principals, filter }: DocumentWish): ((place: number) => boolean) | undefined {
    if (principals === undefined && filter === undefined) return undefined;
    const key = JSON.stringify([principals?.toSorted(), filter]);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = Uint8Array.from(this.#facts, (facts) =>
        facts !== undefined &&
        mayRead(facts.principals, principals) &&
        (filter === undefined || matchesFilter(filter, facts))
          ? 1
          : 0,
      );
      const [oldest] = this.#answers.keys();
      if (this.#answers.size >= MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
      this.#answers.set(key, answer);
    }
    const isWanted = answer;
    const numbers = this.#numberOf.view();
    return (place) => isWanted[numbers[place] as number] === 1;
  }

  #number(documentId: string): number {
    const known = this.#numbers.get(documentId);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#facts.length;
    this.#facts[number] = undefined;
    this.#ids[number] = documentId;
    this.#numbers.set(documentId, number);
    this.#answers.clear();
    return number;
  }
}
