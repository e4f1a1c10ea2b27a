import { hashText, type SparseVector } from '../base/hashing.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';

/** A row that taught, and how near its words are to those that were asked. */
export interface NearRow extends LabelledText {
  /** Its place among the rows that can be used, from 1. */
  readonly row: number;
  /** Cosine of words and letter runs, those that few rows have counting more; 0 … 1. */
  readonly likeness: number;
}

/**
 * The rows that are nearest to a text, nearest first; none that shares nothing with it. Features are
 * those of the n-gram rung, weighted by ln((1 + rows) / (1 + rows that have it)) + 1 (Salton & Buckley,
 * "Term-weighting approaches in automatic text retrieval", 1988). About 30 µs a row.
 */
export function nearestRows(rows: readonly LabelledText[], text: string, most: number): NearRow[] {
  const asked = hashText(text);
  const counts = new Map<number, number>();
  const hashed = rows.map((row) => hashText(row.text));
  for (const { indices } of hashed)
    for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  const weightOf = (index: number) =>
    Math.log((1 + rows.length) / (1 + (counts.get(index) ?? 0))) + 1;
  const wanted = new Map<number, number>();
  for (const [at, index] of asked.indices.entries())
    wanted.set(index, (asked.values[at] ?? 0) * weightOf(index));
  const askedLength = Math.hypot(...wanted.values());
  const likenessOf = ({ indices, values }: SparseVector) => {
    let [product, square] = [0, 0];
    for (let at = 0; at < indices.length; at += 1) {
      const index = indices[at] ?? 0;
      const value = (values[at] ?? 0) * weightOf(index);
      square += value * value;
      product += value * (wanted.get(index) ?? 0);
    }
    return product === 0 ? 0 : product / (Math.sqrt(square) * askedLength);
  };
  return hashed
    .map((vector, at) => ({ row: at + 1, likeness: likenessOf(vector) }))
    .filter((one) => one.likeness > 0)
    .sort((left, right) => right.likeness - left.likeness || left.row - right.row)
    .slice(0, most)
    .flatMap((one) => {
      const row = rows[one.row - 1];
      return row === undefined ? [] : [{ ...one, ...row }];
    });
}
