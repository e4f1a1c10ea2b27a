import { type HashingOptions, hashText, type SparseVector } from '../base/hashing.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import type { SoftmaxModel, SoftmaxStart } from '../base/softmax.ts';

/** What an embedder says of single words. */
export interface WordTable {
  readonly size: number;
  /** Centred, by the index of the word's feature. */
  readonly vectors: ReadonlyMap<number, Float32Array>;
}

/** Words that are embedded at most, the most frequent; each costs a call of the embedder once. */
const WORD_LIMIT = 6000;
/** A word of this share of all words weighs half as much as a rare one (SIF: Arora et al., ICLR 2017). */
const COMMON_SHARE = 3e-3;

/** The distinct words of the rows, most frequent first. */
export function vocabularyOf(rows: readonly LabelledText[]): string[] {
  const counts = new Map<string, number>();
  for (const { text } of rows) {
    for (const word of text
      .toLowerCase()
      .normalize('NFC')
      .match(/[\p{L}\p{N}]+/gu) ?? [])
      counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
    .slice(0, WORD_LIMIT)
    .map(([word]) => word);
}

/** `vectors`: one per word, of any length. */
export function makeWordTable(
  words: readonly string[],
  vectors: readonly Float32Array[],
  hashing: HashingOptions,
): WordTable {
  const size = vectors[0]?.length ?? 0;
  const centre = new Float64Array(size);
  for (const vector of vectors) {
    for (let at = 0; at < size; at += 1)
      centre[at] = (centre[at] as number) + (vector[at] as number) / vectors.length;
  }
  const wordAlone = { ...hashing, wordRun: 1, characterFrom: 0, characterTo: 0 };
  const table = new Map<number, Float32Array>();
  words.forEach((word, place) => {
    const [index] = hashText(word, wordAlone).indices;
    const vector = vectors[place]?.map((value, at) => value - (centre[at] as number));
    if (index !== undefined && vector !== undefined && !table.has(index)) table.set(index, vector);
  });
  return { size, vectors: table };
}

/** How much each word of the table weighs: near 1 = rare in the rows, near 0 = in nearly all. */
export function rarityOf(
  rows: readonly SparseVector[],
  { vectors }: WordTable,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  let total = 0;
  for (const { indices } of rows) {
    for (const index of indices) {
      if (!vectors.has(index)) continue;
      counts.set(index, (counts.get(index) ?? 0) + 1);
      total += 1;
    }
  }
  return new Map(
    [...vectors.keys()].map((index) => {
      const share = (counts.get(index) ?? 0) / Math.max(1, total);
      return [index, COMMON_SHARE / (COMMON_SHARE + share)];
    }),
  );
}

/** A text as the weighted sum of its words' vectors. */
export function sumOfWords(
  text: SparseVector,
  { size, vectors }: WordTable,
  rarity: ReadonlyMap<number, number>,
): Float32Array {
  const sum = new Float32Array(size);
  text.indices.forEach((index, place) => {
    const vector = vectors.get(index);
    if (vector === undefined) return;
    const weight = (text.values[place] as number) * (rarity.get(index) ?? 1);
    for (let at = 0; at < size; at += 1)
      sum[at] = (sum[at] as number) + weight * (vector[at] as number);
  });
  return sum;
}

/**
 * A softmax on sums of words' vectors is linear in the words: its weights folded into one row of
 * weights per word, where the training of n-grams starts from.
 */
export function foldWords(
  head: SoftmaxModel,
  { vectors }: WordTable,
  rarity: ReadonlyMap<number, number>,
): SoftmaxStart {
  const { classCount, scales } = head;
  const weights = new Map<number, Float32Array>();
  for (const [index, vector] of vectors) {
    const row = new Float32Array(classCount);
    const share = rarity.get(index) ?? 1;
    for (let at = 0; at < scales.length; at += 1) {
      const value = share * (vector[at] as number) * (scales[at] as number);
      for (let label = 0; label < classCount; label += 1)
        row[label] =
          (row[label] as number) + value * (head.weights[at * classCount + label] as number);
    }
    weights.set(index, row);
  }
  return { weights, bias: head.bias };
}
