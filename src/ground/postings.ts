import { Growing } from './growing.ts';
import { packEntry, UnpackedEntries } from './packed-entries.ts';
import type { TermLists } from './term-lists.ts';

/** Entries of one term that are packed, bounded and skipped together. */
const BLOCK = 128;
/** Entries that are sorted by term at a time while postings are built: 5 bytes each. */
const SORTED_AT_ONCE = 1 << 22;

/**
 * Which places of a range have a term and how often: places ascending, in blocks with the greatest
 * frequency and the least length in each, from which a bound of every score in the block follows
 * (Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011).
 */
export interface Postings {
  readonly from: number;
  readonly to: number;
  /** Terms that some place has, ascending. */
  readonly terms: Uint32Array;
  /** First block of each of `terms`, and the end. */
  readonly firstBlocks: Uint32Array;
  /** Per block: where it begins in `bytes`, and the end. */
  readonly starts: Uint32Array;
  readonly lastPlaces: Uint32Array;
  readonly mostFrequencies: Uint8Array;
  readonly leastLengths: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Blocks of a term, [first, end); undefined where no place has it. */
export function blocksOf(postings: Postings, term: number): [number, number] | undefined {
  let low = 0;
  let high = postings.terms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((postings.terms[middle] as number) < term) low = middle + 1;
    else high = middle;
  }
  if (postings.terms[low] !== term) return undefined;
  return [postings.firstBlocks[low] as number, postings.firstBlocks[low + 1] as number];
}

/** Unpacks one block of the term whose blocks begin at `first`. */
export function unpackBlock(
  postings: Postings,
  block: number,
  first: number,
  into: UnpackedEntries,
): void {
  const base = block === first ? postings.from : (postings.lastPlaces[block - 1] as number);
  const { starts } = postings;
  into.unpack(postings.bytes, starts[block] as number, starts[block + 1] as number, base);
}

/** Postings of the living places `from` … `to` − 1, in time linear in their entries. */
export function buildPostings(source: TermLists, from: number, to: number): Postings {
  const counts = countTerms(source, from, to);
  const builder = new PostingsBuilder(source);
  let begin = 0;
  while (begin < counts.length) {
    let end = begin;
    let entries = 0;
    do {
      entries += counts[end] as number;
      end += 1;
    } while (end < counts.length && entries + (counts[end] as number) <= SORTED_AT_ONCE);
    builder.addTerms(counts, { begin, end, entries }, { from, to });
    begin = end;
  }
  return builder.build(from, to);
}

function countTerms(source: TermLists, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(source.termCount);
  const entries = new UnpackedEntries();
  for (let place = from; place < to; place += 1) {
    if (!source.isAlive(place)) continue;
    source.read(place, entries);
    for (let at = 0; at < entries.count; at += 1) {
      const term = entries.numbers[at] as number;
      counts[term] = (counts[term] as number) + 1;
    }
  }
  return counts;
}

const numbers = () => new Growing((size) => new Uint32Array(size));
const bytes = () => new Growing((size) => new Uint8Array(size));

class PostingsBuilder {
  readonly #source: TermLists;
  readonly #terms = numbers();
  readonly #firstBlocks = numbers();
  readonly #starts = numbers();
  readonly #lastPlaces = numbers();
  readonly #mostFrequencies = bytes();
  readonly #leastLengths = numbers();
  readonly #bytes = bytes();

  constructor(source: TermLists) {
    this.#source = source;
  }

  /** Sorts the entries of the terms `begin` … `end` − 1 by term and packs them. */
  addTerms(
    counts: Uint32Array,
    { begin, end, entries }: { begin: number; end: number; entries: number },
    range: { readonly from: number; readonly to: number },
  ): void {
    const next = new Uint32Array(end - begin + 1);
    for (let term = begin; term < end; term += 1)
      next[term - begin + 1] = (next[term - begin] as number) + (counts[term] as number);
    const places = new Uint32Array(entries);
    const frequencies = new Uint8Array(entries);
    const read = new UnpackedEntries();
    for (let place = range.from; place < range.to; place += 1) {
      if (!this.#source.isAlive(place)) continue;
      this.#source.read(place, read);
      for (let at = 0; at < read.count; at += 1) {
        const term = (read.numbers[at] as number) - begin;
        if (term < 0 || term >= end - begin) continue;
        const slot = next[term] as number;
        places[slot] = place;
        frequencies[slot] = read.frequencies[at] as number;
        next[term] = slot + 1;
      }
    }
    // Each start has moved to its term's end.
    for (let term = begin; term < end; term += 1) {
      const last = next[term - begin] as number;
      const first = last - (counts[term] as number);
      if (last > first)
        this.#addTerm(term, places.subarray(first, last), frequencies.subarray(first, last), range);
    }
  }

  #addTerm(
    term: number,
    places: Uint32Array,
    frequencies: Uint8Array,
    { from }: { readonly from: number },
  ): void {
    this.#terms.push(term);
    this.#firstBlocks.push(this.#starts.length);
    let before = from;
    for (let start = 0; start < places.length; start += BLOCK) {
      const end = Math.min(places.length, start + BLOCK);
      let most = 0;
      let least = 0xffffffff;
      this.#starts.push(this.#bytes.length);
      for (let at = start; at < end; at += 1) {
        const place = places[at] as number;
        const frequency = frequencies[at] as number;
        packEntry(this.#bytes, place - before, frequency);
        most = Math.max(most, frequency);
        least = Math.min(least, this.#source.lengthOf(place));
        before = place;
      }
      this.#lastPlaces.push(before);
      this.#mostFrequencies.push(most);
      this.#leastLengths.push(least);
    }
  }

  build(from: number, to: number): Postings {
    this.#firstBlocks.push(this.#starts.length);
    this.#starts.push(this.#bytes.length);
    return {
      from,
      to,
      terms: this.#terms.view().slice(),
      firstBlocks: this.#firstBlocks.view().slice(),
      starts: this.#starts.view().slice(),
      lastPlaces: this.#lastPlaces.view().slice(),
      mostFrequencies: this.#mostFrequencies.view().slice(),
      leastLengths: this.#leastLengths.view().slice(),
      bytes: this.#bytes.view().slice(),
    };
  }
}
