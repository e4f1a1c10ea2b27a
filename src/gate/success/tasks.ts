import { seededRandom } from '../../base/random.ts';
import type { SparseMatrix } from '../../base/sparse-matrix.ts';

/** Tasks that rows belong to, named by the user or found. */
export interface TaskLabels {
  /** '' first where clusters were found: they have no names that a request could carry. */
  readonly names: readonly string[];
  /** Task of each row of the data, −1 = none. */
  readonly ofRow: Int32Array;
  readonly found: boolean;
}

const TASKS_MOST = 200;
const ROWS_PER_CLUSTER = 60;
const CLUSTERS_MOST = 24;
const ROUNDS = 8;

/** Tasks as the rows name them, the largest first; undefined when there are not two. */
export function namedTasks(tasks: readonly string[], chosen: Int32Array): TaskLabels | undefined {
  const sizes = new Map<string, number>();
  for (const row of chosen) {
    const task = tasks[row] ?? '';
    if (task !== '') sizes.set(task, (sizes.get(task) ?? 0) + 1);
  }
  if (sizes.size < 2) return undefined;
  const names = [...sizes]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, TASKS_MOST)
    .map(([name]) => name);
  const places = new Map(names.map((name, place) => [name, place]));
  return { names, ofRow: Int32Array.from(tasks, (task) => places.get(task) ?? -1), found: false };
}

/**
 * Clusters of rows by their words: spherical k-means (Dhillon and Modha, 2001) from seeded starts.
 * `matrix` holds the chosen rows; the result covers all `rowCount` rows of the data.
 */
export function findTasks(
  matrix: SparseMatrix,
  chosen: Int32Array,
  rowCount: number,
  seed: number,
): TaskLabels {
  const clusters = Math.max(
    1,
    Math.min(CLUSTERS_MOST, Math.floor(Math.sqrt(chosen.length / ROWS_PER_CLUSTER) * 2)),
  );
  const assigned = kMeans(matrix, clusters, seed);
  const ofRow = new Int32Array(rowCount).fill(-1);
  chosen.forEach((row, at) => {
    ofRow[row] = assigned[at] as number;
  });
  return {
    names: Array.from({ length: clusters }, (_, at) => `cluster ${at + 1}`),
    ofRow,
    found: true,
  };
}

function kMeans(matrix: SparseMatrix, clusters: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const assigned = new Int32Array(matrix.rowCount);
  if (clusters === 1 || matrix.rowCount === 0) return assigned;
  let centres = new Float32Array(matrix.columnCount * clusters);
  for (let cluster = 0; cluster < clusters; cluster += 1)
    addRow(matrix, Math.floor(random() * matrix.rowCount), centres, clusters, cluster);
  for (let round = 0; round < ROUNDS; round += 1) {
    const sums = new Float32Array(centres.length);
    for (let row = 0; row < matrix.rowCount; row += 1) {
      const best = placeOfLargest(similarities(matrix, row, centres, clusters));
      assigned[row] = best;
      addRow(matrix, row, sums, clusters, best);
    }
    centres = sums;
    normalise(centres, clusters);
  }
  return assigned;
}

export function addRow(
  matrix: SparseMatrix,
  row: number,
  into: Float32Array,
  count: number,
  place: number,
): void {
  const end = matrix.starts[row + 1] as number;
  for (let at = matrix.starts[row] as number; at < end; at += 1) {
    const slot = (matrix.columns[at] as number) * count + place;
    into[slot] = (into[slot] as number) + (matrix.values[at] as number);
  }
}

export function similarities(
  matrix: SparseMatrix,
  row: number,
  centres: Float32Array,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  const end = matrix.starts[row + 1] as number;
  for (let at = matrix.starts[row] as number; at < end; at += 1) {
    const base = (matrix.columns[at] as number) * count;
    const value = matrix.values[at] as number;
    for (let place = 0; place < count; place += 1)
      sums[place] = (sums[place] as number) + value * (centres[base + place] as number);
  }
  return sums;
}

/** Scales every centre to length 1; returns the lengths before. */
export function normalise(centres: Float32Array, count: number): Float64Array {
  const lengths = new Float64Array(count);
  for (let at = 0; at < centres.length; at += 1)
    lengths[at % count] = (lengths[at % count] as number) + (centres[at] as number) ** 2;
  for (let place = 0; place < count; place += 1)
    lengths[place] = Math.sqrt(lengths[place] as number);
  for (let at = 0; at < centres.length; at += 1)
    centres[at] = (centres[at] as number) / Math.max(1e-9, lengths[at % count] as number);
  return lengths;
}

export function placeOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place += 1)
    if ((values[place] as number) > (values[best] as number)) best = place;
  return best;
}
