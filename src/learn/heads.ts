import type { SparseVector } from '../base/hashing.ts';
import { type HeadScores, scoreDense } from '../base/mixture.ts';
import { type SoftmaxModel, type SoftmaxStart, trainSoftmax } from '../base/softmax.ts';
import { scoreSoftmax } from '../base/softmax-scores.ts';
import { foldWords, rarityOf, sumOfWords, type WordTable } from './word-table.ts';

/** Features and classes of all rows. */
export interface TrainingRows {
  readonly classes: Int32Array;
  readonly classCount: number;
  /** The last rows are names of labels: taught, never measured on. */
  readonly nameCount: number;
  readonly ngrams: readonly SparseVector[];
  /** Unit vectors; absent = n-grams alone. */
  readonly vectors?: readonly Float32Array[];
  /** What the n-grams start from; absent = nothing. */
  readonly words?: WordTable;
}

export interface Heads {
  readonly ngrams: SoftmaxModel;
  readonly embedding?: SoftmaxModel;
}

/** Steps below which a small set is seen more often, and the most often it is seen. */
const STEPS_WANTED = 30_000;
const EPOCHS_MOST = 20;
const NGRAM_EPOCHS = 12;
const NGRAM_DROPOUT = 0.5;
const EMBEDDING_EPOCHS = 12;
/** Of the head on single words, whose weights the n-grams start from. */
const WORD_EPOCHS = 8;
const LEARNING_RATE = 0.3;
const LEARNING_RATE_FROM_WORDS = 0.5;
/** Bytes of the n-gram weights: with 150 classes 88,000 features. */
const WEIGHT_BYTES = 14e6;

/** Trains on the chosen rows only; deterministic. */
export function trainHeads(rows: TrainingRows, chosen: readonly number[], seed: number): Heads {
  const classes = Int32Array.from(chosen, (row) => rows.classes[row] as number);
  const often = Math.min(EPOCHS_MOST, Math.ceil(STEPS_WANTED / Math.max(1, chosen.length)));
  const options = { classCount: rows.classCount, seed, learningRate: LEARNING_RATE };
  const texts = pick(rows.ngrams, chosen);
  const ngrams = trainSoftmax(texts, classes, {
    ...options,
    epochs: Math.max(NGRAM_EPOCHS, often),
    dropout: NGRAM_DROPOUT,
    columnLimit: Math.floor(WEIGHT_BYTES / (rows.classCount + 8)),
    ...(rows.words && {
      start: startFrom(rows.words, texts, classes, { ...options, epochs: WORD_EPOCHS }),
      learningRate: LEARNING_RATE_FROM_WORDS,
    }),
  });
  if (rows.vectors === undefined) return { ngrams };
  return {
    ngrams,
    embedding: trainDense(pick(rows.vectors, chosen), classes, {
      ...options,
      epochs: Math.max(EMBEDDING_EPOCHS, often),
    }),
  };
}

function startFrom(
  words: WordTable,
  texts: readonly SparseVector[],
  classes: Int32Array,
  options: Parameters<typeof trainDense>[2],
): SoftmaxStart {
  const rarity = rarityOf(texts, words);
  const sums = texts.map((text) => sumOfWords(text, words, rarity));
  return foldWords(trainDense(sums, classes, options), words, rarity);
}

export function scoresOf(heads: Heads, ngrams: SparseVector, vector?: Float32Array): HeadScores {
  const scores = scoreSoftmax(heads.ngrams, ngrams).scores;
  if (heads.embedding === undefined || vector === undefined) return { ngrams: scores };
  return { ngrams: scores, embedding: scoreDense(heads.embedding, vector) };
}

/**
 * A softmax on embeddings. They are centred and scaled for training (Adagrad needs it: .93 instead
 * of .90 on 77 intents), and the scaling is folded into the weights afterwards.
 */
export function trainDense(
  vectors: readonly Float32Array[],
  classes: Int32Array,
  options: {
    readonly classCount: number;
    readonly seed: number;
    readonly learningRate: number;
    readonly epochs: number;
  },
): SoftmaxModel {
  const dimensions = vectors[0]?.length ?? 0;
  const centre = new Float64Array(dimensions);
  for (const vector of vectors) {
    vector.forEach((value, at) => {
      centre[at] = (centre[at] as number) + value / vectors.length;
    });
  }
  let squares = 0;
  for (const vector of vectors) {
    vector.forEach((value, at) => {
      squares += (value - (centre[at] as number)) ** 2;
    });
  }
  // The mean squared length becomes 1.
  const factor = squares === 0 ? 1 : Math.sqrt(vectors.length / squares);
  const indices = Int32Array.from({ length: dimensions }, (_, at) => at);
  const model = trainSoftmax(
    vectors.map((vector) => ({
      indices,
      values: vector.map((value, at) => (value - (centre[at] as number)) * factor),
    })),
    classes,
    { ...options, dropout: 0, columnLimit: dimensions },
  );
  return foldScaling(model, centre, factor);
}

function foldScaling(model: SoftmaxModel, centre: Float64Array, factor: number): SoftmaxModel {
  const scales = model.scales.map((scale) => scale * factor);
  const bias = model.bias.map((value, label) => {
    let shifted = value;
    for (let at = 0; at < scales.length; at += 1) {
      const weight = model.weights[at * model.classCount + label] as number;
      shifted -= weight * (scales[at] as number) * (centre[at] as number);
    }
    return shifted;
  });
  return { ...model, scales, bias };
}

function pick<T>(values: readonly T[], chosen: readonly number[]): T[] {
  return chosen.flatMap((row) => values[row] ?? []);
}
