import { UnpackedEntries } from './packed-entries.ts';
import { blocksOf, type Postings, unpackBlock } from './postings.ts';
import type { TopList } from './top-list.ts';

/** Room for the rounding of sums in another order. */
const SLACK = 1e-6;
const WINDOW = 4096;

/** The part of BM25 that is the same for all terms of one search. */
export interface ScoreShape {
  /** k1 (1 − b). */
  readonly fixed: number;
  /** k1 b / average length. */
  readonly perLength: number;
  /** Length of each place. */
  readonly lengths: Uint32Array;
}

export interface BestPlacesOrder {
  /** Weight, > 0, by number of the term. */
  readonly weights: ReadonlyMap<number, number>;
  readonly shape: ScoreShape;
  /** Asked of places that may be among the best. */
  readonly isWanted: (place: number) => boolean;
}

/** One term of the query within one range of places. */
interface Cursor {
  readonly weight: number;
  /** No score of this term is greater. */
  readonly bound: number;
  readonly first: number;
  readonly end: number;
  readonly entries: UnpackedEntries;
  /** The block that is next to be looked at, and the one that lies in `entries`; −1 = none. */
  block: number;
  unpacked: number;
  /** The next of `entries`. */
  at: number;
}

/** Some neighbouring places, whose sums lie in the processor's first cache. */
interface Window {
  readonly from: number;
  readonly to: number;
  /** No place with a lower score is among the best. */
  readonly floor: number;
}

/**
 * Exact best places without scoring every place (MaxScore: Turtle and Flood, "Query evaluation:
 * strategies and optimizations", 1995, with the block bounds of `Postings`, window after window).
 * Terms are taken by falling bound, whole, until a place that has only the rest can no longer be
 * among the best; the rest is then looked up only for places that still can, and only in blocks that
 * could lift them.
 */
export class BestPlaces {
  readonly #sums = new Float64Array(WINDOW);
  /** Of the window: indexes of places that can still be among the best, ascending. */
  readonly #kept = new Uint16Array(WINDOW);
  readonly #entries: UnpackedEntries[] = [];

  /** Adds the best of the range to `hits`, scores rounded to 32 bits. */
  addFrom(postings: Postings, order: BestPlacesOrder, hits: TopList): void {
    const cursors = this.#cursorsOf(postings, order);
    const rest = new Float64Array(cursors.length + 1);
    for (let at = cursors.length - 1; at >= 0; at -= 1)
      rest[at] = (rest[at + 1] as number) + (cursors[at]?.bound ?? 0);
    let whole = cursors.length;
    for (let from = postings.from; from < postings.to; from += WINDOW) {
      const window = { from, to: Math.min(postings.to, from + WINDOW), floor: hits.threshold };
      while (whole > 0 && (rest[whole - 1] as number) < window.floor) whole -= 1;
      if (whole === 0) return;
      for (let at = 0; at < whole; at += 1)
        this.#addWhole(postings, cursors[at] as Cursor, order.shape, window);
      const count = this.#keep(window, window.floor - (rest[whole] as number), order);
      for (let at = whole; at < cursors.length && count > 0; at += 1)
        this.#lookUp(postings, cursors[at] as Cursor, order.shape, {
          ...window,
          count,
          after: rest[at + 1] as number,
        });
      for (let at = 0; at < count; at += 1) {
        const index = this.#kept[at] as number;
        hits.offer(from + index, Math.fround(this.#sums[index] as number));
      }
      this.#sums.fill(0, 0, window.to - from);
    }
  }

  #addWhole(
    postings: Postings,
    cursor: Cursor,
    { fixed, perLength, lengths }: ScoreShape,
    { from, to }: Window,
  ): void {
    const { weight, first, end, entries } = cursor;
    const sums = this.#sums;
    let { block, at } = cursor;
    for (; block < end; block += 1) {
      if (cursor.unpacked !== block) {
        unpackBlock(postings, block, first, entries);
        cursor.unpacked = block;
        at = 0;
      }
      const { numbers, frequencies, count } = entries;
      for (; at < count && (numbers[at] as number) < to; at += 1) {
        const place = numbers[at] as number;
        const frequency = frequencies[at] as number;
        const saturation = fixed + perLength * (lengths[place] as number);
        const index = place - from;
        sums[index] = (sums[index] as number) + (weight * frequency) / (frequency + saturation);
      }
      if (at < count) break;
    }
    cursor.block = block;
    cursor.at = at;
  }

  /** Keeps what has a sum of at least `least` and is wanted; returns how many. */
  #keep({ from, to }: Window, least: number, { isWanted }: BestPlacesOrder): number {
    const sums = this.#sums;
    let count = 0;
    for (let index = 0; index < to - from; index += 1) {
      const sum = sums[index] as number;
      if (sum === 0 || sum < least || !isWanted(from + index)) continue;
      this.#kept[count] = index;
      count += 1;
    }
    return count;
  }

  /** Adds one term to those of the kept places that could still be among the best. */
  #lookUp(
    postings: Postings,
    cursor: Cursor,
    shape: ScoreShape,
    { from, floor, count, after }: Window & { readonly count: number; readonly after: number },
  ): void {
    const { weight, first, end, entries } = cursor;
    const { lastPlaces } = postings;
    for (let kept = 0; kept < count; kept += 1) {
      const index = this.#kept[kept] as number;
      const place = from + index;
      while (cursor.block < end && (lastPlaces[cursor.block] as number) < place) cursor.block += 1;
      const { block } = cursor;
      if (block === end) return;
      const sum = this.#sums[index] as number;
      if (sum + blockBound(postings, block, weight, shape) + after < floor) continue;
      if (cursor.unpacked !== block) {
        unpackBlock(postings, block, first, entries);
        cursor.unpacked = block;
        cursor.at = 0;
      }
      while ((entries.numbers[cursor.at] as number) < place) cursor.at += 1;
      if (entries.numbers[cursor.at] !== place) continue;
      const frequency = entries.frequencies[cursor.at] as number;
      const saturation = shape.fixed + shape.perLength * (shape.lengths[place] as number);
      this.#sums[index] = sum + (weight * frequency) / (frequency + saturation);
    }
  }

  #cursorsOf(postings: Postings, { weights, shape }: BestPlacesOrder): Cursor[] {
    const cursors: Cursor[] = [];
    for (const [term, weight] of weights) {
      const blocks = blocksOf(postings, term);
      if (blocks === undefined) continue;
      const [first, end] = blocks;
      let bound = 0;
      for (let block = first; block < end; block += 1)
        bound = Math.max(bound, blockBound(postings, block, weight, shape));
      this.#entries[cursors.length] ??= new UnpackedEntries();
      const entries = this.#entries[cursors.length] as UnpackedEntries;
      cursors.push({ weight, bound, first, end, entries, block: first, unpacked: -1, at: 0 });
    }
    return cursors.sort((left, right) => right.bound - left.bound);
  }
}

function blockBound(
  postings: Postings,
  block: number,
  weight: number,
  { fixed, perLength }: Pick<ScoreShape, 'fixed' | 'perLength'>,
): number {
  const frequency = postings.mostFrequencies[block] as number;
  const saturation = fixed + perLength * (postings.leastLengths[block] as number);
  return ((weight * frequency) / (frequency + saturation)) * (1 + SLACK);
}
