import { seededRandom } from '../base/random.ts';
import { nearTexts } from './near-rows.ts';

/** A fold 0 … `count` − 1 for each row, by the seed; rows that nearly repeat each other are in the same. */
export function nearFolds(
  rows: readonly { readonly text: string }[],
  count: number,
  seed: number,
): Int32Array {
  const { leaders } = nearTexts(rows.map(({ text }) => ({ text, label: '' }))).near;
  const random = seededRandom(seed);
  const folds = new Int32Array(rows.length);
  leaders.forEach((leader, at) => {
    folds[at] = leader === at ? Math.floor(random() * count) : (folds[leader] as number);
  });
  return folds;
}
