import { ndcgOf } from '../base/ranking-measures.ts';
import { bootstrapMean, type Interval, mean, quantile } from '../base/statistics.ts';
import type { Grades } from './retrieval-set.ts';

/**
 * Ways of ranking that can be measured: by words, by words and what the collection itself teaches of
 * meaning (`latent`), by the embedder's meaning, by words and that meaning (`hybrid`), and by these
 * with the best 30 compared token by token (`reranked`).
 */
export const RETRIEVAL_LEGS = ['lexical', 'latent', 'dense', 'hybrid', 'reranked'] as const;
export type RetrievalLeg = (typeof RETRIEVAL_LEGS)[number];

const PASS_DEPTHS = [5, 10, 20] as const;
const RECALL_DEPTH = 100;

/** What one ranking is worth, each 0 … 1. */
export interface RankingMeasures {
  readonly ndcg10: number;
  readonly recall100: number;
  /** Share of the relevant documents among the first 5, 10 and 20. */
  readonly pass5: number;
  readonly pass10: number;
  readonly pass20: number;
}

export interface RankedQuery extends RankingMeasures {
  readonly query: string;
  /** Ids of the best documents, best first. */
  readonly ranked: readonly string[];
  /** Milliseconds of processor time of the search, without embedding the query. */
  readonly cpuMs: number;
}

/** A leg over all queries. */
export interface LegReport {
  readonly leg: string;
  readonly ndcg10: Interval;
  readonly recall100: Interval;
  readonly pass5: Interval;
  readonly pass10: Interval;
  readonly pass20: Interval;
  readonly cpuMs: { readonly mean: number; readonly p95: number };
}

/** nDCG of the first `depth`; see `ndcgOf`. */
export function ndcg(ranked: readonly string[], grades: Grades, depth = 10): number {
  return ndcgOf(
    ranked.map((id) => grades.get(id) ?? 0),
    [...grades.values()],
    depth,
  );
}

/** Measures one ranking of documents, each named once, best first. */
export function measureRanking(ranked: readonly string[], grades: Grades): RankingMeasures {
  const found = (depth: number) =>
    ranked.slice(0, depth).filter((id) => grades.has(id)).length / Math.max(1, grades.size);
  const [pass5, pass10, pass20] = PASS_DEPTHS.map(found) as [number, number, number];
  return { ndcg10: ndcg(ranked, grades), recall100: found(RECALL_DEPTH), pass5, pass10, pass20 };
}

/** Means with 95 % bootstrap intervals over the queries. */
export function reportLeg(leg: string, rows: readonly RankedQuery[], seed: number): LegReport {
  const over = (measure: keyof RankingMeasures) =>
    bootstrapMean(
      rows.map((row) => row[measure]),
      { seed },
    );
  const times = rows.map((row) => row.cpuMs);
  return {
    leg,
    ndcg10: over('ndcg10'),
    recall100: over('recall100'),
    pass5: over('pass5'),
    pass10: over('pass10'),
    pass20: over('pass20'),
    cpuMs: { mean: mean(times), p95: quantile(times, 0.95) },
  };
}
