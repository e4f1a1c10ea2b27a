import type { LegDeviations } from '../core/evidence.ts';
import { inOrder } from './fusion.ts';
import { ndcg } from './retrieval-measures.ts';
import type { Grades } from './retrieval-set.ts';

/** A passage that was ranked, without a word of it. */
export interface TrialPassage extends LegDeviations {
  /** Passages of one document gain by each other. */
  readonly document: string;
  /** What is judged: the document, where absent. */
  readonly unit?: string;
}

/** nDCG@10 of one query, 0 … 1, by each weight of meaning. */
export function tryWeights(
  passages: readonly TrialPassage[],
  grades: Grades,
  weights: readonly number[],
): number[] {
  const lists = new Map<string, number[]>();
  const siblings = passages.map(({ document }, place) => {
    const list = lists.get(document) ?? [];
    lists.set(document, list);
    list.push(place);
    return list;
  });
  return weights.map((weight) => {
    const summed = passages.map(({ words, meaning }, place) => ({
      place,
      score: weight * meaning + (1 - weight) * words,
    }));
    const ordered = inOrder(summed, true, (place) => siblings[place] ?? []);
    const units = ordered.flatMap(({ place }) => passages[place] ?? []);
    return ndcg([...new Set(units.map(({ unit, document }) => unit ?? document))], grades);
  });
}
