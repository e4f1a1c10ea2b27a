import { seededRandom } from '../base/random.ts';
import { nearTexts } from './near-rows.ts';

/** A fold 0 … `count` − 1 for each row, by the seed; rows that nearly repeat each other are in the same. */
export function nearFolds(
  rows: readonly { readonly text: string }[],
  count: number,
  seed: number,
): Int32Array {
  return foldsOfGroups(nearGroups(rows), count, seed);
}

/** Of each row the first one that it nearly repeats, itself where there is none. */
export function nearGroups(rows: readonly { readonly text: string }[]): Int32Array {
  return nearTexts(rows.map(({ text }) => ({ text, label: '' }))).near.leaders;
}

/** As `nearFolds`, of known groups. */
export function foldsOfGroups(groups: Int32Array, count: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const folds = new Int32Array(groups.length);
  groups.forEach((first, at) => {
    folds[at] = first === at ? Math.floor(random() * count) : (folds[first] as number);
  });
  return folds;
}
