import { type HashingOptions, hashText, type SparseVector } from './hashing.ts';
import { scoreDense } from './mixture.ts';
import { softmaxFrom, softmaxSections } from './ngram-classifier.ts';
import { readPacked, writePacked } from './packed.ts';
import type { SoftmaxModel } from './softmax.ts';
import { scoreSoftmax } from './softmax-scores.ts';

/** The numbers that a text can be given. */
export interface GradeScale {
  readonly low: number;
  readonly high: number;
  /** Between two numbers that follow each other; null = all between the ends. */
  readonly step: number | null;
}

/** How often an answer is within the tolerance, by how high it is. */
export interface GradeSureness {
  /** Ascending; the answers between two of them share one of the `shares`. */
  readonly edges: readonly number[];
  /** One more than the edges, 0 … 1. */
  readonly shares: readonly number[];
}

/** What linear values, in ascending order, are told as; straight between two of them, flat beyond the ends. */
export interface GradeCurve {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Gives texts a number: linear in hashed n-grams, in the text's vector, or in both. */
export interface GradeModel {
  readonly scale: GradeScale;
  /** An answer that far off counts as right. */
  readonly tolerance: number;
  /** Fingerprint of data and settings. */
  readonly source: string;
  readonly hashing: HashingOptions;
  /** One class, whose score is the share of the scale. */
  readonly ngrams: SoftmaxModel;
  /** Absent = the linear value itself. */
  readonly curve?: GradeCurve;
  readonly sureness: GradeSureness;
  readonly embedding?: {
    /** Id of the embedder whose vectors the head reads. */
    readonly embedder: string;
    readonly head: SoftmaxModel;
    /** Share of this head in the answer, 0 … 1. */
    readonly weight: number;
    readonly curve?: GradeCurve;
    readonly sureness: GradeSureness;
  };
}

export interface Grade {
  /** On the scale. */
  readonly value: number;
  /** P(it is within the tolerance), 0 … 1. */
  readonly confidence: number;
}

const KIND = 'grade-model';
const VERSION = 1;
/** Parts of the range that an answer is rounded to. */
const PARTS = 1000;

/** The number of one text; with a vector both heads speak. Pure. */
export function gradeText(model: GradeModel, text: string, vector?: Float32Array): Grade {
  const embedding = vector === undefined ? undefined : model.embedding;
  const ngrams = linearValue(model.ngrams, hashText(text, model.hashing));
  const { weight = 0 } = embedding ?? {};
  const dense = embedding && vector ? denseValue(embedding.head, vector) : 0;
  const { curve, sureness } = embedding ?? model;
  const value = onScale(onCurve((1 - weight) * ngrams + weight * dense, curve), model.scale);
  return { value, confidence: surenessOf(sureness, value) };
}

export function linearValue(model: SoftmaxModel, vector: SparseVector): number {
  return scoreSoftmax(model, vector).scores[0] ?? 0;
}

export function denseValue(model: SoftmaxModel, vector: Float32Array): number {
  return scoreDense(model, vector)[0] ?? 0;
}

export function onCurve(value: number, curve: GradeCurve | undefined): number {
  if (curve === undefined) return value;
  const { from, to } = curve;
  const next = from.findIndex((one) => value < one);
  if (next <= 0) return (next === 0 ? to[0] : to.at(-1)) ?? value;
  const [left, right] = [from[next - 1] as number, from[next] as number];
  const part = (value - left) / (right - left);
  return (1 - part) * (to[next - 1] as number) + part * (to[next] as number);
}

/** The number at a share of the scale, cut to its ends and to a thousandth of its range. */
export function onScale(share: number, { low, high }: GradeScale): number {
  const part = Math.round(Math.min(1, Math.max(0, share)) * PARTS) / PARTS;
  return Number((low + part * (high - low)).toPrecision(12));
}

/** The number of the scale that lies nearest: whole steps where it has any. */
export function stepOf(value: number, { low, step }: GradeScale): number {
  if (step === null) return value;
  return Number((low + Math.round((value - low) / step) * step).toPrecision(12));
}

export function surenessOf({ edges, shares }: GradeSureness, value: number): number {
  let at = 0;
  while (at < edges.length && value >= (edges[at] ?? 0)) at += 1;
  return shares[at] ?? 0;
}

/** A linear function of sparse rows as a model of one class: the weight is its sign × its scale. */
export function linearModel(
  columns: Int32Array,
  weights: ArrayLike<number>,
  offset: number,
): SoftmaxModel {
  return {
    classCount: 1,
    columns,
    weights: Int8Array.from({ length: columns.length }, (_, at) => Math.sign(weights[at] ?? 0)),
    scales: Float32Array.from({ length: columns.length }, (_, at) => Math.abs(weights[at] ?? 0)),
    bias: Float32Array.of(offset),
  };
}

export function writeGradeModel({ ngrams, embedding, ...header }: GradeModel): Uint8Array {
  const sections = softmaxSections(ngrams, 'ngrams.');
  if (embedding === undefined)
    return writePacked({ kind: KIND, version: VERSION, header, sections: new Map(sections) });
  const { head, ...rest } = embedding;
  sections.push(...softmaxSections(head, 'embedding.'));
  return writePacked({
    kind: KIND,
    version: VERSION,
    header: { ...header, embedding: rest },
    sections: new Map(sections),
  });
}

type Header = Omit<GradeModel, 'ngrams' | 'embedding'> & {
  readonly embedding?: Omit<NonNullable<GradeModel['embedding']>, 'head'>;
};

/** Throws RangeError that says what is wrong with the bytes. */
export function readGradeModel(bytes: Uint8Array): GradeModel {
  const file = readPacked(bytes, KIND, VERSION);
  const { embedding, ...header } = file.header as Header;
  const ngrams = softmaxFrom(file, 'ngrams.');
  if (ngrams.classCount !== 1) throw new RangeError(`one number, but ${ngrams.classCount} classes`);
  if (embedding === undefined) return { ...header, ngrams };
  return { ...header, ngrams, embedding: { ...embedding, head: softmaxFrom(file, 'embedding.') } };
}
