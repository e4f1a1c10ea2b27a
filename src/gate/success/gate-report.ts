import { type CallPoint, meanOf, meanQuality, upperHull } from '../../base/routing-measures.ts';
import { bootstrapMean, type Interval } from '../../base/statistics.ts';
import type { ScoredRow, ScoringResult } from './held-out-scores.ts';
import { bootstrapRows, type PairReport, reportPair } from './pair-report.ts';
import { type ReportCosts, reportCosts } from './report-costs.ts';

/** What a gate makes of rows that it was not fitted on; all shares 0 … 1. */
export interface GateReport {
  readonly rows: number;
  /** False: some grades are missing; each mean is over the rows where what it compares is graded. */
  readonly isEveryGradeKnown: boolean;
  /** Scored rows with a grade missing that are not among `rows`, since there are enough without them. */
  readonly incompleteLeftOut: number;
  readonly duplicatesRemoved: number;
  readonly folds: number;
  readonly models: readonly {
    readonly id: string;
    /** NaN = nobody graded it. */
    readonly accuracy: number;
    /** Per request in the unit of `costUnit`; absent where nobody knows. */
    readonly cost?: number;
  }[];
  readonly reference: string;
  readonly accuracy: {
    readonly gate: number;
    readonly gateToldTask: number;
    readonly bestSingle: number;
    readonly random: number;
    readonly taskMean: number;
    readonly oracle: number;
  };
  /** Gate less best single model, row by row. */
  readonly gain: Interval;
  /** Share of the way from the best single model to the oracle. */
  readonly oracleGapClosed: Interval;
  readonly oracleGapClosedToldTask: Interval;
  readonly oracleGapClosedByTaskMean: number;
  /** Share of the rows that each model answers. */
  readonly choices: Readonly<Record<string, number>>;
  /** Absent where nobody knows what a model costs. */
  readonly costs?: CostReport;
  /** Why there is no curve, and what would give one. */
  readonly costsUnknown?: string;
  readonly pair?: PairReport;
}

/** Quality against cost. */
export interface CostReport {
  readonly unit: ReportCosts['unit'];
  readonly curve: readonly CallPoint[];
  /** What mixing single models at random reaches. */
  readonly hull: readonly CallPoint[];
  /** Mean quality over the costs between the cheapest and the dearest model. */
  readonly area: { readonly gate: number; readonly hull: number; readonly random: number };
}

export interface ReportOptions {
  readonly models: readonly string[];
  readonly reference?: number;
  /** Dollars per row and model, or undefined where nobody knows. */
  readonly costs?: (row: ScoredRow['row']) => readonly number[] | undefined;
  readonly seed: number;
}

const COSTS_UNKNOWN =
  'no curve of quality and cost: the rows carry no "costs", no prices are given for every model, and the models\' names tell no sizes';
const ROUNDS = 500;
const LAMBDAS = 60;

/** Rows with every grade from which the others are not needed. */
const COMPLETE_LEAST = 100;

/**
 * Compares on rows with every grade where there are enough; else on all rows, each mean over those
 * where both sides of the comparison are graded.
 */
export function reportGate(result: ScoringResult, options: ReportOptions): GateReport {
  const { models, seed } = options;
  const complete = result.scored.filter((one) => !one.row.scores.some(Number.isNaN));
  const rows = complete.length >= COMPLETE_LEAST ? complete : result.scored;
  const accuracy = models.map((_, model) => gradedMean(rows.map((one) => scoreOf(one, model))));
  const reference = options.reference ?? placeOfLargest(accuracy);
  const best = placeOfLargest(accuracy);
  const gate = rows.map((one) => scoreOf(one, one.choice));
  const told = rows.map((one) => scoreOf(one, one.namedChoice));
  const task = rows.map((one) => scoreOf(one, placeOfLargest(one.taskMeans)));
  const single = rows.map((one) => scoreOf(one, best));
  const oracle = rows.map((one) => Math.max(...one.row.scores.filter(isGraded)));
  const costs = reportCosts(
    rows.map((one) => options.costs?.(one.row)),
    models,
    reference,
  );
  const costReport = costs === undefined ? undefined : reportCurve(rows, costs, accuracy);
  return {
    rows: rows.length,
    isEveryGradeKnown: result.scored.every((one) => one.row.scores.every(isGraded)),
    incompleteLeftOut: result.scored.length - rows.length,
    duplicatesRemoved: result.duplicates,
    folds: result.folds,
    models: models.map((id, at) => ({
      id,
      accuracy: accuracy[at] ?? Number.NaN,
      ...(costs === undefined ? {} : { cost: meanOf(costs.perRow.map((one) => one[at] ?? 0)) }),
    })),
    reference: models[reference] ?? '',
    accuracy: {
      gate: gradedMean(gate),
      gateToldTask: gradedMean(told),
      bestSingle: accuracy[best] ?? Number.NaN,
      random: gradedMean(accuracy),
      taskMean: gradedMean(task),
      oracle: gradedMean(oracle),
    },
    gain: bootstrapMean(gate.map((score, at) => score - (single[at] ?? 0)).filter(isGraded), {
      seed,
    }),
    oracleGapClosed: gapClosed(gate, single, oracle, seed),
    oracleGapClosedToldTask: gapClosed(told, single, oracle, seed),
    oracleGapClosedByTaskMean: gapClosed(task, single, oracle, seed, 1).value,
    choices: Object.fromEntries(
      models.map((id, at) => [id, rows.filter((one) => one.choice === at).length / rows.length]),
    ),
    ...(costReport === undefined ? { costsUnknown: COSTS_UNKNOWN } : { costs: costReport }),
    ...(models.length === 2 ? pairOf(rows, options, reference) : {}),
  };
}

/** Both models must be graded for what RouteLLM measures. */
function pairOf(rows: readonly ScoredRow[], options: ReportOptions, reference: number) {
  const both = rows.filter((one) => one.row.scores.every(isGraded));
  return both.length === 0 ? {} : { pair: reportPair(both, options, reference) };
}

function isGraded(score: number): boolean {
  return !Number.isNaN(score);
}

function gradedMean(scores: readonly number[]): number {
  return meanOf(scores.filter(isGraded));
}

function reportCurve(
  rows: readonly ScoredRow[],
  { unit, perRow }: ReportCosts,
  accuracy: readonly number[],
): CostReport {
  const points = accuracy.map((quality, at) => ({
    share: meanOf(perRow.map((cost) => cost[at] ?? 0)),
    quality,
  }));
  const curve = upperEnvelope(rows, perRow);
  const hull = upperHull(points.filter((point) => isGraded(point.quality)));
  const costs = points.map((point) => point.share);
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  return {
    unit,
    curve,
    hull,
    area: {
      gate: meanQuality(curve, low, high),
      hull: meanQuality(hull, low, high),
      random: gradedMean(accuracy),
    },
  };
}

function scoreOf(one: ScoredRow, model: number): number {
  return one.row.scores[model] ?? Number.NaN;
}

function placeOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at += 1) {
    const value = values[at] as number;
    if (value > (values[best] as number) || Number.isNaN(values[best])) best = at;
  }
  return best;
}

/** A ratio of means over rows where both are graded, its interval by drawing whole rows (paired bootstrap). */
function gapClosed(
  gate: readonly number[],
  single: readonly number[],
  oracle: readonly number[],
  seed: number,
  rounds = ROUNDS,
): Interval {
  const graded = Int32Array.from(gate.keys()).filter(
    (row) => isGraded(gate[row] as number) && isGraded(single[row] as number),
  );
  const ratio = (rows: ArrayLike<number>) => {
    let [gained, possible] = [0, 0];
    for (let at = 0; at < rows.length; at += 1) {
      const row = graded[rows[at] as number] as number;
      gained += (gate[row] as number) - (single[row] as number);
      possible += (oracle[row] as number) - (single[row] as number);
    }
    return possible === 0 ? 0 : gained / possible;
  };
  return bootstrapRows(graded.length, ratio, seed, rounds);
}

/** Cost and quality when a dollar is weighed against P(success), from "any price" to "cheapest". */
function upperEnvelope(
  rows: readonly ScoredRow[],
  costs: readonly (readonly number[])[],
): CallPoint[] {
  const spread = Math.max(1e-12, ...costs.map((cost) => Math.max(...cost) - Math.min(...cost)));
  const points: CallPoint[] = [];
  for (let step = 0; step <= LAMBDAS; step += 1) {
    const lambda = step === 0 ? 0 : 10 ** (-3 + (5 * step) / LAMBDAS) / spread;
    let [cost, quality, graded] = [0, 0, 0];
    rows.forEach((one, at) => {
      const price = costs[at] ?? [];
      const worth = one.values.map((value, model) => value - lambda * (price[model] ?? 0));
      const choice = placeOfLargest(worth);
      const score = scoreOf(one, choice);
      cost += price[choice] ?? 0;
      quality += isGraded(score) ? score : 0;
      graded += isGraded(score) ? 1 : 0;
    });
    if (graded > 0) points.push({ share: cost / rows.length, quality: quality / graded });
  }
  return points.sort((left, right) => left.share - right.share);
}
