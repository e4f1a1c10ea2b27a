import type { WeighedText } from '../../base/sparse-matrix.ts';
import type { SparseLinear } from '../../base/sparse-ridge.ts';

/** Offset + Σ value × weight × scale of the column; bytes, as in the file. */
export interface ColumnWeights {
  /** columns × targets. */
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly offsets: Float64Array;
}

export function quantiseColumns({ weights, offsets, count }: SparseLinear): ColumnWeights {
  const columns = weights.length / count;
  const bytes = new Int8Array(weights.length);
  const scales = new Float32Array(columns);
  for (let column = 0; column < columns; column += 1) {
    const base = column * count;
    let largest = 0;
    for (let at = base; at < base + count; at += 1)
      largest = Math.max(largest, Math.abs(weights[at] as number));
    if (largest === 0) continue;
    scales[column] = largest / 127;
    for (let at = base; at < base + count; at += 1)
      bytes[at] = Math.round((127 * (weights[at] as number)) / largest);
  }
  return { weights: bytes, scales, offsets };
}

/** The sums of one text into `sums`, which has one place per target. */
export function sumColumns(words: ColumnWeights, text: WeighedText, sums: Float64Array): void {
  const { weights, scales, offsets } = words;
  const count = sums.length;
  sums.set(offsets);
  for (let at = 0; at < text.size; at += 1) {
    const column = text.columns[at] as number;
    const value = (text.values[at] as number) * (scales[column] as number);
    const base = column * count;
    for (let place = 0; place < count; place += 1)
      sums[place] = (sums[place] as number) + value * (weights[base + place] as number);
  }
}
