import { Growing } from './growing.ts';
import { topPlaces } from './top-list.ts';

/** A posting is `id << 8 | frequency`, so an index holds at most 2^24 terms and 2^24 chunks. */
const FREQUENCY_BITS = 8;
const FREQUENCY_MAX = 255;
const LARGEST_ID = 0xffffff;
/** Chunks that are scanned one by one before the postings are built again. */
const UNSEALED_LEAST = 512;

export interface LexicalOptions {
  /** Saturation of the term frequency. */
  readonly k1: number;
  /** Weight of the length, 0 … 1. */
  readonly b: number;
}

/** Best or within .001 nDCG@10 of the best of four usual pairs on all five sets of bench/retrieval. */
export const LEXICAL_DEFAULTS: LexicalOptions = { k1: 1.5, b: 0.6 };

/** A query made ready for one state of one index: it must not be kept over a change. */
export interface LexicalQuery {
  /** Weight per known term, by the index's own number of the term. */
  readonly weights: ReadonlyMap<number, number>;
  /** Sum of the inverse document frequencies of the query's distinct terms, known or not. */
  readonly idfTotal: number;
  /** Inverse document frequency of each distinct known term. */
  readonly informative: ReadonlyMap<number, number>;
}

export interface LexicalHit {
  readonly place: number;
  /** BM25, > 0. */
  readonly score: number;
}

export interface LexicalScores {
  /** BM25 per place; 0 for a removed or unrelated chunk. */
  readonly scores: Float32Array;
  /** Sum of the inverse document frequencies of the query's distinct terms, known or not. */
  readonly idfTotal: number;
}

/**
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, eq. 3.15, with
 * Lucene's idf ln(1 + (N − n + .5) / (n + .5))) over term lists in typed arrays. Every chunk keeps
 * its forward list; postings are built from those lists in one pass and newer chunks are scanned
 * until the next build, so that adding and removing is cheap and the statistics stay exact.
 */
export class LexicalIndex {
  readonly #options: LexicalOptions;
  readonly #terms = new Map<string, number>();
  readonly #documentFrequency = new Growing((size) => new Uint32Array(size));
  readonly #forward = new Growing((size) => new Uint32Array(size));
  /** Where the list of each place begins in `#forward`. */
  readonly #starts = new Growing((size) => new Uint32Array(size));
  readonly #lengths = new Growing((size) => new Uint32Array(size));
  readonly #alive = new Growing((size) => new Uint8Array(size));
  #aliveCount = 0;
  #lengthTotal = 0;
  #sealed = 0;
  #postingStarts = new Uint32Array(1);
  #postings = new Uint32Array(0);

  constructor(options: LexicalOptions = LEXICAL_DEFAULTS) {
    this.#options = options;
    this.#starts.push(0);
  }

  /** Places ever given, removed ones too. */
  get size(): number {
    return this.#lengths.length;
  }

  get aliveCount(): number {
    return this.#aliveCount;
  }

  isAlive(place: number): boolean {
    return this.#alive.view()[place] === 1;
  }

  /** Adds a chunk and returns its place. */
  add(terms: readonly string[]): number {
    const frequencies = new Map<number, number>();
    for (const term of terms) {
      const id = this.#idOf(term);
      frequencies.set(id, (frequencies.get(id) ?? 0) + 1);
    }
    return this.#addFrequencies(frequencies, terms.length);
  }

  remove(place: number): void {
    if (this.#alive.view()[place] !== 1) return;
    this.#alive.view()[place] = 0;
    this.#aliveCount -= 1;
    this.#lengthTotal -= this.#lengths.view()[place] ?? 0;
    const frequency = this.#documentFrequency.view();
    for (const entry of this.#listOf(place)) {
      const id = entry >>> FREQUENCY_BITS;
      frequency[id] = (frequency[id] ?? 1) - 1;
    }
  }

  /** An index with only these places, in this order, numbered from 0; terms nobody has are gone. */
  keep(places: readonly number[]): LexicalIndex {
    const names = [...this.#terms.keys()];
    const kept = new LexicalIndex(this.#options);
    for (const place of places) {
      const frequencies = new Map<number, number>();
      for (const entry of this.#listOf(place))
        frequencies.set(kept.#idOf(names[entry >>> FREQUENCY_BITS] ?? ''), entry & FREQUENCY_MAX);
      kept.#addFrequencies(frequencies, this.#lengths.view()[place] ?? 0);
    }
    return kept;
  }

  /** Terms may repeat; each time counts. */
  prepare(terms: readonly string[]): LexicalQuery {
    if (this.size - this.#sealed > Math.max(UNSEALED_LEAST, this.#sealed / 8)) this.#seal();
    const { known, idfTotal } = this.#weigh(terms);
    const { known: informative } = this.#weigh([...new Set(terms)]);
    return { weights: known, idfTotal, informative };
  }

  /** The `count` living places of greatest score among those wanted, greatest first; ties by lower place. */
  topK(
    query: LexicalQuery,
    count: number,
    isWanted: (place: number) => boolean = () => true,
  ): LexicalHit[] {
    const scores = this.#scoreAll(query.weights);
    for (let place = 0; place < scores.length; place += 1)
      if (scores[place] !== 0 && !isWanted(place)) scores[place] = 0;
    return topPlaces(scores, count, 0).map((place) => ({ place, score: scores[place] ?? 0 }));
  }

  /** BM25 of one place, found by `topK` or not; 0 for a removed or unrelated one. */
  scoreOf(query: LexicalQuery, place: number): number {
    if (!this.isAlive(place)) return 0;
    const saturation = this.#saturation(place);
    let score = 0;
    for (const entry of this.#listOf(place)) {
      const weight = query.weights.get(entry >>> FREQUENCY_BITS);
      const frequency = entry & FREQUENCY_MAX;
      if (weight !== undefined) score += (weight * frequency) / (frequency + saturation);
    }
    return score;
  }

  /** Share of the query's inverse document frequency that the chunk at `place` has, 0 … 1. */
  coverageOf({ informative, idfTotal }: LexicalQuery, place: number): number {
    if (idfTotal === 0) return 0;
    let found = 0;
    for (const entry of this.#listOf(place))
      found += informative.get(entry >>> FREQUENCY_BITS) ?? 0;
    return Math.min(1, found / idfTotal);
  }

  #saturation(place: number): number {
    const average = this.#aliveCount === 0 ? 1 : Math.max(1, this.#lengthTotal / this.#aliveCount);
    const { k1, b } = this.#options;
    return k1 * (1 - b + (b * (this.#lengths.view()[place] ?? 0)) / average);
  }

  score(query: readonly string[]): LexicalScores {
    const { weights, idfTotal } = this.prepare(query);
    return { scores: this.#scoreAll(weights), idfTotal };
  }

  #scoreAll(weights: ReadonlyMap<number, number>): Float32Array {
    const scores = new Float32Array(this.size);
    const average = this.#aliveCount === 0 ? 1 : Math.max(1, this.#lengthTotal / this.#aliveCount);
    const { k1, b } = this.#options;
    const lengths = this.#lengths.view();
    const alive = this.#alive.view();
    const postings = this.#postings;
    for (const [id, weight] of weights) {
      const end = this.#postingStarts[id + 1] ?? 0;
      for (let at = this.#postingStarts[id] ?? 0; at < end; at += 1) {
        const posting = postings[at] as number;
        const place = posting >>> FREQUENCY_BITS;
        if (alive[place] !== 1) continue;
        const frequency = posting & FREQUENCY_MAX;
        const saturation = k1 * (1 - b + (b * (lengths[place] as number)) / average);
        scores[place] = (scores[place] as number) + (weight * frequency) / (frequency + saturation);
      }
    }
    this.#scoreUnsealed(scores, weights, average);
    return scores;
  }

  #scoreUnsealed(
    scores: Float32Array,
    weights: ReadonlyMap<number, number>,
    average: number,
  ): void {
    const { k1, b } = this.#options;
    const lengths = this.#lengths.view();
    const alive = this.#alive.view();
    for (let place = this.#sealed; place < this.size; place += 1) {
      if (alive[place] !== 1) continue;
      const saturation = k1 * (1 - b + (b * (lengths[place] as number)) / average);
      for (const entry of this.#listOf(place)) {
        const weight = weights.get(entry >>> FREQUENCY_BITS);
        if (weight === undefined) continue;
        const frequency = entry & FREQUENCY_MAX;
        scores[place] = (scores[place] as number) + (weight * frequency) / (frequency + saturation);
      }
    }
  }

  /** idf × frequency in the query per known term. */
  #weigh(query: readonly string[]): { known: Map<number, number>; idfTotal: number } {
    const known = new Map<number, number>();
    const frequency = this.#documentFrequency.view();
    const seen = new Set<string>();
    let idfTotal = 0;
    for (const term of query) {
      const id = this.#terms.get(term);
      const count = id === undefined ? 0 : (frequency[id] ?? 0);
      const idf = Math.log(1 + (this.#aliveCount - count + 0.5) / (count + 0.5));
      if (!seen.has(term)) idfTotal += idf;
      seen.add(term);
      if (id !== undefined && count > 0) known.set(id, (known.get(id) ?? 0) + idf);
    }
    return { known, idfTotal };
  }

  #addFrequencies(frequencies: ReadonlyMap<number, number>, length: number): number {
    const place = this.size;
    if (place > LARGEST_ID) throw new RangeError('an index holds at most 2^24 chunks');
    const counts = this.#documentFrequency.view();
    for (const [id, frequency] of frequencies) {
      this.#forward.push(((id << FREQUENCY_BITS) | Math.min(frequency, FREQUENCY_MAX)) >>> 0);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    this.#starts.push(this.#forward.length);
    this.#lengths.push(length);
    this.#alive.push(1);
    this.#aliveCount += 1;
    this.#lengthTotal += length;
    return place;
  }

  #idOf(term: string): number {
    const known = this.#terms.get(term);
    if (known !== undefined) return known;
    const id = this.#terms.size;
    if (id > LARGEST_ID) throw new RangeError('an index holds at most 2^24 terms');
    this.#terms.set(term, id);
    this.#documentFrequency.push(0);
    return id;
  }

  #listOf(place: number): Uint32Array {
    const starts = this.#starts.view();
    return this.#forward.view().subarray(starts[place], starts[place + 1]);
  }

  /** Builds the postings of all living chunks by counting, O(entries). */
  #seal(): void {
    const ends = new Uint32Array(this.#terms.size + 1);
    const alive = this.#alive.view();
    for (let place = 0; place < this.size; place += 1) {
      if (alive[place] !== 1) continue;
      for (const entry of this.#listOf(place)) {
        const id = (entry >>> FREQUENCY_BITS) + 1;
        ends[id] = (ends[id] as number) + 1;
      }
    }
    for (let id = 1; id < ends.length; id += 1)
      ends[id] = (ends[id] as number) + (ends[id - 1] as number);
    const next = ends.slice();
    const postings = new Uint32Array(ends[ends.length - 1] ?? 0);
    for (let place = 0; place < this.size; place += 1) {
      if (alive[place] !== 1) continue;
      for (const entry of this.#listOf(place)) {
        const id = entry >>> FREQUENCY_BITS;
        const at = next[id] as number;
        postings[at] = ((place << FREQUENCY_BITS) | (entry & FREQUENCY_MAX)) >>> 0;
        next[id] = at + 1;
      }
    }
    this.#postingStarts = ends;
    this.#postings = postings;
    this.#sealed = this.size;
  }
}
