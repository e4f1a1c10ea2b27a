import { calibrationError } from '../base/calibration.ts';
import { QueryRanker, type RankModel, relevanceOf, writeRankModel } from '../base/rank-model.ts';
import type { OrderMeasures } from '../base/ranking-measures.ts';
import { areaUnderCurve } from '../base/statistics.ts';
import type { SpecialistReport } from '../core/specialist.ts';
import type { VersionComparison } from '../core/version-comparison.ts';
import type { Incumbent } from './incumbent.ts';
import { type HouseOrder, ordersBeside } from './rank-beside.ts';
import { climbRank, type RankClimbInput } from './rank-climb.ts';
import { besideReport, measureScores, orderReport } from './rank-measured.ts';
import type { RankRow } from './rank-rows.ts';
import type { RankVectors } from './rank-vectors.ts';
import { evaluation } from './right-share.ts';
import { textSlicer } from './text-slices.ts';
import { compareVersions } from './version-comparison.ts';
import { timeInTurns } from './version-times.ts';

export interface RankInput extends RankClimbInput {
  readonly notes: readonly string[];
  /** Queries to measure on alone. */
  readonly test?: readonly RankRow[];
  readonly house: HouseOrder;
  readonly incumbent?: Incumbent<RankModel>;
}

/** Queries that two versions are timed on, and how often. */
const TIMED_QUERIES = 200;
const TIMED_ROUNDS = 3;

/** A query that was measured, with P(relevant) of its passages. */
interface Judged {
  readonly row: RankRow;
  readonly relevances: readonly number[];
  readonly measures: OrderMeasures;
}

/**
 * Climbs the ladder and measures what stands on the rung: on queries that were held out, or on a test
 * set, beside the orders that cost nothing to make, and beside the version that serves on queries that
 * neither was taught. Same input, same bytes.
 */
export async function makeRank(
  input: RankInput,
): Promise<{ readonly bytes: Uint8Array; readonly report: SpecialistReport }> {
  const { data, seed, test, vectors, house } = input;
  const { model, tried, chosen } = await climbRank(input);
  const bytes = writeRankModel(model);
  const head = model.meaning?.head ?? model.words;
  const judged =
    test === undefined
      ? chosen.unseen.map(({ row, scores, measures }) => ({
          row,
          measures,
          relevances: scores.map((score) => relevanceOf(head, score)),
        }))
      : await judgedBy(model, test, vectors);
  const measures = judged.map((one) => one.measures);
  const rows = judged.map((one) => one.row);
  // Where the words reached the target nothing was embedded, and is not for a comparison's sake.
  const besides = tried.length === 1 ? undefined : await vectors?.of(rows);
  const first = judged.filter((one) => one.measures.isFirst).length;
  const measured = evaluation(first, judged.length, test);
  const graded = gradedOf(judged);
  const { msPerRequest } = chosen.report;
  const report: SpecialistReport = {
    rows: data.pairs,
    labels: [],
    leftOut: data.leftOut,
    warnings: input.notes,
    ...measured,
    answeredShare: 1,
    servedAccuracy: measured.accuracy,
    calibrationError: calibrationError(graded),
    outOfScopeArea: areaUnderCurve(
      graded.filter((one) => one.right).map((one) => one.confidence),
      graded.filter((one) => !one.right).map((one) => one.confidence),
    ),
    rung: chosen.rung,
    rungs: tried.map((one) => one.report),
    bytes: bytes.length,
    msPerRequest,
    generalist: { notAsked: 'lists of passages are not put to one' },
    comparison: await comparisonOf(input, judged, { model, bytes: bytes.length }),
    ranking: {
      queries: data.rows.length,
      passages: graded.length / Math.max(1, judged.length),
      own: orderReport(measures, seed),
      beside: ordersBeside(rows, model, house, besides).map((one) =>
        besideReport(measures, one, seed),
      ),
    },
  };
  return { bytes, report };
}

/** Every passage: how relevant it was held, and whether it is. */
function gradedOf(judged: readonly Judged[]) {
  return judged.flatMap(({ row, relevances }) =>
    relevances.map((confidence, at) => ({ confidence, right: (row.passages[at]?.grade ?? 0) > 0 })),
  );
}

/** As it would serve: without the vectors that it was taught with the words speak alone. */
async function judgedBy(
  model: RankModel,
  rows: readonly RankRow[],
  vectors: RankVectors | undefined,
): Promise<Judged[]> {
  const vectorsOf = reads(model, vectors) ? await vectors?.of(rows) : undefined;
  return rows.map((row) => {
    const own = vectorsOf?.(row);
    const ranker = new QueryRanker(model, row.query, own?.query);
    const relevances = row.passages.map((one, at) => ranker.score(one.text, own?.passages[at]));
    const grades = row.passages.map((one) => one.grade);
    return { row, relevances, measures: measureScores(relevances, grades) };
  });
}

function reads({ meaning }: RankModel, vectors: RankVectors | undefined): boolean {
  return meaning !== undefined && meaning.embedder === vectors?.embedder;
}

/** Right where the first passage is relevant, query by query. */
async function comparisonOf(
  { incumbent, seed, ...input }: RankInput,
  judged: readonly Judged[],
  own: { readonly model: RankModel; readonly bytes: number },
): Promise<VersionComparison | null> {
  if (incumbent === undefined) return null;
  const { version, attempt, model, bytes, knows } = incumbent;
  const unseen = judged.filter((one) => !knows(one.row.query));
  const rows = unseen.map((one) => one.row);
  const others = await judgedBy(model, rows, input.vectors);
  const [ownMs, incumbentMs] = await timesOfBoth([own.model, model], rows, input);
  const slicesOf = textSlicer(rows.map((row) => row.query));
  return compareVersions({
    ...{ version, attempt, seed, lostLabels: [] },
    pairs: unseen.map((one, at) => ({
      isRight: one.measures.isFirst,
      incumbentIsRight: others[at]?.measures.isFirst ?? false,
      slices: slicesOf(one.row.query),
    })),
    own: {
      bytes: own.bytes,
      ms: ownMs,
      calibrationError: calibrationError(gradedOf(unseen)),
      outOfScopeArea: null,
    },
    incumbent: {
      bytes,
      ms: incumbentMs,
      calibrationError: calibrationError(gradedOf(others)),
      outOfScopeArea: null,
    },
  });
}

/** CPU milliseconds of a query by each of the two, in turns on the same ones; vectors by their measured time. */
async function timesOfBoth(
  models: readonly [RankModel, RankModel],
  rows: readonly RankRow[],
  { vectors, cpuMs, data }: Pick<RankInput, 'vectors' | 'cpuMs' | 'data'>,
): Promise<readonly [number, number]> {
  const timed = rows.slice(0, TIMED_QUERIES);
  const judge = (side: 0 | 1) => () => judgedBy(models[side], timed, vectors);
  const times = await timeInTurns([judge(0), judge(1)], TIMED_ROUNDS, cpuMs);
  const timeOf = (side: 0 | 1) => {
    const words = times[side] / Math.max(1, timed.length);
    const isRead = reads(models[side], vectors);
    return words + (isRead ? (vectors?.requestMs(data.pairs / data.rows.length) ?? 0) : 0);
  };
  return [timeOf(0), timeOf(1)];
}
