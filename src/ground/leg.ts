import type { LexicalIndex, LexicalQuery } from './lexical-index.ts';
import { type ScoredPlace, TopList } from './top-list.ts';

/** How a leg's scores lie over all places. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation; 0 where all scores are equal. */
  readonly deviation: number;
}

/** One way of finding, asked for one query: by words, by meaning. */
export interface Leg {
  /** The greatest scores of the wanted places that it finds, greatest first; ties by lower place. */
  top(count: number, isWanted?: (place: number) => boolean): readonly ScoredPlace[];
  /** Also for a place that is not among the best; undefined where this leg knows nothing of it. */
  scoreOf(place: number): number | undefined;
  /** May be an estimate: it is the unit in which legs are added; see `fuse`. */
  spread(): Spread;
}

/** Places that the query's own words find and its expansion puts in order. */
const POOL = 200;
/** What a term that is there gives of its weight, f / (f + saturation), about. */
const TERM_SHARE = 0.4;
/** Places that a spread is estimated from: it is then within about 4 % of the true one. */
const SAMPLE = 256;

/** The leg by words, for this state of the index. */
export function lexicalLeg(index: LexicalIndex, terms: readonly string[]): Leg {
  const query = index.prepare(terms);
  return {
    top: (count, isWanted) => index.topK(query, count, isWanted),
    scoreOf: (place) => index.scoreOf(query, place),
    spread: () => wordSpread(query),
  };
}

/**
 * The same with the words that the best places add to the query. They change the order of what the
 * query itself finds and the score of any place, and look for nothing: so a query costs as many
 * postings as its own terms have. Places that are not wanted add no words either: what is closed to
 * a caller does not show in what he finds.
 */
export function expandedLeg(
  index: LexicalIndex,
  terms: readonly string[],
  isWanted?: (place: number) => boolean,
): Leg {
  const own = index.prepare(terms);
  const pool = index.topK(own, POOL, isWanted);
  const query = index.expand(own, pool);
  const known = new Map<number, number>();
  const scoreOf = (place: number) => {
    const score = known.get(place) ?? index.scoreOf(query, place);
    known.set(place, score);
    return score;
  };
  return {
    top(count) {
      const found = count > POOL ? index.topK(own, count, isWanted) : pool;
      const best = new TopList(count, 0);
      for (const { place } of found) best.offer(place, scoreOf(place));
      return best.ranked();
    },
    scoreOf,
    spread: () => wordSpread(own),
  };
}

/**
 * As if terms were independent and each there or not, with probability p = n / N = e^−idf: variance
 * Σ (TERM_SHARE · idf)² p (1 − p). Needs no look at the postings, and ranks as well as the true
 * deviation (nDCG@10 .635 and .633, mean of four sets). The mean is left at 0, the score of a place
 * without any of the words.
 */
function wordSpread({ weights }: LexicalQuery): Spread {
  let variance = 0;
  for (const idf of weights.values()) {
    const probability = Math.exp(-idf);
    variance += (TERM_SHARE * idf) ** 2 * probability * (1 - probability);
  }
  return { mean: 0, deviation: Math.sqrt(variance) };
}

/** Of places spread evenly over `size`. */
export function sampledSpread(scoreOf: Leg['scoreOf'], size: number): Spread {
  const step = Math.max(1, size / SAMPLE);
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < size; at += step) {
    const score = scoreOf(Math.floor(at));
    if (score === undefined) continue;
    count += 1;
    sum += score;
    squares += score * score;
  }
  const mean = sum / Math.max(1, count);
  return { mean, deviation: Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)) };
}
