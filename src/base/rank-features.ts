import type { Language } from './language.ts';
import { termsIn, termsOfText } from './tokens.ts';

/** How often terms stand in the passages that were learnt from. */
export interface PassageTerms {
  readonly passages: number;
  /** Mean terms of a passage. */
  readonly averageLength: number;
  /** Passages by hash of a term that they hold; see `termHash`. */
  readonly frequencies: ReadonlyMap<number, number>;
}

/** What is compared of a query and a passage by their words alone. */
export const WORD_FEATURES = [
  /** BM25 ÷ the sum of the query's weights: 0 for no common word, about 2 at most. */
  'bm25',
  /** Shares of the query's distinct terms that the passage has: by weight, and by count. */
  'weight-coverage',
  'coverage',
  /** The heaviest term that is missing ÷ the heaviest of the query. */
  'missing',
  /** Share of the query's neighbours that are neighbours in the passage, by weight. */
  'pairs',
  /** How close together the terms stand at the place where they stand closest. */
  'proximity',
  /** Coverage by weight of the first terms of the passage, where a title stands. */
  'start',
  /** Share of the query's runs of four characters that stand in the passage. */
  'runs',
  /** Logarithm of the passage's length ÷ the mean length. */
  'length',
] as const;

/** UTF-16 units of a passage that are read. */
export const PASSAGE_READ = 8000;
/** UTF-16 units of a query that are read. */
export const QUERY_READ = 2000;
/** Robertson and Zaragoza, 2009, §3.4; the values that Anserini gives Lucene. */
const K1 = 0.9;
const B = 0.4;
const START_TERMS = 24;
const RUN = 4;
/** A passage that repeats a term is looked at so often for it. */
const PLACES_MOST = 50;

/** FNV-1a of the term's UTF-16 units, 32 bits. */
export function termHash(term: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < term.length; at += 1)
    hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193);
  return hash | 0;
}

/** How often terms stand in these passages; each counts once. */
export function countTerms(passages: Iterable<string>): PassageTerms {
  const frequencies = new Map<number, number>();
  let [count, length] = [0, 0];
  for (const passage of passages) {
    const { terms } = termsOfText(passage.slice(0, PASSAGE_READ));
    count += 1;
    length += terms.length;
    for (const hash of new Set(terms.map(termHash)))
      frequencies.set(hash, (frequencies.get(hash) ?? 0) + 1);
  }
  return { passages: count, averageLength: length / Math.max(1, count), frequencies };
}

interface Asked {
  /** Places of the distinct terms, in the order of the query. */
  readonly places: ReadonlyMap<string, number>;
  readonly weights: readonly number[];
  readonly total: number;
  readonly heaviest: number;
  /** Places of neighbours. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** Compares one query with passages. About 100 µs for a passage of 200 words. */
export class QueryWords {
  readonly #terms: PassageTerms;
  readonly #query: string;
  readonly #asked = new Map<Language, Asked>();
  readonly #runs: ReadonlySet<string>;

  constructor(terms: PassageTerms, query: string) {
    this.#terms = terms;
    this.#query = query.slice(0, QUERY_READ);
    this.#runs = new Set(runsOf(this.#query));
  }

  /** One value for each of `WORD_FEATURES`, all 0 … 2 but the length. */
  features(passage: string): Float64Array {
    const read = passage.slice(0, PASSAGE_READ);
    const { language, terms } = termsOfText(read);
    const asked = this.#in(language);
    const found: number[][] = asked.weights.map(() => []);
    terms.forEach((term, at) => {
      const places = found[asked.places.get(term) ?? -1];
      if (places !== undefined) places.push(at);
    });
    const total = Math.max(1e-9, asked.total);
    const weightOf = (isThere: (places: readonly number[]) => boolean) =>
      asked.weights.reduce((sum, weight, at) => sum + (isThere(found[at] ?? []) ? weight : 0), 0);
    const covered = weightOf((places) => places.length > 0);
    const missing = asked.weights.filter((_, at) => found[at]?.length === 0);
    return Float64Array.of(
      this.#bm25(asked, found, terms.length) / total,
      covered / total,
      found.filter((places) => places.length > 0).length / Math.max(1, found.length),
      Math.max(0, ...missing) / Math.max(1e-9, asked.heaviest),
      pairsOf(asked, found),
      proximityOf(found),
      weightOf((places) => (places[0] ?? START_TERMS) < START_TERMS) / total,
      this.#sharedRuns(read),
      Math.log((1 + terms.length) / (1 + this.#terms.averageLength)),
    );
  }

  #in(language: Language): Asked {
    const known = this.#asked.get(language);
    if (known !== undefined) return known;
    const all = termsIn(language, this.#query);
    const places = new Map([...new Set(all)].map((term, at) => [term, at]));
    const weights = [...places.keys()].map((term) => this.#weight(term));
    const pairs = all.slice(1).flatMap((term, at) => {
      const [one, other] = [places.get(all[at] ?? ''), places.get(term)];
      return one === undefined || other === undefined || one === other
        ? []
        : [[one, other] as const];
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const asked = { places, weights, total, heaviest: Math.max(0, ...weights), pairs };
    this.#asked.set(language, asked);
    return asked;
  }

  /** Inverse document frequency as Lucene has it, above 0. */
  #weight(term: string): number {
    const { passages, frequencies } = this.#terms;
    const frequency = frequencies.get(termHash(term)) ?? 0;
    return Math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5));
  }

  #bm25({ weights }: Asked, found: readonly (readonly number[])[], length: number): number {
    const norm = K1 * (1 - B + (B * length) / Math.max(1, this.#terms.averageLength));
    return weights.reduce((sum, weight, at) => {
      const frequency = found[at]?.length ?? 0;
      return sum + (weight * (K1 + 1) * frequency) / (frequency + norm);
    }, 0);
  }

  #sharedRuns(passage: string): number {
    if (this.#runs.size === 0) return 0;
    const shared = new Set<string>();
    for (const run of runsOf(passage)) if (this.#runs.has(run)) shared.add(run);
    return shared.size / this.#runs.size;
  }
}

function runsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
  return Array.from({ length: Math.max(0, plain.length - RUN + 1) }, (_, at) =>
    plain.slice(at, at + RUN),
  );
}

function pairsOf({ pairs, weights }: Asked, found: readonly (readonly number[])[]): number {
  let [there, all] = [0, 0];
  for (const [one, other] of pairs) {
    const weight = (weights[one] ?? 0) + (weights[other] ?? 0);
    all += weight;
    const seconds = new Set(found[other]?.slice(0, PLACES_MOST));
    if (found[one]?.slice(0, PLACES_MOST).some((at) => seconds.has(at + 1))) there += weight;
  }
  return all === 0 ? 0 : there / all;
}

/**
 * Terms that are there, less one, ÷ steps from the first to the last of them where they stand closest;
 * 0 for fewer than two.
 */
function proximityOf(found: readonly (readonly number[])[]): number {
  const events = found
    .flatMap((places, term) => places.slice(0, PLACES_MOST).map((at) => ({ at, term })))
    .toSorted((a, b) => a.at - b.at || a.term - b.term);
  const wanted = new Set(events.map((one) => one.term)).size;
  if (wanted < 2) return 0;
  const counts = new Map<number, number>();
  let [from, closest] = [0, Number.POSITIVE_INFINITY];
  for (const { at, term } of events) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
    for (; counts.size === wanted; from += 1) {
      const first = events[from];
      if (first === undefined) break;
      closest = Math.min(closest, at - first.at);
      const left = (counts.get(first.term) ?? 0) - 1;
      if (left > 0) counts.set(first.term, left);
      else counts.delete(first.term);
    }
  }
  return Math.min(1, (wanted - 1) / Math.max(1, closest));
}
