import type { LexicalIndex } from './lexical-index.ts';
import type { ScoredPlace } from './top-list.ts';

/** One way of finding, asked for one query: by words, by meaning. */
export interface Leg {
  /** The greatest scores of the places that it finds, greatest first; ties by lower place. */
  top(count: number): readonly ScoredPlace[];
  /** Also for a place that is not among the best; undefined where this leg knows nothing of it. */
  scoreOf(place: number): number | undefined;
}

/** The leg by words, for this state of the index. Terms may repeat; each time counts. */
export function lexicalLeg(index: LexicalIndex, terms: readonly string[]): Leg {
  const query = index.prepare(terms);
  return {
    top: (count) => index.topK(query, count),
    scoreOf: (place) => index.scoreOf(query, place),
  };
}
