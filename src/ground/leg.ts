import type { LexicalIndex } from './lexical-index.ts';
import { type ScoredPlace, TopList } from './top-list.ts';

/** One way of finding, asked for one query: by words, by meaning. */
export interface Leg {
  /** The greatest scores of the wanted places that it finds, greatest first; ties by lower place. */
  top(count: number, isWanted?: (place: number) => boolean): readonly ScoredPlace[];
  /** Also for a place that is not among the best; undefined where this leg knows nothing of it. */
  scoreOf(place: number): number | undefined;
}

/** Places that the query's own words find and its expansion puts in order. */
const POOL = 200;

/** The leg by words, for this state of the index. */
export function lexicalLeg(index: LexicalIndex, terms: readonly string[]): Leg {
  const query = index.prepare(terms);
  return {
    top: (count, isWanted) => index.topK(query, count, isWanted),
    scoreOf: (place) => index.scoreOf(query, place),
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
  return {
    top(count) {
      const found = count > POOL ? index.topK(own, count, isWanted) : pool;
      const best = new TopList(count, 0);
      for (const { place } of found) best.offer(place, index.scoreOf(query, place));
      return best.ranked();
    },
    scoreOf: (place) => index.scoreOf(query, place),
  };
}
