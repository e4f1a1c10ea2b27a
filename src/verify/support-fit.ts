import { fitLogistic, logisticShare } from '../base/logistic.ts';
import { MEANING_FEATURES, WORD_FEATURES } from './support-features.ts';
import type { Linear, SupportExpert, SupportScorer } from './support-scorer.ts';
import { columnsOf, meanOf, plainWeights, spreadOf } from './support-usual.ts';

/** A judged claim as the scorer sees it. */
export interface SupportExample {
  /** WORD_FEATURES, then MEANING_FEATURES where there was an embedder. */
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly isSupported: boolean;
  /** People say that the evidence says the opposite. */
  readonly isContradicted?: boolean;
  /** Claims on one document share a number, 0 … */
  readonly group: number;
}

/** Rows of each answer that an expert is fitted on at least. */
export const LEAST_OF_EACH = 20;

const WORDS = WORD_FEATURES.length;
const ALL = WORDS + MEANING_FEATURES.length;
/** Both answers together weigh as much whatever their number, so that a penalty means the same. */
const WHOLE = 1000;
/** On the distance from weights that are all as large; by cross-validation, 100 to 400 are alike. */
const PENALTY = 100;
const FOLDS = 5;
const LEAST_SPREAD = 0.1;

/** Fits one expert; calibrated on folds by document. Undefined with too few rows of an answer. */
export function fitExpert(
  name: string,
  examples: readonly SupportExample[],
): SupportExpert | undefined {
  const supported = examples.filter((one) => one.isSupported).length;
  if (Math.min(supported, examples.length - supported) < LEAST_OF_EACH) return undefined;
  const shapes = examples.map((one) => one.shape);
  const columns = columnsOf(shapes, shapes[0]?.length ?? 0);
  const centre = columns.map(meanOf);
  const spread = columns.map((column) => Math.max(LEAST_SPREAD, spreadOf(column)));
  return {
    name,
    rows: examples.length,
    centre: centre.map(rounded),
    spread: spread.map(rounded),
    byWords: fitCalibrated(examples, WORDS, plainWeights(WORDS)),
    ...(haveMeaning(examples)
      ? { byMeaning: fitCalibrated(examples, ALL, plainWeights(ALL)) }
      : {}),
  };
}

function haveMeaning(examples: readonly SupportExample[]): boolean {
  return examples.every((one) => one.values.length === ALL);
}

/** Tells contradicted from not found; undefined with too few of one. */
export function fitContradiction(examples: readonly SupportExample[]): Linear | undefined {
  const against = examples
    .filter((one) => !one.isSupported)
    .map((one) => ({ ...one, isSupported: one.isContradicted === true }));
  const count = against.filter((one) => one.isSupported).length;
  if (Math.min(count, against.length - count) < LEAST_OF_EACH || !haveMeaning(against))
    return undefined;
  return fitCalibrated(against, ALL);
}

/** With more experts; one of the same name is replaced. */
export function withExperts(scorer: SupportScorer, added: readonly SupportExpert[]): SupportScorer {
  const names = new Set(added.map((one) => one.name));
  return {
    ...scorer,
    experts: [...scorer.experts.filter((one) => !names.has(one.name)), ...added],
  };
}

/**
 * Logistic regression at even odds, its log-odds scaled by Platt's method (1999) on rows that the
 * models of their folds had not seen.
 */
function fitCalibrated(
  examples: readonly SupportExample[],
  size: number,
  towards?: readonly number[],
): Linear {
  const linear = fitPlain(examples, size, towards);
  const heldOut: number[] = [];
  const kept: SupportExample[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const rest = examples.filter((one) => one.group % FOLDS !== fold);
    const part = examples.filter((one) => one.group % FOLDS === fold);
    if (part.length === 0 || !hasBoth(rest)) continue;
    const other = fitPlain(rest, size, towards);
    heldOut.push(...part.map((one) => oddsOf(other, one.values)));
    kept.push(...part);
  }
  if (!hasBoth(kept)) return linear;
  const scale = fitLogistic(Float64Array.from(heldOut), 1, weighed(kept), 1);
  const slope = Math.max(0.1, scale.weights[0] ?? 1);
  return {
    offset: rounded(linear.offset * slope + scale.offset),
    weights: linear.weights.map((weight) => rounded(weight * slope)),
  };
}

function hasBoth(examples: readonly SupportExample[]): boolean {
  return examples.some((one) => one.isSupported) && examples.some((one) => !one.isSupported);
}

/** `towards`: weights of standardised features that few examples leave as they are. */
function fitPlain(
  examples: readonly SupportExample[],
  size: number,
  towards: readonly number[] | undefined,
): Linear {
  const columns = columnsOf(
    examples.map((one) => one.values),
    size,
  );
  const means = columns.map(meanOf);
  const spreads = columns.map((column) => spreadOf(column) || 1);
  const rows = new Float64Array(examples.length * size);
  for (const [row, { values }] of examples.entries())
    for (let at = 0; at < size; at += 1)
      rows[row * size + at] = ((values[at] ?? 0) - (means[at] ?? 0)) / (spreads[at] ?? 1);
  const model = fitLogistic(rows, size, weighed(examples), PENALTY, towards);
  const weights = [...model.weights].map((weight, at) => weight / (spreads[at] ?? 1));
  const offset = weights.reduce((sum, weight, at) => sum - weight * (means[at] ?? 0), model.offset);
  return { offset, weights };
}

function weighed(examples: readonly SupportExample[]) {
  const supported = examples.filter((one) => one.isSupported).length;
  const weightOf = (isSupported: boolean) =>
    WHOLE / 2 / (isSupported ? supported : examples.length - supported);
  return {
    shares: examples.map((one) => (one.isSupported ? 1 : 0)),
    weights: examples.map((one) => weightOf(one.isSupported)),
  };
}

function oddsOf(linear: Linear, values: readonly number[]): number {
  const share = logisticShare(
    { weights: Float64Array.from(linear.weights), offset: linear.offset },
    values,
  );
  const clipped = Math.min(1 - 1e-9, Math.max(1e-9, share));
  return Math.log(clipped / (1 - clipped));
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
