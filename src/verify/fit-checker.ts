import { fitLogistic } from '../base/logistic.ts';
import { quantile } from '../base/statistics.ts';
import {
  type AnswerChecker,
  type CheckPower,
  SIGNS,
  type Sign,
  type Signs,
} from '../core/answer-checker.ts';
import { checkedProbability } from './answer-checker.ts';

/** An answer that somebody graded. */
export interface GradedSigns {
  readonly signs: Signs;
  readonly task: string;
  /** How right it is, 0 … 1. */
  readonly score: number;
  /** Rows of one group are never on both sides of a fold: answers to one request. */
  readonly group: string;
  readonly weight?: number;
}

export interface FitOptions {
  /** Signs that are left out. */
  readonly without?: ReadonlySet<Sign>;
  readonly source: string;
  /** False: the checks' power is not measured, which takes five more fits. */
  readonly powers?: boolean;
  readonly shared?: number;
  readonly agreeing?: CheckPower['agreeing'];
}

/** Penalty on the squares of the weights, in units of one sign's standard deviation. */
const PENALTY = 4;
/** Weights of signs that hardly any graded answer has: what the failure means, as in the hand-set rule. */
const HAND_SET: Readonly<Partial<Record<Sign, number>>> = {
  refusal: -3.5,
  truncation: -1.5,
  repetition: -3,
  schema: -4,
  sumsWrong: -2.2,
  codeBroken: -2,
  resultMissing: -1.5,
};
/** Answers with a sign from which on its weight is fitted. */
const LEAST_SEEN = 8;
/** Log-odds that one sign moves at most: a check that never erred on these answers may err on others. */
const MOST_WEIGHT = 4;
const FOLDS = 5;
/** Answers that "the checks tell as much here as elsewhere" is worth. */
const POWER_STRENGTH = 60;
/** What is expected of other people's answers is less than what was measured on these. */
const POWER_SHARE = 0.9;
const LEAST_ROWS = 40;
/** P(the same answer) of two spokes where nobody measured it. */
const AGREEING = { right: 0.6, wrong: 0.2 } as const;
const SHARED = 0.5;

/** A logistic model of the grades on the signs. Throws RangeError for fewer than 40 rows, or grades that are all alike. */
export function fitChecker(rows: readonly GradedSigns[], options: FitOptions): AnswerChecker {
  const model = fitModel(rows, options);
  const power =
    options.powers === false ? { tasks: {}, rest: 0 } : powerOf(rows, scoreHeldOut(rows, options));
  return {
    version: 1,
    ...model,
    power: {
      ...power,
      shared: options.shared ?? SHARED,
      agreeing: options.agreeing ?? AGREEING,
    },
    rows: rows.length,
    source: options.source,
  };
}

function fitModel(
  rows: readonly GradedSigns[],
  { without }: Pick<FitOptions, 'without'>,
): Pick<AnswerChecker, 'weights' | 'offset'> {
  requireRows(rows);
  const isSeen = (sign: Sign) =>
    rows.filter((row) => row.signs[sign] !== 0).length >= LEAST_SEEN ||
    HAND_SET[sign] === undefined;
  const wanted = SIGNS.filter((sign) => without?.has(sign) !== true);
  const used = wanted.filter(isSeen);
  const scales = used.map((sign) => spreadOf(rows.map((row) => row.signs[sign])));
  const values = Float64Array.from(
    rows.flatMap((row) => used.map((sign, at) => row.signs[sign] / (scales[at] ?? 1))),
  );
  const fitted = fitLogistic(
    values,
    used.length,
    {
      shares: rows.map((row) => row.score),
      weights: rows.map((row) => row.weight ?? 1),
    },
    PENALTY,
  );
  const weights = Object.fromEntries(
    SIGNS.map((sign) => [sign, wanted.includes(sign) ? (HAND_SET[sign] ?? 0) : 0]),
  ) as Record<Sign, number>;
  used.forEach((sign, at) => {
    const weight = (fitted.weights[at] ?? 0) / (scales[at] ?? 1);
    weights[sign] = rounded(Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, weight)));
  });
  return { weights, offset: rounded(fitted.offset) };
}

function requireRows(rows: readonly GradedSigns[]): void {
  if (rows.length < LEAST_ROWS)
    throw new RangeError(`a checker needs ${LEAST_ROWS} graded answers, there are ${rows.length}`);
  const [first] = rows;
  if (rows.every((row) => row.score === first?.score))
    throw new RangeError('all answers have the same grade: there is nothing to learn');
}

/** P(right) of each row by a model that was fitted on other requests. */
export function scoreHeldOut(
  rows: readonly GradedSigns[],
  options: Pick<FitOptions, 'without'>,
): Float64Array {
  const groups = [...new Set(rows.map((row) => row.group))];
  const foldOf = new Map(groups.map((group, at) => [group, at % FOLDS]));
  const scored = new Float64Array(rows.length);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const training = rows.filter((row) => foldOf.get(row.group) !== fold);
    if (training.length === rows.length) continue;
    const model = { ...fitModel(training, options) } as AnswerChecker;
    rows.forEach((row, at) => {
      if (foldOf.get(row.group) === fold) scored[at] = checkedProbability(model, row.signs);
    });
  }
  return scored;
}

/**
 * d′ = √2 × Φ⁻¹(area under the curve) of what the checks add to the prior, per task. Few answers are
 * shrunk to the median of the tasks, which also stands for tasks that nobody graded: all answers together
 * would show how tasks differ, not how answers do. A partly right answer counts as both, by its shares.
 */
function powerOf(
  rows: readonly GradedSigns[],
  scored: Float64Array,
): Pick<CheckPower, 'tasks' | 'rest'> {
  const added = rows.map((row, at) => oddsOf(scored[at] ?? 0.5) - row.signs.prior);
  const own = new Map<string, { readonly power: number; readonly count: number }>();
  for (const task of new Set(rows.map((row) => row.task))) {
    const places = rows.flatMap((row, at) => (row.task === task ? [at] : []));
    const power = separation(
      places.flatMap((at) => rows[at] ?? []),
      places.map((at) => added[at] ?? 0),
    );
    own.set(task, { power, count: places.length });
  }
  const rest = quantile(
    [...own.values()].map((one) => one.power),
    0.5,
  );
  const tasks = [...own].map(([task, { power, count }]) => {
    const trust = count / (count + POWER_STRENGTH);
    return [task, rounded(POWER_SHARE * (trust * power + (1 - trust) * rest))] as const;
  });
  return { tasks: Object.fromEntries(tasks), rest: rounded(POWER_SHARE * rest) };
}

function separation(rows: readonly GradedSigns[], values: readonly number[]): number {
  const scores = rows.map((row) => row.score);
  const right = scores.reduce((sum, one) => sum + one, 0);
  if (right < 5 || rows.length - right < 5) return 0;
  return dPrime(gradedArea(scores, values));
}

/** Area under the curve where a row counts as right by its score and as wrong by the rest; ties count half. */
export function gradedArea(scores: readonly number[], values: readonly number[]): number {
  const order = values.map((value, at) => ({ value, score: scores[at] ?? 0 }));
  order.sort((left, right) => left.value - right.value);
  let [area, wrong, right] = [0, 0, 0];
  for (let start = 0; start < order.length; ) {
    let end = start;
    let [tiedRight, tiedWrong] = [0, 0];
    for (; end < order.length && order[end]?.value === order[start]?.value; end += 1) {
      tiedRight += order[end]?.score ?? 0;
      tiedWrong += 1 - (order[end]?.score ?? 0);
    }
    area += tiedRight * (wrong + tiedWrong / 2);
    right += tiedRight;
    wrong += tiedWrong;
    start = end;
  }
  return right * wrong === 0 ? Number.NaN : area / (right * wrong);
}

export function dPrime(area: number): number {
  return Math.min(
    6,
    Math.max(0, Math.SQRT2 * normalQuantile(Math.min(0.999, Math.max(0.5, area)))),
  );
}

/** Φ⁻¹ for 0.5 ≤ p < 1, error below 4.5e-4 (Abramowitz and Stegun, 26.2.23). */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  const top = 2.515517 + 0.802853 * t + 0.010328 * t * t;
  const bottom = 1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t;
  return t - top / bottom;
}

function oddsOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const square =
    values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, values.length);
  return square > 1e-12 ? Math.sqrt(square) : 1;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
