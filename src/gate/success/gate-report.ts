import { seededRandom } from '../../base/random.ts';
import {
  averageGapRecovered,
  type CallPoint,
  callShare,
  meanOf,
  meanQuality,
  upperHull,
} from '../../base/routing-measures.ts';
import { bootstrapMean, type Interval, quantile } from '../../base/statistics.ts';
import type { ScoredRow, ScoringResult } from './held-out-scores.ts';

/** What a gate makes of rows that it was not fitted on; all shares 0 … 1. */
export interface GateReport {
  readonly rows: number;
  readonly duplicatesRemoved: number;
  readonly folds: number;
  readonly models: readonly {
    readonly id: string;
    readonly accuracy: number;
    readonly cost: number;
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
  readonly curve: readonly CallPoint[];
  readonly hull: readonly CallPoint[];
  /** Mean quality over the costs between the cheapest and the dearest model. */
  readonly area: { readonly gate: number; readonly hull: number; readonly random: number };
  readonly pair?: PairReport;
}

/** Two models, by RouteLLM's definitions. */
export interface PairReport {
  readonly weak: string;
  readonly strong: string;
  readonly gate: PairMeasures;
  readonly gateToldTask: PairMeasures;
  readonly taskMean: PairMeasures;
  readonly promptLength: PairMeasures;
  /** After the cheap answer has been read; absent without answers. */
  readonly cheapAnswerChecked?: PairMeasures;
}

export interface PairMeasures {
  readonly apgr: Interval;
  /** Shares of strong calls that recover half and four fifths of the gap. */
  readonly cpt50: number;
  readonly cpt80: number;
}

export interface ReportOptions {
  readonly models: readonly string[];
  readonly reference?: number;
  /** Dollars per row and model, or undefined where nobody knows. */
  readonly costs?: (row: ScoredRow['row']) => readonly number[] | undefined;
  readonly seed: number;
}

const ROUNDS = 500;
const LAMBDAS = 60;

/** Rows without every grade count where the graded models suffice: a choice that nobody graded is left out. */
export function reportGate(result: ScoringResult, options: ReportOptions): GateReport {
  const { models, seed } = options;
  const scored = result.scored.filter((one) => !one.row.scores.some(Number.isNaN));
  const rows = scored.length > 0 ? scored : result.scored;
  const accuracy = models.map((_, model) => meanOf(rows.map((one) => scoreOf(one, model))));
  const reference = options.reference ?? placeOfLargest(accuracy);
  const costs = rows.map(
    (one) => options.costs?.(one.row) ?? models.map((_, at) => (at === reference ? 1 : 0)),
  );
  const meanCosts = models.map((_, at) => meanOf(costs.map((cost) => cost[at] ?? 0)));
  const best = placeOfLargest(accuracy);
  const gate = rows.map((one) => scoreOf(one, one.choice));
  const told = rows.map((one) => scoreOf(one, one.namedChoice));
  const task = rows.map((one) => scoreOf(one, placeOfLargest(one.taskMeans)));
  const single = rows.map((one) => scoreOf(one, best));
  const oracle = rows.map((one) =>
    Math.max(...one.row.scores.filter((score) => !Number.isNaN(score))),
  );
  const points = models.map((_, at) => ({ share: meanCosts[at] ?? 0, quality: accuracy[at] ?? 0 }));
  const curve = upperEnvelope(rows, costs);
  const hull = upperHull(points);
  const [low, high] = [Math.min(...meanCosts), Math.max(...meanCosts)];
  return {
    rows: rows.length,
    duplicatesRemoved: result.duplicates,
    folds: result.folds,
    models: models.map((id, at) => ({ id, accuracy: accuracy[at] ?? 0, cost: meanCosts[at] ?? 0 })),
    reference: models[reference] ?? '',
    accuracy: {
      gate: meanOf(gate),
      gateToldTask: meanOf(told),
      bestSingle: accuracy[best] ?? 0,
      random: meanOf(accuracy),
      taskMean: meanOf(task),
      oracle: meanOf(oracle),
    },
    gain: bootstrapMean(
      gate.map((score, at) => score - (single[at] ?? 0)),
      { seed },
    ),
    oracleGapClosed: gapClosed(gate, single, oracle, seed),
    oracleGapClosedToldTask: gapClosed(told, single, oracle, seed),
    oracleGapClosedByTaskMean: gapClosed(task, single, oracle, seed, 1).value,
    choices: Object.fromEntries(
      models.map((id, at) => [id, rows.filter((one) => one.choice === at).length / rows.length]),
    ),
    curve,
    hull,
    area: {
      gate: meanQuality(curve, low, high),
      hull: meanQuality(hull, low, high),
      random: meanOf(accuracy),
    },
    ...(models.length === 2 ? { pair: reportPair(rows, options, reference) } : {}),
  };
}

function scoreOf(one: ScoredRow, model: number): number {
  return one.row.scores[model] ?? Number.NaN;
}

function placeOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at += 1)
    if ((values[at] as number) > (values[best] as number)) best = at;
  return best;
}

/** A ratio of means, its interval by drawing whole rows (paired bootstrap). */
function gapClosed(
  gate: readonly number[],
  single: readonly number[],
  oracle: readonly number[],
  seed: number,
  rounds = ROUNDS,
): Interval {
  const ratio = (rows: ArrayLike<number>) => {
    let [gained, possible] = [0, 0];
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as number;
      gained += (gate[row] as number) - (single[row] as number);
      possible += (oracle[row] as number) - (single[row] as number);
    }
    return possible === 0 ? 0 : gained / possible;
  };
  return bootstrapRows(gate.length, ratio, seed, rounds);
}

function bootstrapRows(
  count: number,
  measure: (rows: ArrayLike<number>) => number,
  seed: number,
  rounds: number,
): Interval {
  const random = seededRandom(seed);
  const values: number[] = [];
  const drawn = new Int32Array(count);
  for (let round = 0; round < rounds; round += 1) {
    for (let at = 0; at < count; at += 1) drawn[at] = Math.floor(random() * count);
    const value = measure(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  const all = Int32Array.from({ length: count }, (_, at) => at);
  return { value: measure(all), low: quantile(values, 0.025), high: quantile(values, 0.975) };
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
    let [cost, quality] = [0, 0];
    rows.forEach((one, at) => {
      const price = costs[at] ?? [];
      const worth = one.values.map((value, model) => value - lambda * (price[model] ?? 0));
      const choice = placeOfLargest(worth);
      cost += price[choice] ?? 0;
      quality += scoreOf(one, choice);
    });
    points.push({ share: cost / rows.length, quality: quality / rows.length });
  }
  return points.sort((left, right) => left.share - right.share);
}

function reportPair(
  rows: readonly ScoredRow[],
  { models, seed }: ReportOptions,
  reference: number,
): PairReport {
  const [strong, weak] = [reference, 1 - reference];
  const gainOf = (values: Float64Array | undefined) =>
    (values?.[strong] ?? Number.NaN) - (values?.[weak] ?? Number.NaN);
  const measure = (score: (one: ScoredRow, at: number) => number): PairMeasures => {
    const scores = rows.map(score);
    const pick = (chosen: ArrayLike<number>) => ({
      scores: Array.from(chosen, (row) => scores[row] ?? 0),
      weak: Array.from(chosen, (row) => rows[row]?.row.scores[weak] ?? 0),
      strong: Array.from(chosen, (row) => rows[row]?.row.scores[strong] ?? 0),
    });
    const all = pick(rows.map((_, at) => at));
    return {
      apgr: bootstrapRows(
        rows.length,
        (chosen) => averageGapRecovered(pick(chosen)),
        seed,
        rows.length > 5000 ? 100 : 300,
      ),
      cpt50: callShare(all, 0.5),
      cpt80: callShare(all, 0.8),
    };
  };
  // Equal scores would all fall on one side of a threshold; a fixed tiny number parts them.
  const random = seededRandom(seed);
  const jitter = rows.map(() => 1e-9 * random());
  const isChecked = rows.every((one) => one.checkedValues !== undefined);
  return {
    weak: models[weak] ?? '',
    strong: models[strong] ?? '',
    gate: measure((one) => gainOf(one.values)),
    gateToldTask: measure((one) => gainOf(one.namedValues)),
    taskMean: measure((one, at) => gainOf(one.taskMeans) + (jitter[at] ?? 0)),
    promptLength: measure((one) => one.row.prompt.length),
    ...(isChecked ? { cheapAnswerChecked: measure((one) => gainOf(one.checkedValues)) } : {}),
  };
}
