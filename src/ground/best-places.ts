import { UnpackedEntries } from './packed-entries.ts';
import { blocksOf, type Postings, unpackBlock } from './postings.ts';
import { TopList } from './top-list.ts';

/** Room for the rounding of sums in another order. */
const SLACK = 1e-6;

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
  readonly count: number;
  /** Asked once per place that has a term. */
  readonly isWanted: (place: number) => boolean;
}

/** One term of the query within one range of places. */
interface Cursor {
  readonly weight: number;
  /** No score of this term is greater. */
  readonly bound: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Exact best places without scoring every place (MaxScore: Turtle and Flood, "Query evaluation:
 * strategies and optimizations", 1995, with the block bounds of `Postings`). Terms are taken by
 * falling bound, whole, until a place that has only the rest can no longer be among the best; the
 * rest is then looked up only for places that still can, and only in blocks that could lift them.
 */
export class BestPlaces {
  #sums = new Float64Array(0);
  #touched = new Uint32Array(0);
  readonly #entries = new UnpackedEntries();

  /** Adds the best of the range to `hits`, scores rounded to 32 bits. */
  addFrom(postings: Postings, order: BestPlacesOrder, hits: TopList): void {
    const size = postings.to - postings.from;
    if (this.#sums.length < size) {
      this.#sums = new Float64Array(size);
      this.#touched = new Uint32Array(size);
    }
    const cursors = cursorsOf(postings, order);
    const rest = new Float64Array(cursors.length + 1);
    for (let at = cursors.length - 1; at >= 0; at -= 1)
      rest[at] = (rest[at + 1] as number) + (cursors[at]?.bound ?? 0);
    let touched = 0;
    let floor = hits.threshold;
    let at = 0;
    for (; at < cursors.length && (rest[at] as number) >= floor; at += 1) {
      touched = this.#addWhole(postings, cursors[at] as Cursor, order, touched);
      if (at + 1 < cursors.length && touched >= order.count)
        floor = Math.max(floor, this.#leastOfBest(touched, order.count) * (1 - SLACK));
    }
    const kept = this.#keep(touched, floor - (rest[at] as number));
    for (; at < cursors.length && kept.length > 0; at += 1)
      this.#lookUp(postings, cursors[at] as Cursor, order.shape, {
        kept,
        floor,
        after: rest[at + 1] as number,
      });
    for (const index of kept)
      hits.offer(postings.from + index, Math.fround(this.#sums[index] as number));
    for (let index = 0; index < touched; index += 1) this.#sums[this.#touched[index] as number] = 0;
  }

  #addWhole(
    postings: Postings,
    { weight, first, end }: Cursor,
    { shape, isWanted }: BestPlacesOrder,
    known: number,
  ): number {
    const { fixed, perLength, lengths } = shape;
    const entries = this.#entries;
    const sums = this.#sums;
    let touched = known;
    for (let block = first; block < end; block += 1) {
      unpackBlock(postings, block, first, entries);
      for (let at = 0; at < entries.count; at += 1) {
        const place = entries.numbers[at] as number;
        const index = place - postings.from;
        const sum = sums[index] as number;
        const frequency = entries.frequencies[at] as number;
        if (sum === 0) {
          this.#touched[touched] = index;
          touched += 1;
          if (!isWanted(place)) {
            sums[index] = -Infinity;
            continue;
          }
        }
        const saturation = fixed + perLength * (lengths[place] as number);
        sums[index] = sum + (weight * frequency) / (frequency + saturation);
      }
    }
    return touched;
  }

  #leastOfBest(touched: number, count: number): number {
    const best = new TopList(count, 0);
    for (let at = 0; at < touched; at += 1) {
      const index = this.#touched[at] as number;
      best.offer(index, this.#sums[index] as number);
    }
    return best.threshold;
  }

  /** Indexes with a sum of at least `least`, ascending. */
  #keep(touched: number, least: number): Uint32Array {
    const kept = this.#touched
      .slice(0, touched)
      .filter((index) => (this.#sums[index] as number) >= Math.max(0, least));
    return kept.sort();
  }

  /** Adds one term to those of the kept places that could still be among the best. */
  #lookUp(
    postings: Postings,
    { weight, first, end }: Cursor,
    { fixed, perLength, lengths }: ScoreShape,
    { kept, floor, after }: { kept: Uint32Array; floor: number; after: number },
  ): void {
    const { from, lastPlaces } = postings;
    let block = first;
    let unpacked = -1;
    let at = 0;
    for (const index of kept) {
      const place = from + index;
      while (block < end && (lastPlaces[block] as number) < place) block += 1;
      if (block === end) return;
      const sum = this.#sums[index] as number;
      if (sum + blockBound(postings, block, weight, { fixed, perLength }) + after < floor) continue;
      if (unpacked !== block) {
        unpackBlock(postings, block, first, this.#entries);
        unpacked = block;
        at = 0;
      }
      while ((this.#entries.numbers[at] as number) < place) at += 1;
      if (this.#entries.numbers[at] !== place) continue;
      const frequency = this.#entries.frequencies[at] as number;
      const saturation = fixed + perLength * (lengths[place] as number);
      this.#sums[index] = sum + (weight * frequency) / (frequency + saturation);
    }
  }
}

function cursorsOf(postings: Postings, { weights, shape }: BestPlacesOrder): Cursor[] {
  const cursors: Cursor[] = [];
  for (const [term, weight] of weights) {
    const blocks = blocksOf(postings, term);
    if (blocks === undefined) continue;
    const [first, end] = blocks;
    let bound = 0;
    for (let block = first; block < end; block += 1)
      bound = Math.max(bound, blockBound(postings, block, weight, shape));
    cursors.push({ weight, bound, first, end });
  }
  return cursors.sort((left, right) => right.bound - left.bound);
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
