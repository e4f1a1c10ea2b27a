/** Where the texts of each task lie in the space of scaled shapes. */
export interface TaskShapes {
  readonly size: number;
  /** tasks × size; NaN for a task of too few rows. */
  readonly means: Float32Array;
  /** tasks × size: 1 / deviation². */
  readonly sharpness: Float32Array;
}

const ROWS_LEAST = 8;
/** Smallest deviation within a task, as a share of the one over all rows. */
const DEVIATION_LEAST = 0.25;
/** One feature alone, however strange, makes no text strange. */
const SQUARE_MOST = 16;

/** `lines` is rows × size; `tasks` has the task of each row, −1 = none. */
export function fitTaskShapes(
  lines: Float64Array,
  size: number,
  tasks: Int32Array,
  taskCount: number,
): TaskShapes {
  const counts = new Float64Array(taskCount);
  const sums = new Float64Array(taskCount * size);
  const squares = new Float64Array(taskCount * size);
  tasks.forEach((task, row) => {
    if (task < 0) return;
    counts[task] = (counts[task] as number) + 1;
    for (let at = 0; at < size; at += 1) {
      const value = lines[row * size + at] as number;
      const slot = task * size + at;
      sums[slot] = (sums[slot] as number) + value;
      squares[slot] = (squares[slot] as number) + value * value;
    }
  });
  const means = new Float32Array(sums.length);
  const sharpness = new Float32Array(sums.length);
  for (let slot = 0; slot < sums.length; slot += 1) {
    const count = counts[Math.floor(slot / size)] as number;
    const mean = (sums[slot] as number) / count;
    means[slot] = count < ROWS_LEAST ? Number.NaN : mean;
    const variance = (squares[slot] as number) / Math.max(1, count) - mean * mean;
    sharpness[slot] = 1 / Math.max(DEVIATION_LEAST ** 2, variance);
  }
  return { size, means, sharpness };
}

/**
 * Mean squared distance to the nearest task, in deviations of that task: about 1 for a text as those
 * that were seen; 0 when there is no task to measure by. `changed` is the share of features that never
 * varied and are different now.
 */
export function shapeDistance(shapes: TaskShapes, line: Float64Array, changed: number): number {
  const { size, means, sharpness } = shapes;
  let nearest = Number.POSITIVE_INFINITY;
  for (let base = 0; base < means.length; base += size) {
    let total = 0;
    for (let at = 0; at < size; at += 1) {
      const gap = (line[at] as number) - (means[base + at] as number);
      const square = gap * gap * (sharpness[base + at] as number);
      total += square > SQUARE_MOST ? SQUARE_MOST : square;
    }
    if (total < nearest) nearest = total;
  }
  return Number.isFinite(nearest) ? nearest / size + SQUARE_MOST * changed : 0;
}
