import {
  HASHING_DEFAULTS,
  type HashingOptions,
  hashText,
  type SparseVector,
} from '../base/hashing.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { BACKGROUND_SENTENCES } from './background.ts';
import type { TrainingRows } from './heads.ts';
import { makeWordTable, vocabularyOf } from './word-table.ts';

export interface TrainingInput {
  readonly rows: readonly LabelledText[];
  /** Fingerprint of the examples, kept in the model. */
  readonly source: string;
  readonly seed: number;
  /** Unit vectors of `textsToEmbed(rows)`, in order; absent = n-grams alone. */
  readonly embedding?: {
    readonly embedder: string;
    readonly vectors: readonly Float32Array[];
  };
  /** Vectors of `vocabularyOf(rows)`, in order: the n-grams start from what the words mean. */
  readonly words?: readonly Float32Array[];
}

/** The n-grams of micro-models: words, word pairs, runs of 3 and 4 characters. */
export const MICRO_MODEL_HASHING: HashingOptions = { ...HASHING_DEFAULTS, characterTo: 4 };

/** All that a training reads: the rows, the background sentences, the names of the labels. */
export function textsToEmbed(rows: readonly LabelledText[]): string[] {
  return [
    ...rows.map((row) => row.text),
    ...BACKGROUND_SENTENCES,
    ...labelNames(labelsOf(rows)).map((name) => name.text),
  ];
}

/** Distinct, sorted. */
export function labelsOf(rows: readonly LabelledText[]): string[] {
  return [...new Set(rows.map((row) => row.label))].sort();
}

/**
 * What a label's name says is one more example of it: `card_arrival` is about the arrival of a card
 * (with 10 examples per label + .6 points on 77 intents). Labels without a word say nothing.
 */
function labelNames(labels: readonly string[]): LabelledText[] {
  return labels
    .map((label) => ({ label, text: label.replace(/[^\p{L}\p{N}]+/gu, ' ').trim() }))
    .filter(({ text }) => /\p{L}{3}/u.test(text));
}

/** Cosine from which a background sentence may belong to the label of an example. */
const EMBEDDING_RESEMBLANCE = 0.8;
const NGRAM_RESEMBLANCE = 0.6;

/**
 * The rows with their features, then the background sentences as one more class (outlier exposure:
 * Hendrycks et al., ICLR 2019), then the names of the labels. A sentence that resembles an example
 * is left out.
 */
export function toTrainingSet(input: TrainingInput, labels: readonly string[]): TrainingRows {
  const places = new Map(labels.map((label, place) => [label, place]));
  const names = labelNames(labels);
  const texts = textsToEmbed(input.rows);
  const ngrams = texts.map((text) => hashText(text, MICRO_MODEL_HASHING));
  const vectors = input.embedding?.vectors;
  if (vectors !== undefined && vectors.length !== texts.length)
    throw new RangeError(`${vectors.length} vectors, but ${texts.length} texts`);
  const rowCount = input.rows.length;
  const nameStart = texts.length - names.length;
  const isResembled =
    vectors === undefined
      ? findResembled(ngrams.slice(rowCount, nameStart), ngrams.slice(0, rowCount))
      : vectors
          .slice(rowCount, nameStart)
          .map((sentence) =>
            vectors
              .slice(0, rowCount)
              .some((row) => cosine(row, sentence) >= EMBEDDING_RESEMBLANCE),
          );
  const kept = [...texts.keys()].filter((at) => isResembled[at - rowCount] !== true);
  const labelled = [...input.rows, ...BACKGROUND_SENTENCES.map(() => undefined), ...names];
  const pick = <T>(values: readonly T[]) => kept.flatMap((at) => values[at] ?? []);
  return {
    classes: Int32Array.from(kept, (at) => places.get(labelled[at]?.label ?? '') ?? labels.length),
    classCount: labels.length + 1,
    nameCount: names.length,
    ngrams: pick(ngrams),
    ...(vectors === undefined ? {} : { vectors: pick(vectors) }),
    ...(input.words && {
      words: makeWordTable(vocabularyOf(input.rows), input.words, MICRO_MODEL_HASHING),
    }),
  };
}

function cosine(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

/** Which of the sentences any of the rows resembles. */
function findResembled(
  sentences: readonly SparseVector[],
  rows: readonly SparseVector[],
): readonly boolean[] {
  const places = new Map<number, { readonly sentence: number; readonly value: number }[]>();
  for (const [sentence, { indices, values }] of sentences.entries()) {
    indices.forEach((index, at) => {
      const found = places.get(index) ?? [];
      found.push({ sentence, value: values[at] as number });
      places.set(index, found);
    });
  }
  const isResembled = sentences.map(() => false);
  const sums = new Float64Array(sentences.length);
  for (const { indices, values } of rows) {
    sums.fill(0);
    for (let at = 0; at < indices.length; at += 1) {
      for (const { sentence, value } of places.get(indices[at] as number) ?? [])
        sums[sentence] = (sums[sentence] as number) + value * (values[at] as number);
    }
    sums.forEach((sum, sentence) => {
      if (sum >= NGRAM_RESEMBLANCE) isResembled[sentence] = true;
    });
  }
  return isResembled;
}
