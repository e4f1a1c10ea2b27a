import { Growing } from './growing.ts';
import { packEntry, UnpackedEntries, weighEntries } from './packed-entries.ts';
import { type TermParts, TermTable } from './term-table.ts';

const MOST_PLACES = 0xffffff;
const numbers = (size: number) => new Uint32Array(size);
const bytes = (size: number) => new Uint8Array(size);

/** What term lists are made of; everything else is worked out from it. */
export interface LexicalParts {
  /** By the number that entries name. */
  readonly terms: TermParts;
  /** Packed entries, place after place; see `packEntry`. */
  readonly forward: Uint8Array<ArrayBuffer>;
  /** Where the entries of each place begin, and the end of the last. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Terms of each place, with repetition. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** 1 = not removed. */
  readonly alive: Uint8Array<ArrayBuffer>;
}

/** Which terms every place has, how often, and what BM25 needs to know of all living places. */
export class TermLists {
  #terms = new TermTable();
  #documentFrequency = new Growing(numbers);
  #forward = new Growing(bytes);
  #starts = new Growing(numbers);
  #lengths = new Growing(numbers);
  #alive = new Growing(bytes);
  #aliveCount = 0;
  #lengthTotal = 0;
  readonly #entries = new UnpackedEntries();

  constructor() {
    this.#starts.push(0);
  }

  /** Places ever given, removed ones too. */
  get size(): number {
    return this.#lengths.length;
  }

  get aliveCount(): number {
    return this.#aliveCount;
  }

  get termCount(): number {
    return this.#terms.size;
  }

  /** Mean length of the living places, at least 1. */
  get averageLength(): number {
    return this.#aliveCount === 0 ? 1 : Math.max(1, this.#lengthTotal / this.#aliveCount);
  }

  /** By place; may be longer than `size`. */
  get lengths(): Uint32Array {
    return this.#lengths.data;
  }

  isAlive(place: number): boolean {
    return place < this.size && this.#alive.data[place] === 1;
  }

  /** Terms of a place, with repetition. */
  lengthOf(place: number): number {
    return this.#lengths.data[place] ?? 0;
  }

  /** Frequencies by term of one place, ascending. */
  read(place: number, into: UnpackedEntries): void {
    const starts = this.#starts.data;
    into.unpack(this.#forward.data, starts[place] as number, starts[place + 1] as number, 0);
  }

  /** See `weighEntries`; `weights` by term. */
  weigh(place: number, weights: Float32Array, saturation: number): number {
    const starts = this.#starts.data;
    const range = [starts[place] as number, starts[place + 1] as number] as const;
    return weighEntries(this.#forward.data, range, weights, saturation);
  }

  /** Undefined for a term that no place ever had. */
  find(term: string): number | undefined {
    return this.#terms.find(term);
  }

  /** Living places that have the term. */
  documentFrequencyOf(term: number): number {
    return this.#documentFrequency.data[term] ?? 0;
  }

  /** Inverse document frequency, ln(1 + (N − n + .5) / (n + .5)); undefined = a term nobody has. */
  idfOf(term: number | undefined): number {
    const count = term === undefined ? 0 : this.documentFrequencyOf(term);
    return Math.log(1 + (this.#aliveCount - count + 0.5) / (count + 0.5));
  }

  /** Returns the new place. Throws RangeError beyond 2^24 places or terms. */
  add(terms: readonly string[]): number {
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    const frequencies = new Map<number, number>();
    for (const [term, count] of counts) frequencies.set(this.#terms.add(term), count);
    return this.#addFrequencies(frequencies, terms.length);
  }

  remove(place: number): void {
    if (!this.isAlive(place)) return;
    this.#alive.data[place] = 0;
    this.#count(place, -1);
  }

  /** Lists of only these places, in this order, numbered from 0; terms nobody has are gone. */
  keep(places: readonly number[]): TermLists {
    const kept = new TermLists();
    const known = new Map<number, number>();
    for (const place of places) {
      const frequencies = new Map<number, number>();
      this.read(place, this.#entries);
      for (let at = 0; at < this.#entries.count; at += 1) {
        const term = this.#entries.numbers[at] as number;
        const number = known.get(term) ?? kept.#terms.add(this.#terms.text(term));
        known.set(term, number);
        frequencies.set(number, this.#entries.frequencies[at] as number);
      }
      kept.#addFrequencies(frequencies, this.lengthOf(place));
    }
    return kept;
  }

  /** Views for the moment. */
  toParts(): LexicalParts {
    return {
      terms: this.#terms.toParts(),
      forward: this.#forward.view(),
      starts: this.#starts.view(),
      lengths: this.#lengths.view(),
      alive: this.#alive.view(),
    };
  }

  /** Takes the arrays as its own. Throws RangeError where they do not fit each other. */
  static fromParts(parts: LexicalParts): TermLists {
    const { terms, forward, starts, lengths, alive } = parts;
    const isWhole = starts.length === lengths.length + 1 && alive.length === lengths.length;
    if (!isWhole || starts.at(-1) !== forward.length)
      throw new RangeError('the arrays of a lexical index do not fit each other');
    const made = new TermLists();
    made.#terms = TermTable.fromParts(terms);
    made.#documentFrequency = Growing.over(new Uint32Array(made.termCount), numbers);
    made.#forward = Growing.over(forward, bytes);
    made.#starts = Growing.over(starts, numbers);
    made.#lengths = Growing.over(lengths, numbers);
    made.#alive = Growing.over(alive, bytes);
    for (let place = 0; place < lengths.length; place += 1)
      if (alive[place] === 1) made.#count(place, 1);
    return made;
  }

  #addFrequencies(frequencies: ReadonlyMap<number, number>, length: number): number {
    const place = this.size;
    if (place > MOST_PLACES) throw new RangeError('an index holds at most 2^24 chunks');
    while (this.#documentFrequency.length < this.#terms.size) this.#documentFrequency.push(0);
    let before = 0;
    for (const term of Uint32Array.from(frequencies.keys()).sort()) {
      packEntry(this.#forward, term - before, frequencies.get(term) ?? 1);
      before = term;
    }
    this.#starts.push(this.#forward.length);
    this.#lengths.push(length);
    this.#alive.push(1);
    this.#count(place, 1);
    return place;
  }

  /** Takes a living place into the statistics, or one that no longer lives out of them. */
  #count(place: number, step: 1 | -1): void {
    this.#aliveCount += step;
    this.#lengthTotal += step * this.lengthOf(place);
    const counts = this.#documentFrequency.data;
    this.read(place, this.#entries);
    for (let at = 0; at < this.#entries.count; at += 1) {
      const term = this.#entries.numbers[at] as number;
      if (term >= this.#documentFrequency.length)
        throw new RangeError(`a place has the term ${term}, which has no name`);
      counts[term] = (counts[term] as number) + step;
    }
  }
}
