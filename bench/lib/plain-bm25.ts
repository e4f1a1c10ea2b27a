import { stem } from '../../src/base/stemmer.ts';
import { TopList } from '../../src/ground/top-list.ts';

/** Lucene's English stop words. */
const STOP_WORDS = new Set(
  `a an and are as at be but by for if in into is it no not of on or such that the their then there
  these they this to was will with`.split(/\s+/),
);

/**
 * The baseline: BM25 with k1 .9 and b .4 (the parameters that Anserini gives Lucene) over whole
 * documents, words of letters and digits in lower case, Porter's stems, every place scored.
 */
export class PlainBm25 {
  readonly #ids: string[] = [];
  readonly #lengths: number[] = [];
  readonly #postings = new Map<string, { place: number; frequency: number }[]>();

  constructor(documents: readonly { readonly id: string; readonly text: string }[]) {
    for (const { id, text } of documents) this.#add(id, plainTerms(text));
  }

  #add(id: string, terms: readonly string[]): void {
    const place = this.#ids.push(id) - 1;
    this.#lengths.push(terms.length);
    for (const term of terms) {
      const known = this.#postings.get(term) ?? [];
      const last = known.at(-1);
      if (last?.place === place) last.frequency += 1;
      else known.push({ place, frequency: 1 });
      this.#postings.set(term, known);
    }
  }

  /** Ids, best first. */
  rank(query: string, count: number): string[] {
    const scores = new Float64Array(this.#ids.length);
    const average = this.#lengths.reduce((sum, one) => sum + one, 0) / this.#lengths.length;
    for (const term of plainTerms(query)) {
      const postings = this.#postings.get(term) ?? [];
      const n = postings.length;
      const idf = Math.log(1 + (this.#ids.length - n + 0.5) / (n + 0.5));
      for (const { place, frequency } of postings) {
        const norm = 0.9 * (1 - 0.4 + (0.4 * (this.#lengths[place] ?? 0)) / average);
        scores[place] = (scores[place] ?? 0) + (idf * frequency) / (frequency + norm);
      }
    }
    const best = new TopList(count, 0);
    for (const [place, score] of scores.entries()) best.offer(place, score);
    return best.ranked().map(({ place }) => this.#ids[place] ?? '');
  }
}

function plainTerms(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map(stem);
}
