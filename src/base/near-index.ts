import { seededRandom } from './random.ts';
import { overlap, plainWords, shinglesOf } from './shingles.ts';

export interface Neighbour {
  readonly row: number;
  /** Jaccard overlap of the shingles, 0 … 1. */
  readonly similarity: number;
}

const HASHES = 64;
/**
 * Hashes per band: with 21 bands of 3 a pair with overlap .6 meets in one of them with 99.4 %, one of
 * .3 with 44 %; with 32 of 2 one of .35 meets with 98 %, and much more is compared.
 */
const BAND_ROWS = 3;
const BAND_ROWS_LOOSE = 2;
/** Below this overlap the loose bands are needed. */
const LOOSE = 0.5;
/** Rows that are looked at per bucket, newest first: many that are alike cost no more than these. */
const CHAIN_MOST = 8;
/** The estimate of 64 hashes is off by .06 (one standard deviation at .7); what is this far off is not compared. */
const ESTIMATE_SLACK = 0.2;
const HASH_SEED = 20_010;

/**
 * Rows with a text like another's, by MinHash (Broder, 1997) and banded locality-sensitive hashing
 * (Leskovec et al., Mining of Massive Datasets, §3.4); what meets is compared exactly. About 200 bytes
 * per row beside the texts, whatever they are. The same rows in the same order find the same.
 */
export class NearIndex {
  readonly #textOf: (row: number) => string;
  readonly #least: number;
  readonly #bands: number;
  readonly #bandRows: number;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  /** Lowest byte of each least hash, for an estimate. */
  readonly #signatures: Uint8Array;
  readonly #mask: number;
  readonly #seen: Int32Array;
  #turn = 0;
  readonly #factors = new Int32Array(HASHES);
  readonly #offsets = new Int32Array(HASHES);
  readonly #minima = new Uint32Array(HASHES);

  /** Room for `capacity` rows; `least` is the overlap from which rows are near. */
  constructor(capacity: number, least: number, textOf: (row: number) => string) {
    this.#textOf = textOf;
    this.#least = least;
    this.#bandRows = least < LOOSE ? BAND_ROWS_LOOSE : BAND_ROWS;
    this.#bands = Math.floor(HASHES / this.#bandRows);
    let size = 1024;
    while (size < capacity) size *= 2;
    this.#mask = size - 1;
    this.#heads = new Int32Array(size * this.#bands).fill(-1);
    this.#next = new Int32Array(capacity * this.#bands);
    this.#signatures = new Uint8Array(capacity * HASHES);
    this.#seen = new Int32Array(capacity);
    const random = seededRandom(HASH_SEED);
    for (let at = 0; at < HASHES; at += 1) {
      this.#factors[at] = Math.floor(random() * 0x1_0000_0000) | 1;
      this.#offsets[at] = Math.floor(random() * 0x1_0000_0000) | 0;
    }
  }

  /**
   * The rows before it that are near, oldest first, and keeps the row for those after it. `alsoOf`
   * names a further row to compare for one that was found.
   */
  add(row: number, words: readonly string[], alsoOf: (found: number) => number): Neighbour[] {
    const shingles = shinglesOf(words);
    this.#sign(shingles);
    for (let at = 0; at < HASHES; at += 1)
      this.#signatures[row * HASHES + at] = this.#minima[at] as number;
    const found = this.#near(shingles, alsoOf);
    for (let band = 0; band < this.#bands; band += 1) {
      const bucket = this.#bucket(band);
      this.#next[row * this.#bands + band] = this.#heads[bucket] as number;
      this.#heads[bucket] = row;
    }
    return found;
  }

  /** The rows that are near a text that is not kept. */
  find(words: readonly string[]): Neighbour[] {
    const shingles = shinglesOf(words);
    this.#sign(shingles);
    return this.#near(shingles, (row) => row);
  }

  #sign(shingles: Uint32Array): void {
    const minima = this.#minima.fill(0xffffffff);
    for (let at = 0; at < shingles.length; at += 1) {
      const shingle = shingles[at] as number;
      for (let hash = 0; hash < HASHES; hash += 1) {
        const value =
          (Math.imul(shingle, this.#factors[hash] as number) + (this.#offsets[hash] as number)) >>>
          0;
        if (value < (minima[hash] as number)) minima[hash] = value;
      }
    }
  }

  #bucket(band: number): number {
    let hash = 0;
    for (let at = 0; at < this.#bandRows; at += 1)
      hash =
        Math.imul(hash ^ (this.#minima[band * this.#bandRows + at] as number), 0x9e3779b1) ^
        (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return band * (this.#mask + 1) + ((hash ^ (hash >>> 13)) & this.#mask);
  }

  #near(shingles: Uint32Array, alsoOf: (found: number) => number): Neighbour[] {
    this.#turn += 1;
    const found: Neighbour[] = [];
    const compare = (row: number): boolean => {
      if (this.#seen[row] === this.#turn) return false;
      this.#seen[row] = this.#turn;
      if (this.#estimate(row) < this.#least - ESTIMATE_SLACK) return false;
      const similarity = overlap(shingles, shinglesOf(plainWords(this.#textOf(row))));
      if (similarity < this.#least) return false;
      found.push({ row, similarity });
      return true;
    };
    for (let band = 0; band < this.#bands; band += 1) {
      let row = this.#heads[this.#bucket(band)] as number;
      for (let turn = 0; row >= 0 && turn < CHAIN_MOST; turn += 1) {
        if (compare(row)) compare(alsoOf(row));
        row = this.#next[row * this.#bands + band] as number;
      }
    }
    return found.sort((one, other) => one.row - other.row);
  }

  #estimate(row: number): number {
    let same = 0;
    const start = row * HASHES;
    for (let at = 0; at < HASHES; at += 1)
      if (this.#signatures[start + at] === ((this.#minima[at] as number) & 0xff)) same += 1;
    return same / HASHES;
  }
}
