import type { WeightTrial } from './weight-fit.ts';
import { type TrialPassage, tryWeights } from './weight-trial.ts';

/** Passages that somebody was shown, best first, and what he took of them; no word of either. */
export interface ShownList {
  readonly passages: readonly TrialPassage[];
  /** Documents that he took. */
  readonly taken: readonly string[];
  /**
   * `place`: he read from the top, so what is lower is seen less; `none`: the order that he saw was
   * another one.
   */
  readonly bias: 'place' | 'none';
  /** What it counts beside others, 0 … 1. */
  readonly trust: number;
}

/**
 * How likely a place is looked at: its number to the power of −.5, less steep than readers of result
 * lists are (about −1: Joachims, Swaminathan and Schnabel, "Unbiased Learning-to-Rank with Biased
 * Feedback", WSDM 2017), so that what is left of the bias speaks for the ranking as it is. Every
 * opening counts the inverse.
 */
const BIAS = 0.5;

/**
 * The lists as trials; lists that show the same passages are one query. The control of a trial is what
 * those would find who take at each place as often as all did, whatever stands there: a gain that they
 * have as well comes from the places alone.
 */
export function shownTrials(
  lists: readonly ShownList[],
  weights: readonly number[],
): WeightTrial[] {
  const queries = new Map<string, Query>();
  for (const { passages, taken, bias, trust } of lists) {
    const documents = [...new Set(passages.map((one) => one.document))];
    const isTaken = documents.map((one) => taken.includes(one));
    if (!isTaken.includes(true) || !isTaken.includes(false)) continue;
    const shown = passages.map(({ words, meaning, document }) => [
      words,
      meaning,
      documents.indexOf(document),
    ]);
    const key = JSON.stringify([bias, shown]);
    const query = queries.get(key) ?? { passages, documents, bias, takings: [], trust };
    queries.set(key, { ...query, trust: Math.max(query.trust, trust) });
    query.takings.push(isTaken);
  }
  const all = [...queries.values()];
  return all.map((query) => trialOf(query, placesOf(all, query.bias), weights));
}

interface Query {
  readonly passages: readonly TrialPassage[];
  readonly documents: readonly string[];
  readonly bias: ShownList['bias'];
  readonly trust: number;
  /** Of each time it was asked, which documents were taken. */
  readonly takings: boolean[][];
}

/** How often documents were taken by their place, 0 = the first. */
function placesOf(queries: readonly Query[], bias: ShownList['bias']): number[] {
  const counts: number[] = [];
  for (const query of queries)
    if (query.bias === bias)
      for (const taking of query.takings)
        for (const [place, isTaken] of taking.entries())
          counts[place] = (counts[place] ?? 0) + (isTaken ? 1 : 0);
  return counts;
}

function trialOf(query: Query, places: readonly number[], weights: readonly number[]): WeightTrial {
  const { passages, documents, bias, takings } = query;
  const worth = documents.map((_one, place) => (bias === 'place' ? (place + 1) ** BIAS : 1));
  const found = documents.map((one) => tryWeights(passages, new Map([[one, 1]]), weights));
  const counts = documents.map((_one, place) => takings.filter((one) => one[place]).length);
  const openings = counts.reduce((sum, one) => sum + one, 0);
  const average = (shares: readonly number[]) => {
    const weight = worth.map((one, place) => one * (shares[place] ?? 0));
    const total = weight.reduce((sum, one) => sum + one, 0);
    return {
      total,
      values: weights.map((_one, at) =>
        found.reduce((sum, row, place) => sum + ((weight[place] ?? 0) * (row[at] ?? 0)) / total, 0),
      ),
    };
  };
  const taken = average(counts);
  return {
    found: taken.values,
    control: average(places).values,
    trust: (query.trust * taken.total) / openings,
  };
}
