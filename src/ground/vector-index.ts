import type { SavedSection } from '../core/index-files.ts';
import { Growing } from './growing.ts';
import { type Leg, sampledSpread } from './leg.ts';
import { type ScoredPlace, TopList } from './top-list.ts';
import { type VectorMemory, vectorMemory } from './vector-memory.ts';
import { VectorRows } from './vector-rows.ts';

/** What a vector index is made of; see `VectorIndex.toParts`. */
export interface VectorParts {
  /** 0 while no vector was added. */
  readonly dimensions: number;
  /** One per place; 0 = it has no vector. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** What rows are told from; empty = from nothing. */
  readonly centre: Float32Array<ArrayBuffer>;
  /** int8, `width` values per place, the dimensions filled up with zeros. */
  readonly rows: SavedSection;
}

/** Values of a row go together through the processor. */
const LANES = 16;
const ROW_GREATEST = 127;
/** Vectors whose mean the others are told from; 64 do as well as all (bge-small, three sets). */
const CENTRE_OF = 64;
const LEAST_REST = 1e-6;
/** Below every cosine. */
const NO_COSINE = -2;
/** About what sums of 32 bits allow. */
const MOST_DIMENSIONS = 8192;

/**
 * Cosine of a query with every unit vector. What a vector differs from the mean of the first ones
 * lies as int8 with a scale (greatest difference = 127), the query as int16, so that the only error
 * is a row's rounding; told from nothing it would be four times as much with bge-small, whose
 * vectors share one great component. Of the exact ten best, .99 are among its ten and all among its
 * fifty best (bench knowledge-scale). A scan of 100,000 × 384 takes 1.5 ms. Places are numbered by
 * `add`.
 */
export class VectorIndex {
  readonly #memory: VectorMemory;
  #dimensions = 0;
  #rows: VectorRows | undefined;
  #scales = new Growing((size) => new Float32Array(size));
  #centre = new Float32Array(0);
  /** Vectors as they were given, until there are enough for a mean. */
  #early = new Map<number, Float32Array>();

  constructor(memory: VectorMemory = vectorMemory()) {
    this.#memory = memory;
  }

  /** Adds the next place. A vector of other dimensions than the first counts as missing. */
  add(embedding: Float32Array | undefined): void {
    const place = this.#scales.length;
    if (this.#dimensions === 0 && embedding !== undefined) this.#begin(embedding.length);
    const isVector = embedding?.length === this.#dimensions && greatestOf(embedding) > 0;
    this.#scales.push(0);
    if (embedding === undefined || !isVector) return;
    this.#write(place, embedding);
    if (this.#centre.length > 0) return;
    this.#early.set(place, embedding.slice());
    if (this.#early.size < CENTRE_OF) return;
    this.#centre = meanOf([...this.#early.values()]);
    for (const [early, vector] of this.#early) this.#write(early, vector);
    this.#early.clear();
  }

  #write(place: number, vector: Float32Array): void {
    const centre = this.#centre;
    const rest = centre.length === 0 ? vector : vector.map((one, at) => one - (centre[at] ?? 0));
    // A vector may be the mean itself, which is not the same as none.
    const greatest = Math.max(greatestOf(rest), LEAST_REST);
    this.#scales.view()[place] = greatest / ROW_GREATEST;
    const row = this.#rows?.writable(place);
    const factor = ROW_GREATEST / greatest;
    for (let index = 0; row !== undefined && index < rest.length; index += 1)
      row[index] = Math.round((rest[index] as number) * factor);
  }

  /** The place is as one without a vector from here on. */
  remove(place: number): void {
    if (place < this.#scales.length) this.#scales.view()[place] = 0;
    this.#early.delete(place);
  }

  /** An index with only these places, in this order, numbered from 0. This one is released. */
  keep(places: readonly number[]): VectorIndex {
    const kept = new VectorIndex(this.#memory);
    const scales = this.#scales.view();
    if (places.some((place) => (scales[place] ?? 0) > 0)) kept.#begin(this.#dimensions);
    kept.#centre = this.#centre;
    for (const [to, from] of places.entries()) {
      const early = this.#early.get(from);
      if (early !== undefined) kept.#early.set(to, early);
      const scale = scales[from] ?? 0;
      kept.#scales.push(scale);
      // The written row first: taking a slab leaves older views behind.
      if (scale > 0) kept.#rows?.writable(to).set(this.#rows?.writable(from) ?? []);
    }
    this.release();
    return kept;
  }

  /** Gives the memory back; the index is empty afterwards. */
  release(): void {
    this.#rows?.release();
    this.#rows = undefined;
    this.#dimensions = 0;
    this.#scales = new Growing((size) => new Float32Array(size));
    this.#centre = new Float32Array(0);
    this.#early = new Map();
  }

  /** The leg for one query, for this state of the index; undefined when no vector fits the query. */
  search(query: Float32Array): Leg | undefined {
    const rows = this.#rows;
    if (rows === undefined || query.length !== this.#dimensions) return undefined;
    const greatest = greatestOf(query);
    const limit = Math.min(32_767, Math.floor((2 ** 31 - 1) / (ROW_GREATEST * rows.width)));
    const values = new Int16Array(rows.width);
    for (let index = 0; greatest > 0 && index < query.length; index += 1)
      values[index] = Math.round(((query[index] as number) / greatest) * limit);
    const unit = greatest / limit;
    const base = this.#centre.reduce((sum, one, at) => sum + one * (query[at] ?? 0), 0);
    const scoreOf = (place: number) => {
      const scale = this.#scales.view()[place] ?? 0;
      if (scale === 0) return undefined;
      this.#memory.sum(rows.address(place), 1, rows.width, values);
      return this.#memory.firstSum() * scale * unit + base;
    };
    return {
      top: (count, isWanted) => this.#scan(rows, { values, unit, base }, count, isWanted),
      scoreOf,
      spread: () => sampledSpread(scoreOf, this.#scales.length),
    };
  }

  /** Views for the moment. */
  toParts(): VectorParts {
    const scales = this.#scales.view();
    const rows = this.#rows;
    const centre = this.#centre;
    if (rows === undefined)
      return { dimensions: 0, scales, centre, rows: { bytes: 0, pieces: [] } };
    const pieces = Array.from({ length: Math.ceil(scales.length / rows.perSlab) }, (_one, slab) => {
      const bytes = Math.min(rows.perSlab, scales.length - slab * rows.perSlab) * rows.width;
      const address = rows.slabs[slab];
      return address === undefined ? new Uint8Array(bytes) : this.#memory.bytes(address, bytes);
    });
    const bytes = scales.length * rows.width;
    return { dimensions: this.#dimensions, scales, centre, rows: { bytes, pieces } };
  }

  /** Throws RangeError where the parts do not fit each other, and what reading the rows throws. */
  static fromParts(parts: VectorParts, memory: VectorMemory = vectorMemory()): VectorIndex {
    const made = new VectorIndex(memory);
    made.#scales.append(parts.scales);
    if (parts.dimensions > 0) made.#begin(parts.dimensions);
    made.#centre = parts.centre;
    const places = parts.scales.length;
    const width = made.#rows?.width ?? 0;
    if (parts.rows.bytes !== places * width)
      throw new RangeError(`${parts.rows.bytes} bytes of vectors for ${places} places`);
    try {
      made.#fill(parts.rows.pieces);
    } catch (thrown) {
      made.release();
      throw thrown;
    }
    return made;
  }

  /** A piece may end within a row. */
  #fill(pieces: Iterable<Uint8Array>): void {
    const { width = 1 } = this.#rows ?? {};
    const scales = this.#scales.view();
    let filled = 0;
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        const within = filled % width;
        const place = (filled - within) / width;
        const part = piece.subarray(at, at + width - within);
        if ((scales[place] ?? 0) > 0) this.#rows?.writable(place).set(part, within);
        at += part.length;
        filled += part.length;
      }
    }
  }

  #begin(dimensions: number): void {
    if (dimensions === 0 || dimensions > MOST_DIMENSIONS) return;
    this.#dimensions = dimensions;
    this.#rows = new VectorRows(this.#memory, Math.ceil(dimensions / LANES) * LANES);
  }

  #scan(
    rows: VectorRows,
    { values, unit, base }: RoundedQuery,
    count: number,
    isWanted?: (place: number) => boolean,
  ): ScoredPlace[] {
    const best = new TopList(count, NO_COSINE);
    let least = best.threshold;
    const scales = this.#scales.view();
    for (const [slab, address] of rows.slabs.entries()) {
      if (address === undefined) continue;
      const first = slab * rows.perSlab;
      const here = Math.min(rows.perSlab, scales.length - first);
      this.#memory.sum(address, here, rows.width, values);
      const sums = this.#memory.sums(here);
      for (let index = 0; index < here; index += 1) {
        const scale = scales[first + index] as number;
        const score = (sums[index] as number) * scale * unit + base;
        if (!(score > least && scale > 0)) continue;
        if (isWanted !== undefined && !isWanted(first + index)) continue;
        best.offer(first + index, score);
        least = best.threshold;
      }
    }
    return best.ranked();
  }
}

interface RoundedQuery {
  readonly values: Int16Array;
  /** What one of `values` stands for. */
  readonly unit: number;
  /** Its product with the centre. */
  readonly base: number;
}

function meanOf(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (let at = 0; at < mean.length; at += 1)
      mean[at] = (mean[at] as number) + (vector[at] as number) / vectors.length;
  return mean;
}

/** Greatest magnitude; 0 where a value is no number or infinite. */
function greatestOf(vector: Float32Array): number {
  let greatest = 0;
  for (const value of vector) {
    const magnitude = Math.abs(value);
    if (!(magnitude < Number.POSITIVE_INFINITY)) return 0;
    if (magnitude > greatest) greatest = magnitude;
  }
  return greatest;
}
