/** What an adapter adds to a matrix of [rows × width]: scale · up · down (LoRA, Hu et al. 2021, section 4.1). */
export interface LowRankChange {
  readonly width: number;
  readonly rank: number;
  readonly scale: number;
  /** [rank × width]. */
  readonly down: Float32Array;
  /** [rows × rank]. */
  readonly up: Float32Array;
}

/** Adds the change in place to weights of the matrix, the first of which is its element `from`. */
export function addLowRank(weights: Float32Array, from: number, change: LowRankChange): void {
  const { width } = change;
  const sums = new Float64Array(width);
  for (let at = 0; at < weights.length; ) {
    const row = Math.floor((from + at) / width);
    const column = (from + at) % width;
    const count = Math.min(width - column, weights.length - at);
    addRow(sums, row, column, count, change);
    for (let index = 0; index < count; index += 1)
      weights[at + index] = (weights[at + index] ?? 0) + (sums[index] ?? 0);
    at += count;
  }
}

/** `count` sums of one row, from a column on. */
function addRow(
  sums: Float64Array,
  row: number,
  column: number,
  count: number,
  { width, rank, scale, down, up }: LowRankChange,
): void {
  sums.fill(0);
  for (let part = 0; part < rank; part += 1) {
    const factor = scale * (up[row * rank + part] ?? 0);
    const first = part * width + column;
    for (let index = 0; index < count; index += 1)
      sums[index] = (sums[index] ?? 0) + factor * (down[first + index] ?? 0);
  }
}
