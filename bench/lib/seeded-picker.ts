import { createHash } from 'node:crypto';
import { seededRandom } from '../../src/base/random.ts';

/** Draws for generated rows: the same seed and name give the same draws. */
export interface Picker {
  /** Whole number of [low, high]. */
  readonly int: (low: number, high: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
  /** `count` different values, in random order. */
  readonly some: <T>(values: readonly T[], count: number) => T[];
}

export function createPicker(seed: string): Picker {
  const random = seededRandom(createHash('sha256').update(seed).digest().readUInt32LE(0));
  const int = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return {
    int,
    pick: (values) => {
      const value = values[int(0, values.length - 1)];
      if (value === undefined) throw new RangeError('nothing to pick from');
      return value;
    },
    some: (values, count) =>
      values
        .map((value) => ({ value, order: random() }))
        .sort((left, right) => left.order - right.order)
        .slice(0, count)
        .map((one) => one.value),
  };
}
