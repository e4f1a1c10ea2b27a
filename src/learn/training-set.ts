import { hashText, type SparseVector } from '../base/hashing.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { BACKGROUND_SENTENCES } from './background.ts';
import type { TrainingRows } from './heads.ts';

export interface TrainingInput {
  readonly rows: readonly LabelledText[];
  /** Fingerprint of the examples, kept in the model. */
  readonly source: string;
  readonly seed: number;
  /** Vectors of the rows and of BACKGROUND_SENTENCES, in order; absent = n-grams alone. */
  readonly embedding?: {
    readonly embedder: string;
    readonly rows: readonly Float32Array[];
    readonly background: readonly Float32Array[];
  };
}

/** Cosine from which a background sentence may belong to the label of an example. */
const EMBEDDING_RESEMBLANCE = 0.8;
const NGRAM_RESEMBLANCE = 0.6;

/**
 * The rows with their features, then the background sentences as one more class (outlier exposure:
 * Hendrycks et al., ICLR 2019). A sentence that resembles an example is left out.
 */
export function toTrainingSet(input: TrainingInput, labels: readonly string[]): TrainingRows {
  const places = new Map(labels.map((label, place) => [label, place]));
  const ngrams = input.rows.map((row) => hashText(row.text));
  const background = BACKGROUND_SENTENCES.map((sentence) => hashText(sentence));
  const vectors = input.embedding;
  const isForeign = (at: number) => {
    const vector = vectors?.background[at];
    return vectors === undefined || vector === undefined
      ? !resemblesAny(background[at], ngrams)
      : vectors.rows.every((row) => cosine(row, vector) < EMBEDDING_RESEMBLANCE);
  };
  const kept = [...background.keys()].filter(isForeign);
  const pick = <T>(values: readonly T[]) => kept.flatMap((at) => values[at] ?? []);
  return {
    classes: Int32Array.from([
      ...input.rows.map((row) => places.get(row.label) ?? 0),
      ...kept.map(() => labels.length),
    ]),
    classCount: labels.length + 1,
    ngrams: [...ngrams, ...pick(background)],
    ...(vectors === undefined ? {} : { vectors: [...vectors.rows, ...pick(vectors.background)] }),
  };
}

function cosine(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

function resemblesAny(sentence: SparseVector | undefined, rows: readonly SparseVector[]): boolean {
  if (sentence === undefined) return false;
  const weights = new Map([...sentence.indices].map((index, at) => [index, sentence.values[at]]));
  return rows.some((row) => {
    let sum = 0;
    row.indices.forEach((index, at) => {
      sum += (weights.get(index) ?? 0) * (row.values[at] as number);
    });
    return sum >= NGRAM_RESEMBLANCE;
  });
}
