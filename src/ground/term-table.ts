import { Growing } from './growing.ts';

/** The index packs a term's number with others into 32 bits. */
const MOST_TERMS = 0xffffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const bytes = (size: number) => new Uint8Array(size);
const numbers = (size: number) => new Uint32Array(size);

/** What a term table is made of. */
export interface TermParts {
  /** UTF-8 of all terms, by their numbers. */
  readonly letters: Uint8Array<ArrayBuffer>;
  /** Where each begins, and the end of the last. */
  readonly starts: Uint32Array<ArrayBuffer>;
}

/**
 * Numbers of terms, from 0 in the order of their first mention. The letters lie in one array of
 * UTF-8 and an open table of 32-bit places finds them: about 20 bytes a term, where a Map of strings
 * takes 100.
 */
export class TermTable {
  #letters = new Growing(bytes);
  #starts = new Growing(numbers);
  /** Number of the term + 1; 0 = free. A power of two long, at most half full. */
  #table = new Uint32Array(1024);
  /** UTF-8 of the term that is looked for. */
  #sought = new Uint8Array(256);
  #soughtLength = 0;

  constructor() {
    this.#starts.push(0);
  }

  get size(): number {
    return this.#starts.length - 1;
  }

  /** Undefined for a term that was never added. */
  find(term: string): number | undefined {
    this.#seek(term);
    const number = this.#table[this.#slot()] as number;
    return number === 0 ? undefined : number - 1;
  }

  /** The number of the term, which is added when it is new. Throws RangeError beyond 2^24 terms. */
  add(term: string): number {
    this.#seek(term);
    const slot = this.#slot();
    const known = this.#table[slot] as number;
    if (known !== 0) return known - 1;
    const number = this.size;
    if (number >= MOST_TERMS) throw new RangeError('an index holds at most 2^24 terms');
    this.#letters.append(this.#sought.subarray(0, this.#soughtLength));
    this.#starts.push(this.#letters.length);
    this.#table[slot] = number + 1;
    if (2 * this.size > this.#table.length) this.#fill(this.#table.length * 2);
    return number;
  }

  /** The term of a number that `add` gave. */
  text(number: number): string {
    const starts = this.#starts.data;
    return decoder.decode(this.#letters.data.subarray(starts[number], starts[number + 1]));
  }

  /** Views for the moment. */
  toParts(): TermParts {
    return { letters: this.#letters.view(), starts: this.#starts.view() };
  }

  /** Takes the arrays as its own. Throws RangeError where they do not fit each other. */
  static fromParts({ letters, starts }: TermParts): TermTable {
    const isWhole = starts[0] === 0 && starts.at(-1) === letters.length;
    if (!isWhole || starts.some((start, at) => start < (starts[at - 1] ?? 0)))
      throw new RangeError('the terms of a lexical index do not fit each other');
    const made = new TermTable();
    made.#letters = Growing.over(letters, bytes);
    made.#starts = Growing.over(starts, numbers);
    let slots = made.#table.length;
    while (slots < 2 * made.size) slots *= 2;
    made.#fill(slots);
    return made;
  }

  /** Almost all terms are ASCII, which needs no encoder. */
  #seek(term: string): void {
    if (term.length * 3 > this.#sought.length) this.#sought = new Uint8Array(term.length * 6);
    for (let at = 0; at < term.length; at += 1) {
      const code = term.charCodeAt(at);
      if (code > 127) {
        this.#soughtLength = encoder.encodeInto(term, this.#sought).written;
        return;
      }
      this.#sought[at] = code;
    }
    this.#soughtLength = term.length;
  }

  /** Where the sought term lies, or the free slot where it belongs. */
  #slot(): number {
    const last = this.#table.length - 1;
    const hash = hashOf(this.#sought, 0, this.#soughtLength);
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const number = this.#table[slot] as number;
      if (number === 0 || this.#isSought(number - 1)) return slot;
    }
  }

  #isSought(number: number): boolean {
    const letters = this.#letters.data;
    const start = this.#starts.data[number] as number;
    if ((this.#starts.data[number + 1] as number) - start !== this.#soughtLength) return false;
    for (let at = 0; at < this.#soughtLength; at += 1)
      if (letters[start + at] !== this.#sought[at]) return false;
    return true;
  }

  /** A table with so many slots in the place of the old one. */
  #fill(slots: number): void {
    const table = new Uint32Array(slots);
    const last = table.length - 1;
    const starts = this.#starts.data;
    for (let number = 0; number < this.size; number += 1) {
      const start = starts[number] as number;
      let slot = hashOf(this.#letters.data, start, starts[number + 1] as number) & last;
      while (table[slot] !== 0) slot = (slot + 1) & last;
      table[slot] = number + 1;
    }
    this.#table = table;
  }
}

/** FNV-1a (Fowler, Noll and Vo), 32 bits, with the last mixing step of MurmurHash3. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1)
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
