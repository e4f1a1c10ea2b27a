import { type DenseLinear, solveRidge, sumRows } from './dense-ridge.ts';
import type { Targets } from './sparse-ridge.ts';

/**
 * Ridge regression of every target at each penalty; `rows` is row count × size. Targets that the
 * same rows speak about are solved together.
 */
export function fitDense(
  rows: Float64Array,
  size: number,
  targets: Targets,
  penalties: readonly number[],
): DenseLinear[] {
  const { count } = targets;
  const results = penalties.map(() => ({
    size,
    count,
    weights: new Float64Array(size * count),
    offsets: new Float64Array(count),
  }));
  for (const group of sameWeights(targets)) {
    const part = columnsOf(targets, group);
    const sums = sumRows(rows, size, part);
    penalties.forEach((penalty, at) => {
      const solved = solveRidge(sums, penalty);
      const result = results[at];
      if (result === undefined) return;
      group.forEach((target, place) => {
        result.offsets[target] = solved.offsets[place] as number;
        for (let row = 0; row < size; row += 1)
          result.weights[row * count + target] = solved.weights[
            row * group.length + place
          ] as number;
      });
    });
  }
  return results;
}

/** Targets in groups with the same weight in every row. */
function sameWeights({ count, weights }: Targets): number[][] {
  const groups: number[][] = [];
  const isSame = (left: number, right: number) => {
    for (let at = 0; at < weights.length; at += count)
      if (weights[at + left] !== weights[at + right]) return false;
    return true;
  };
  for (let target = 0; target < count; target += 1) {
    const group = groups.find(([first = -1]) => isSame(first, target));
    if (group === undefined) groups.push([target]);
    else group.push(target);
  }
  return groups;
}

function columnsOf({ count, values, weights }: Targets, group: readonly number[]) {
  const rowCount = values.length / count;
  const part = new Float64Array(rowCount * group.length);
  const rowWeights = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    rowWeights[row] = weights[row * count + (group[0] ?? 0)] as number;
    group.forEach((target, place) => {
      part[row * group.length + place] = values[row * count + target] as number;
    });
  }
  return { count: group.length, values: part, weights: rowWeights };
}
