import { fitLatentBasis, type LatentBasis } from '../base/latent-basis.ts';
import {
  type LatentVocabulary,
  latentMatrix,
  latentVocabulary,
  weighTerms,
} from './latent-terms.ts';
import type { Leg } from './leg.ts';
import { UnpackedEntries } from './packed-entries.ts';
import type { TermLists } from './term-lists.ts';
import { VectorIndex } from './vector-index.ts';

/**
 * Dimensions. With 100 / 200 / 300 the leg alone has nDCG@10 .449 / .459 / .462 (Cranfield), .780 /
 * .758 / .749 (MED), .520 / .605 / .635 (code).
 */
const SIZE = 200;
const ROUNDS = 3;
const SEED = 1;
/** Fewer chunks say too little of which words go together. */
const LATENT_LEAST = 64;
/** Chunks that the basis is made from, evenly spread; the others are only folded in. */
const SAMPLE = 20_000;
/** A collection that grew by half is fitted anew. */
const GROWTH = 1.5;
/** New places that a search folds in by itself, about 20 µs each. */
const FOLDED_AT_ONCE = 256;
const PLACES_PER_STEP = 128;

interface Fitted {
  readonly basis: LatentBasis;
  readonly vocabulary: LatentVocabulary;
  readonly vectors: VectorIndex;
  /** Living places when it was fitted. */
  readonly count: number;
  /** Places that have been folded in. */
  folded: number;
}

/**
 * Latent semantic analysis of the collection itself (Deerwester et al., 1990): chunks and queries as
 * cosines in the space of the leading singular vectors of the weighted terms. The leg by meaning
 * that needs no model. It follows the lists that it was made for.
 */
export class LatentIndex {
  readonly #lists: TermLists;
  readonly #entries = new UnpackedEntries();
  #fitted: Fitted | undefined;
  /** Takes the place of `#fitted` when all places are folded in. */
  #coming: Fitted | undefined;
  #isReleased = false;

  constructor(lists: TermLists) {
    this.#lists = lists;
  }

  /** True while `prepare` has work to do. */
  get isBehind(): boolean {
    if (this.#isReleased || this.#lists.aliveCount < LATENT_LEAST) return false;
    return this.#isStale() || (this.#fitted?.folded ?? 0) < this.#lists.size;
  }

  /** Why `search` has no leg. */
  get waitsFor(): string {
    if (this.#isReleased) return 'its fit failed';
    return this.#lists.aliveCount < LATENT_LEAST
      ? `it needs ${LATENT_LEAST} chunks`
      : 'it is being fitted to the collection';
  }

  /**
   * Fits the basis where there is none for as many chunks and folds in what is new, in steps of a
   * few milliseconds; searches and changes may come in between.
   */
  *prepare(): Generator<void, void> {
    if (!this.isBehind) return;
    if (this.#isStale()) this.#coming = yield* this.#fit();
    const next = this.#coming ?? this.#fitted;
    while (next !== undefined && !this.#isReleased && next.folded < this.#lists.size) {
      this.#fold(next, PLACES_PER_STEP);
      yield;
    }
    if (next === undefined || next === this.#fitted) return;
    this.#coming = undefined;
    if (this.#isReleased) next.vectors.release();
    else {
      this.#fitted?.vectors.release();
      this.#fitted = next;
    }
  }

  remove(place: number): void {
    this.#fitted?.vectors.remove(place);
    this.#coming?.vectors.remove(place);
  }

  /** The leg for one query; undefined until `prepare` has run. */
  search(terms: readonly string[]): Leg | undefined {
    const fitted = this.#fitted;
    if (fitted === undefined || this.#lists.size - fitted.folded > FOLDED_AT_ONCE) return undefined;
    if (this.#lists.aliveCount < LATENT_LEAST) return undefined;
    this.#fold(fitted, FOLDED_AT_ONCE);
    const counts = new Map<number, number>();
    for (const term of new Set(terms)) {
      const number = this.#lists.find(term);
      if (number !== undefined) counts.set(number, 1);
    }
    return fitted.vectors.search(folded(fitted, counts));
  }

  release(): void {
    this.#isReleased = true;
    this.#fitted?.vectors.release();
    this.#fitted = undefined;
  }

  #isStale(): boolean {
    return this.#lists.aliveCount > GROWTH * (this.#fitted?.count ?? 0);
  }

  *#fit(): Generator<void, Fitted | undefined> {
    const lists = this.#lists;
    const places: number[] = [];
    const step = Math.max(1, lists.size / SAMPLE);
    for (let at = 0; at < lists.size; at += step)
      if (lists.isAlive(Math.floor(at))) places.push(Math.floor(at));
    const vocabulary = latentVocabulary(lists);
    yield;
    const matrix = yield* latentMatrix(lists, vocabulary, places);
    const steps = fitLatentBasis(matrix, { size: SIZE, seed: SEED, rounds: ROUNDS });
    for (;;) {
      const { done, value } = steps.next();
      if (this.#isReleased) return undefined;
      if (done === true) {
        if (value.size === 0) return undefined;
        const vectors = new VectorIndex();
        return { basis: value, vocabulary, vectors, count: lists.aliveCount, folded: 0 };
      }
      yield;
    }
  }

  #fold(fitted: Fitted, most: number): void {
    const end = Math.min(this.#lists.size, fitted.folded + most);
    for (let place = fitted.folded; place < end; place += 1) {
      const isAlive = this.#lists.isAlive(place);
      fitted.vectors.add(isAlive ? folded(fitted, this.#countsOf(place)) : undefined);
    }
    fitted.folded = end;
  }

  #countsOf(place: number): Map<number, number> {
    this.#lists.read(place, this.#entries);
    const counts = new Map<number, number>();
    for (let at = 0; at < this.#entries.count; at += 1)
      counts.set(this.#entries.numbers[at] as number, this.#entries.frequencies[at] as number);
    return counts;
  }
}

/** The unit vector of a text in the latent space; zeros where none of its words is known. */
function folded({ basis, vocabulary }: Fitted, counts: ReadonlyMap<number, number>): Float32Array {
  const vector = new Float32Array(basis.size);
  for (const [column, weight] of weighTerms(counts, vocabulary)) {
    const from = column * basis.size;
    for (let index = 0; index < basis.size; index += 1)
      vector[index] = (vector[index] as number) + weight * (basis.vectors[from + index] as number);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}
