import { probabilitiesAt } from './calibration.ts';
import { type HashingOptions, hashText } from './hashing.ts';
import type { SoftmaxModel } from './softmax.ts';
import { scoreSoftmax } from './softmax-scores.ts';

/**
 * One or two softmax heads over the same labels (n-grams always, an embedding when it is there),
 * mixed by weighted log-probabilities, with a decision whether the text belongs to any label.
 */
export interface Mixing {
  /** Share of the embedding head in the mixed log-probabilities, 0 … 1; 0 = n-grams alone. */
  readonly weight: number;
  /** Divisors of the heads' scores; the mixed log-probabilities have their own. */
  readonly ngramTemperature: number;
  readonly embeddingTemperature: number;
  readonly temperature: number;
}

/** P(text belongs to a label) = 1 / (1 + exp(−(slope × fit + offset))). */
export interface NoveltyRule {
  /** Extra divisor of the heads' scores before their fit is taken. */
  readonly softening: number;
  readonly slope: number;
  readonly offset: number;
  /** Below this fit the answer is none of the labels. */
  readonly threshold: number;
}

/** One score per label, in their order, and one more for the background: none of the labels. */
export interface HeadScores {
  readonly ngrams: Float64Array;
  readonly embedding?: Float64Array;
}

export interface MixtureVerdict {
  /** Calibrated, one per label, in their order; without the background they sum to 1. */
  readonly probabilities: Float64Array;
  /** How well the best label fits, ≤ 0; near 0 = both heads are sure of the same label. */
  readonly fit: number;
  /** P(text belongs to any of the labels), 0 … 1. */
  readonly inScope: number;
  readonly isNovel: boolean;
}

export function scoreHeads(
  text: string,
  vector: Float32Array | undefined,
  heads: {
    readonly hashing: HashingOptions;
    readonly ngrams: SoftmaxModel;
    readonly embedding?: SoftmaxModel | undefined;
  },
): HeadScores {
  const ngrams = scoreSoftmax(heads.ngrams, hashText(text, heads.hashing)).scores;
  if (vector === undefined || heads.embedding === undefined) return { ngrams };
  return { ngrams, embedding: scoreDense(heads.embedding, vector) };
}

/** Scores of a dense vector; the model has one column per dimension. */
export function scoreDense(model: SoftmaxModel, vector: Float32Array): Float64Array {
  return scoreSoftmax(model, { indices: model.columns, values: vector }).scores;
}

export function judge(scores: HeadScores, mixing: Mixing, novelty: NoveltyRule): MixtureVerdict {
  const fit = fitOf(scores, mixing, novelty.softening);
  return {
    probabilities:
      isAlone(scores, mixing) && mixing.temperature === 1
        ? labelProbabilities(scores.ngrams, mixing.ngramTemperature)
        : probabilitiesAt(labelsOf(mixedLogs(scores, mixing, 1)), mixing.temperature),
    fit,
    inScope: 1 / (1 + Math.exp(-(novelty.slope * fit + novelty.offset))),
    isNovel: fit < novelty.threshold,
  };
}

function isAlone(scores: HeadScores, mixing: Mixing): boolean {
  return scores.embedding === undefined || mixing.weight === 0;
}

/**
 * Largest mixed log-probability of a label; not normalised again, so that heads that disagree fit
 * badly, and beside the background, which takes its share.
 */
export function fitOf(scores: HeadScores, mixing: Mixing, softening: number): number {
  if (isAlone(scores, mixing)) {
    const temperature = mixing.ngramTemperature * softening;
    const top = largestOf(scores.ngrams);
    const best = largestOf(labelsOf(scores.ngrams));
    const share =
      (best - top) / temperature - Math.log(sumOfPowers(scores.ngrams, top, temperature));
    return Math.max(LEAST_LOG, share);
  }
  return largestOf(labelsOf(mixedLogs(scores, mixing, softening)));
}

/** The values of the labels, without the background. */
export function labelsOf(values: Float64Array): Float64Array {
  return values.subarray(0, values.length - 1);
}

/** Weighted log-probabilities of the heads at their temperatures times `softening`. */
export function mixedLogs(scores: HeadScores, mixing: Mixing, softening: number): Float64Array {
  const mixed = logProbabilities(scores.ngrams, mixing.ngramTemperature * softening);
  if (scores.embedding === undefined || isAlone(scores, mixing)) return mixed;
  const other = logProbabilities(scores.embedding, mixing.embeddingTemperature * softening);
  for (let label = 0; label < mixed.length; label += 1) {
    mixed[label] =
      (1 - mixing.weight) * (mixed[label] as number) + mixing.weight * (other[label] as number);
  }
  return mixed;
}

const LEAST = 1e-12;
const LEAST_LOG = Math.log(LEAST);

function logProbabilities(scores: Float64Array, temperature: number): Float64Array {
  const largest = largestOf(scores);
  const top = Math.log(sumOfPowers(scores, largest, temperature));
  const logs = new Float64Array(scores.length);
  for (let label = 0; label < scores.length; label += 1) {
    logs[label] = Math.max(LEAST_LOG, ((scores[label] as number) - largest) / temperature - top);
  }
  return logs;
}

/** The labels' shares of one another, from scores of labels and background; each power is taken once. */
function labelProbabilities(scores: Float64Array, temperature: number): Float64Array {
  const powers = new Float64Array(scores.length);
  const largest = largestOf(scores);
  let total = 0;
  for (let label = 0; label < scores.length; label += 1) {
    const power = Math.exp(((scores[label] as number) - largest) / temperature);
    powers[label] = power;
    total += power;
  }
  const labels = labelsOf(powers);
  let kept = 0;
  for (let label = 0; label < labels.length; label += 1) {
    const share = Math.max(LEAST * total, labels[label] as number);
    labels[label] = share;
    kept += share;
  }
  for (let label = 0; label < labels.length; label += 1)
    labels[label] = (labels[label] as number) / kept;
  return labels;
}

function sumOfPowers(scores: Float64Array, largest: number, temperature: number): number {
  let total = 0;
  for (let label = 0; label < scores.length; label += 1)
    total += Math.exp(((scores[label] as number) - largest) / temperature);
  return total;
}

function largestOf(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1)
    if ((values[at] as number) > largest) largest = values[at] as number;
  return largest;
}
