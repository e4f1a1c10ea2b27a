import { QueryRanker, type RankModel, writeRankModel } from '../base/rank-model.ts';
import { CadreError } from '../core/errors.ts';
import type { RungReport } from '../core/specialist.ts';
import { fitChange } from './rank-change.ts';
import { type FeaturedRow, featured, rankFolds, termsOfRows, withVectors } from './rank-folds.ts';
import {
  chooseRung,
  listsOf,
  type RungCost,
  spread,
  type TriedRung,
  tryHead,
  tryTaught,
} from './rank-ladder.ts';
import type { RankRow, RankRows } from './rank-rows.ts';
import type { RankVectors } from './rank-vectors.ts';
import { calibrated, fitHead } from './train-ranker.ts';

export interface RankClimbInput {
  readonly data: RankRows;
  readonly seed: number;
  /** Share of queries whose first passage is relevant at which the climb stops. */
  readonly target?: number;
  readonly source: string;
  /** Absent = words alone. */
  readonly vectors?: RankVectors;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
  /** Told of every rung as soon as it is measured. */
  readonly onRung: (rung: RungReport) => void;
}

export interface RankClimb {
  readonly model: RankModel;
  readonly tried: readonly TriedRung[];
  readonly chosen: TriedRung;
}

/** Queries that the time of a request is measured on. */
const TIMED_QUERIES = 20;

/**
 * Climbs from words to what is taught of meanings and stops at the first rung that reaches the target on
 * queries that it had not seen. Then the chosen one learns from all rows. Throws `invalid_request` where
 * the queries are too much alike for some to be kept apart.
 */
export async function climbRank(input: RankClimbInput): Promise<RankClimb> {
  const { data, seed, target, vectors, onRung } = input;
  const folds = rankFolds(data.rows, seed);
  if (folds.length === 0)
    throw new CadreError(
      'invalid_request',
      'its queries nearly repeat each other, so that none can be kept apart to measure on; give other ones',
      { param: 'data' },
    );
  const terms = termsOfRows(data.rows);
  const all = featured(data.rows, terms);
  const weights = fitHead(all, 'words');
  const base = { source: input.source, terms, words: { weights, slope: 1, offset: 0 } };
  const cost = costOf(input, base);
  const isEnough = (one: TriedRung) => {
    onRung(one.report);
    return target !== undefined && one.report.accuracy >= target;
  };
  const words = tryHead('words', folds, cost);
  const calm = { ...base, words: calibratedBy(weights, words) };
  if (isEnough(words) || vectors === undefined)
    return { model: calm, tried: [words], chosen: words };
  const vectorsOf = await vectors.of(data.rows);
  const meant = folds.map((fold) => ({
    seen: withVectors(fold.seen, vectorsOf),
    unseen: withVectors(fold.unseen, vectorsOf),
  }));
  const dearer = { ...cost, msPerRequest: cost.msPerRequest + vectors.requestMs(width(data)) };
  const size = vectors.dimensions;
  const taughtCost = {
    ...dearer,
    bytes: cost.bytes + Float32Array.BYTES_PER_ELEMENT * size * size,
  };
  const tried: [TriedRung, ...TriedRung[]] = [words];
  for (const next of [
    () => tryHead('embedding', meant, dearer),
    () => tryHead('words+embedding', meant, dearer),
    () => tryTaught(meant, taughtCost),
  ]) {
    const one = next();
    tried.push(one);
    if (isEnough(one)) break;
  }
  const chosen = chooseRung(tried, target, seed);
  const whole = withVectors(all, vectorsOf);
  return { model: finalModel(calm, chosen, whole, vectors.embedder), tried, chosen };
}

function finalModel(
  base: RankModel,
  chosen: TriedRung,
  all: readonly FeaturedRow[],
  embedder: string,
): RankModel {
  const { rung, penalty } = chosen;
  if (rung === 'words') return base;
  const weights = fitHead(all, rung === 'taught' ? 'words+embedding' : rung);
  const head = calibratedBy(weights, chosen);
  if (penalty === undefined) return { ...base, meaning: { embedder, head } };
  const change = fitChange(listsOf(spread(all), weights), penalty);
  return { ...base, meaning: { embedder, head, change } };
}

/** What the scores of such weights stand for, by lists that heads of their kind had not seen. */
function calibratedBy(weights: readonly number[], { unseen }: TriedRung) {
  return calibrated(
    weights,
    unseen.flatMap(({ row, scores }) =>
      scores.map((score, at) => ({ score, isRelevant: (row.passages[at]?.grade ?? 0) > 0 })),
    ),
  );
}

/** Passages of a query, on average. */
function width({ rows, pairs }: RankRows): number {
  return pairs / Math.max(1, rows.length);
}

/** What the words cost: CPU of ordering the passages of one query. */
function costOf({ data, cpuMs }: RankClimbInput, model: RankModel): RungCost {
  const timed = data.rows.slice(0, TIMED_QUERIES);
  const started = cpuMs();
  timed.forEach((row) => {
    scoreRow(model, row);
  });
  return {
    bytes: writeRankModel(model).length,
    msPerRequest: (cpuMs() - started) / Math.max(1, timed.length),
  };
}

function scoreRow(model: RankModel, { query, passages }: RankRow): void {
  const ranker = new QueryRanker(model, query);
  for (const { text } of passages) ranker.score(text);
}
