import { nonNegativeWeights } from '../../base/nonnegative.ts';
import { PART_COUNT } from './heads.ts';

/** Weights of the heads' parts: for the level, and for all deviations alike. */
export interface Mixing {
  readonly level: Float64Array;
  readonly deviation: Float64Array;
}

/** What was held out: the parts of each row, and what they should have said. */
export interface HeldOutParts {
  /** One per held-out row: parts × targets. */
  readonly parts: readonly Float64Array[];
  /** Targets less their means in the training of that row; rows × targets. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/** Rows that "this part says nothing" is worth. */
const CAUTION_ROWS = 25;

/** Which parts speak: when the task is named, when it is read, when it is none that is known. */
export const NAMED_PARTS = [0, 1, 4, 5, 6, 7, 8];
export const READ_PARTS = [2, 3, 4, 5, 6, 7, 8];
export const NEW_PARTS = [4, 5, 6, 7, 8];

/**
 * Non-negative least squares on held-out rows (stacked regression, Breiman 1996): a part that does
 * not help gets 0.
 */
export function fitMixing(heldOut: HeldOutParts, chosen: readonly number[]): Mixing {
  return {
    level: spread(
      chosen,
      weightsOf(heldOut, chosen, (target) => target === 0),
    ),
    deviation: spread(
      chosen,
      weightsOf(heldOut, chosen, (target) => target > 0),
    ),
  };
}

function spread(chosen: readonly number[], weights: Float64Array): Float64Array {
  const all = new Float64Array(PART_COUNT);
  chosen.forEach((part, at) => {
    all[part] = weights[at] as number;
  });
  return all;
}

function weightsOf(
  heldOut: HeldOutParts,
  chosen: readonly number[],
  belongs: (target: number) => boolean,
): Float64Array {
  const size = chosen.length;
  const { count, values, weights } = heldOut;
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size);
  heldOut.parts.forEach((parts, row) => {
    for (let target = 0; target < count; target += 1) {
      const weight = weights[row * count + target] as number;
      if (weight === 0 || !belongs(target)) continue;
      for (let left = 0; left < size; left += 1) {
        const value = weight * (parts[(chosen[left] as number) * count + target] as number);
        moments[left] =
          (moments[left] as number) + value * (values[row * count + target] as number);
        for (let right = 0; right < size; right += 1)
          gram[left * size + right] =
            (gram[left * size + right] as number) +
            value * (parts[(chosen[right] as number) * count + target] as number);
      }
    }
  });
  let trace = 0;
  for (let at = 0; at < size; at += 1) trace += gram[at * size + at] as number;
  const rows = Math.max(1, heldOut.parts.length);
  return nonNegativeWeights(gram, moments, ((trace / size) * CAUTION_ROWS) / rows);
}

/** Mixed targets, each less its mean. */
export function mix(parts: Float64Array, mixing: Mixing, count: number): Float64Array {
  const result = new Float64Array(count);
  for (let part = 0; part < PART_COUNT; part += 1) {
    const level = mixing.level[part] as number;
    const deviation = mixing.deviation[part] as number;
    if (level === 0 && deviation === 0) continue;
    for (let target = 0; target < count; target += 1)
      result[target] =
        (result[target] as number) +
        (target === 0 ? level : deviation) * (parts[part * count + target] as number);
  }
  return result;
}
