import { shuffledIndices } from '../base/random.ts';
import { mean } from '../base/statistics.ts';
import { readText } from '../base/text-reading.ts';
import type { KeptTarget } from '../core/gate-certificate.ts';
import {
  type CalibrationRow,
  type CalibrationSet,
  chooseAt,
  thresholdSteps,
} from './calibration-set.ts';
import { thresholdOf } from './certificate.ts';
import { type CertifiedSlice, certifySlices, type LossPromise } from './certify.ts';
import { certifyWithinTarget, type TargetWish } from './certify-target.ts';
import { estimateGate, fitGateModel, type GateModel } from './success/gate-model.ts';
import type { GradedRows } from './success/rows.ts';

/** A past request with what several models made of it. */
export interface GradedRequest {
  /** Both ends of a long one, as a gate reads it. */
  readonly prompt: string;
  readonly task?: string;
  /** One per model, 0 … 1; NaN where nobody graded it. */
  readonly scores: readonly number[];
  /** US dollars, one per model; absent where only the models' prices are known. */
  readonly costs?: readonly number[];
  /** What it counts in the fit, more than 0 and at most 1; the certificate counts rows. Absent = 1. */
  readonly weight?: number;
  /** Seconds to the last token, one per model; only a target of latency needs them. */
  readonly seconds?: readonly number[];
}

export interface GateWish {
  readonly models: readonly string[];
  /** US dollars of a usual answer, one per model; only their ratios matter. */
  readonly prices: readonly number[];
  /** Place of the model whose right answers must not be lost. */
  readonly reference: number;
  readonly promise: LossPromise;
  /** What is to be kept instead of `promise.alpha`. */
  readonly target?: TargetWish;
  readonly seed: number;
  /** The part of the traffic that a prompt belongs to, told without its grades. */
  readonly sliceOf: (prompt: string) => string;
}

/** A gate, what it was shown to keep, and how it did on the rows that it had not seen. */
export interface FittedGate {
  readonly model: GateModel;
  readonly slices: readonly CertifiedSlice[];
  /** As it was shown: with a target, `alpha` is what may be lost within it. */
  readonly promise: LossPromise;
  readonly target?: KeptTarget;
  /** Share of the held-out rows that stay off the reference, and what one promise over all would keep. */
  readonly keptCheap: { readonly sliced: number; readonly together: number };
  readonly heldOut: CalibrationSet;
  /** Prompts of `heldOut`, in its order, and those that the gate was fitted on. */
  readonly heldOutPrompts: readonly string[];
  readonly fittedPrompts: readonly string[];
  readonly fittedRows: number;
  readonly quality: {
    readonly gate: number;
    readonly reference: number;
    readonly bestSingle: number;
    readonly oracle: number;
  };
  /** 1 − cost ÷ cost of the reference for everything. */
  readonly saved: number;
  /** Upper bound of what is lost of the reference's right answers; 0 where it answers everything. */
  readonly lossBound: number;
}

/** Part of the rows that the gate is fitted on; the rest is held out for the promise. */
const FIT_SHARE = 0.5;

/**
 * Fits a gate on one half of the rows and certifies it on the other one, which it never sees. Throws
 * RangeError for fewer than 40 rows.
 */
export function fitGate(rows: readonly GradedRequest[], wish: GateWish): FittedGate {
  const [fitted, apart] = divide(rows, FIT_SHARE, wish.seed);
  const model = fitGateModel(gradedRows(fitted, wish.models), wish.reference, wish.seed);
  return judged(model, fitted, apart, wish);
}

/** Part of new rows that only places the thresholds of a gate that was fitted before. */
const PLACING_SHARE = 0.2;

/** A new promise for a gate that was fitted before, from rows that it was not fitted on. */
export function certifyAgain(
  model: GateModel,
  rows: readonly GradedRequest[],
  wish: GateWish,
): FittedGate {
  const [placing, apart] = divide(rows, PLACING_SHARE, wish.seed);
  const gate = judged(model, placing, apart, wish);
  return { ...gate, fittedPrompts: [], fittedRows: model.success.rowCount };
}

/** A share of the rows, drawn at random, and the others. */
function divide<T>(rows: readonly T[], share: number, seed: number): [readonly T[], readonly T[]] {
  const order = Array.from(shuffledIndices(rows.length, seed)).flatMap((at) => rows[at] ?? []);
  const cut = Math.floor(rows.length * share);
  return [order.slice(0, cut) as T[], order.slice(cut) as T[]];
}

/** `placing`: rows whose prompts place the thresholds; their grades are not looked at. */
function judged(
  model: GateModel,
  placing: readonly GradedRequest[],
  apart: readonly GradedRequest[],
  wish: GateWish,
): FittedGate {
  const read = (some: readonly GradedRequest[]) =>
    some.map((row) => calibrationRow(row, model, wish));
  const heldOut: CalibrationSet = {
    models: wish.models,
    reference: wish.reference,
    rows: read(apart),
  };
  const thresholds = thresholdSteps(read(placing), wish.reference);
  const certified = certify(heldOut, wish, thresholds);
  return {
    model,
    ...certified,
    heldOut,
    heldOutPrompts: apart.map(({ prompt }) => prompt),
    fittedPrompts: placing.map(({ prompt }) => prompt),
    fittedRows: placing.length,
    ...figuresOf(heldOut, certified.slices),
  };
}

function certify(
  heldOut: CalibrationSet,
  { promise, target: wanted }: GateWish,
  thresholds: ArrayLike<number>,
): Pick<FittedGate, 'slices' | 'keptCheap' | 'promise' | 'target'> {
  if (wanted === undefined) {
    const { slices, together, keptCheap } = certifySlices(heldOut, promise, thresholds);
    return { slices, promise, keptCheap: { sliced: keptCheap, together: together.keptCheap } };
  }
  const { slice, target } = certifyWithinTarget(heldOut, wanted, promise.delta, thresholds);
  const { keptCheap } = slice;
  return {
    slices: [slice],
    keptCheap: { sliced: keptCheap, together: keptCheap },
    promise: { alpha: shownShare(slice.bound), delta: promise.delta },
    target,
  };
}

/** A bound as a promise can be written: rounded up, above 0 and below 1. */
function shownShare(bound: number): number {
  return Math.min(0.9999, Math.max(0.0001, Math.ceil(bound * 1e4) / 1e4));
}

function gradedRows(rows: readonly GradedRequest[], models: readonly string[]): GradedRows {
  return {
    models,
    readings: rows.map((row) => readText(row.prompt)),
    tasks: rows.map((row) => row.task ?? ''),
    scores: Float64Array.from(rows.flatMap((row) => row.scores)),
    weights: Float64Array.from(rows, (row) => row.weight ?? 1),
  };
}

function calibrationRow(
  { prompt, scores, costs, seconds }: GradedRequest,
  model: GateModel,
  { prices, sliceOf }: GateWish,
): CalibrationRow {
  return {
    scores,
    expectedLoss: estimateGate(model, readText(prompt)).losses,
    costs: costs ?? prices,
    ...(seconds === undefined ? {} : { latencies: seconds.map((one) => 1000 * one) }),
    slice: sliceOf(prompt),
  };
}

/** Rows with every grade from which the others are not needed for the means. */
const COMPLETE_LEAST = 100;

/** Each mean is over rows where what it compares is graded: what nobody graded is not wrong. */
function figuresOf({ models, reference, rows }: CalibrationSet, slices: readonly CertifiedSlice[]) {
  const choice = (row: CalibrationRow) =>
    chooseAt(row, reference, thresholdOf({ slices }, row.slice));
  const scoreOf = (row: CalibrationRow, model: number) => row.scores[model] ?? Number.NaN;
  const complete = rows.filter((row) => models.every((_, model) => isGraded(scoreOf(row, model))));
  const compared =
    complete.length >= COMPLETE_LEAST
      ? complete
      : rows.filter((row) => [reference, choice(row)].every((one) => isGraded(scoreOf(row, one))));
  const singles = models.map((_, model) => gradedMean(compared.map((row) => scoreOf(row, model))));
  const best = compared.map((row) => Math.max(...Array.from(row.scores).filter(isGraded)));
  const spent = mean(rows.map((row) => row.costs[choice(row)] ?? 0));
  const whole = mean(rows.map((row) => row.costs[reference] ?? 0));
  const right = slices.reduce((sum, one) => sum + one.tally.whole, 0);
  const bound = slices.reduce((sum, one) => sum + one.bound * one.tally.whole, 0);
  return {
    quality: {
      gate: gradedMean(compared.map((row) => scoreOf(row, choice(row)))),
      reference: singles[reference] ?? 0,
      bestSingle: Math.max(...singles),
      oracle: gradedMean(best),
    },
    saved: whole > 0 ? 1 - spent / whole : 0,
    lossBound: right > 0 ? bound / right : 0,
  };
}

function isGraded(score: number): boolean {
  return !Number.isNaN(score);
}

/** 0 where nothing is graded. */
function gradedMean(scores: readonly number[]): number {
  const graded = scores.filter(isGraded);
  return graded.length === 0 ? 0 : mean(graded);
}
