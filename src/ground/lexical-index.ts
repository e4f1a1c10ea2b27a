import { BestPlaces, type ScoreShape } from './best-places.ts';
import { expansionOf } from './lexical-expansion.ts';
import { UnpackedEntries } from './packed-entries.ts';
import { buildPostings, type Postings } from './postings.ts';
import { type LexicalParts, TermLists } from './term-lists.ts';
import { type ScoredPlace, TopList } from './top-list.ts';
import { WeightTable } from './weight-table.ts';

/** Newer places that are scanned one by one before they get postings. */
const UNSEALED_MOST = 512;

export interface LexicalOptions {
  /** Saturation of the term frequency. */
  readonly k1: number;
  /** Weight of the length, 0 … 1. */
  readonly b: number;
}

/** Within .003 nDCG@10 of the best of ten pairs on the mean of five sets (bench/knowledge-lexical). */
export const LEXICAL_DEFAULTS: LexicalOptions = { k1: 1.4, b: 0.6 };

/** A query made ready for one state of one index: it must not be kept over a change. */
export interface LexicalQuery {
  /** Inverse document frequency per known term, by the index's own number of the term. */
  readonly weights: ReadonlyMap<number, number>;
  /** Sum of the inverse document frequencies of the query's terms, known or not. */
  readonly idfTotal: number;
  /** The same with what the best places add to the query; see `expand`. */
  readonly expanded?: ReadonlyMap<number, number>;
}

/**
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, eq. 3.15, with
 * Lucene's idf ln(1 + (N − n + .5) / (n + .5))); a term counts once, however often the query has it:
 * +.008 nDCG@10 on the mean of four sets. Postings are built from the places' lists range by range,
 * each at least twice as long as the next, and the newest places are scanned, so that adding and
 * removing is cheap and the statistics stay exact.
 */
export class LexicalIndex {
  readonly #lists: TermLists;
  readonly #options: LexicalOptions;
  readonly #postings: Postings[] = [];
  readonly #best = new BestPlaces();
  readonly #entries = new UnpackedEntries();
  readonly #weights = new WeightTable();

  constructor(options: LexicalOptions = LEXICAL_DEFAULTS, lists = new TermLists()) {
    this.#options = options;
    this.#lists = lists;
  }

  /** Places ever given, removed ones too. */
  get size(): number {
    return this.#lists.size;
  }

  get aliveCount(): number {
    return this.#lists.aliveCount;
  }

  /** To be read by other legs. */
  get lists(): TermLists {
    return this.#lists;
  }

  isAlive(place: number): boolean {
    return this.#lists.isAlive(place);
  }

  /** Whether a living place has the term. */
  has(term: string): boolean {
    const number = this.#lists.find(term);
    return number !== undefined && this.#lists.documentFrequencyOf(number) > 0;
  }

  /** Adds a chunk and returns its place. */
  add(terms: readonly string[]): number {
    return this.#lists.add(terms);
  }

  remove(place: number): void {
    this.#lists.remove(place);
  }

  /** An index with only these places, in this order, numbered from 0; terms nobody has are gone. */
  keep(places: readonly number[]): LexicalIndex {
    return new LexicalIndex(this.#options, this.#lists.keep(places));
  }

  /** Views for the moment. */
  toParts(): LexicalParts {
    return this.#lists.toParts();
  }

  /** Takes the arrays as its own. Throws RangeError where they do not fit each other. */
  static fromParts(parts: LexicalParts, options: LexicalOptions = LEXICAL_DEFAULTS): LexicalIndex {
    return new LexicalIndex(options, TermLists.fromParts(parts));
  }

  /** Makes a query ready; a term that repeats counts once. */
  prepare(terms: readonly string[]): LexicalQuery {
    const weights = new Map<number, number>();
    let idfTotal = 0;
    for (const term of new Set(terms)) {
      const number = this.#lists.find(term);
      const idf = this.#lists.idfOf(number);
      idfTotal += idf;
      if (number !== undefined && this.#lists.documentFrequencyOf(number) > 0)
        weights.set(number, Math.fround(idf));
    }
    return { weights, idfTotal };
  }

  /**
   * The query with what its `best` places say beside it, best first: see `expansionOf`. Only places
   * that the asker may read belong among them, else the order of the others would tell of their words.
   */
  expand(query: LexicalQuery, best: readonly ScoredPlace[]): LexicalQuery {
    const expanded = new Map(query.weights);
    for (const [term, weight] of expansionOf(this.#lists, this.#shape(), query.weights, best))
      expanded.set(term, Math.fround(weight + (expanded.get(term) ?? 0)));
    return { ...query, expanded };
  }

  /**
   * The `count` living places of greatest score among those wanted, greatest first; ties by lower
   * place. Looks at the query's own terms only, not at its expansion.
   */
  topK(
    { weights }: LexicalQuery,
    count: number,
    isWanted: (place: number) => boolean = () => true,
  ): ScoredPlace[] {
    this.#seal();
    const hits = new TopList(count, 0);
    const isFound = (place: number) => this.isAlive(place) && isWanted(place);
    const order = { weights, shape: this.#shape(), isWanted: isFound };
    for (const postings of this.#postings) this.#best.addFrom(postings, order, hits);
    for (let place = this.#sealedSize(); place < this.size; place += 1)
      if (isFound(place)) hits.offer(place, this.scoreOf({ weights }, place));
    return hits.ranked();
  }

  /**
   * Score of one place, found by `topK` or not, with the expansion where the query has one; 0 for a
   * removed or unrelated place. Rounded to 32 bits, so that the order of a sum does not show.
   */
  scoreOf(query: Pick<LexicalQuery, 'weights' | 'expanded'>, place: number): number {
    if (!this.isAlive(place)) return 0;
    const { fixed, perLength } = this.#shape();
    const saturation = fixed + perLength * this.#lists.lengthOf(place);
    const weights = this.#weights.of(query.expanded ?? query.weights, this.#lists.termCount);
    return Math.fround(this.#lists.weigh(place, weights, saturation));
  }

  /** Share of the query's inverse document frequency that the chunk at `place` has, 0 … 1. */
  coverageOf({ weights, idfTotal }: LexicalQuery, place: number): number {
    if (idfTotal === 0) return 0;
    let found = 0;
    this.#lists.read(place, this.#entries);
    for (let at = 0; at < this.#entries.count; at += 1)
      found += weights.get(this.#entries.numbers[at] as number) ?? 0;
    return Math.min(1, found / idfTotal);
  }

  #shape(): ScoreShape {
    const { k1, b } = this.#options;
    const { averageLength, lengths } = this.#lists;
    return { fixed: k1 * (1 - b), perLength: (k1 * b) / averageLength, lengths };
  }

  #sealedSize(): number {
    return this.#postings.at(-1)?.to ?? 0;
  }

  /** Gives newer places postings; ranges that are not much longer than the new one join it. */
  #seal(): void {
    let from = this.#sealedSize();
    if (this.size - from <= UNSEALED_MOST) return;
    for (;;) {
      const last = this.#postings.at(-1);
      if (last === undefined || last.to - last.from >= 2 * (this.size - from)) break;
      from = last.from;
      this.#postings.pop();
    }
    this.#postings.push(buildPostings(this.#lists, from, this.size));
  }
}
