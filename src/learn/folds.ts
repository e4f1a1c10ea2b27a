import { shuffledIndices } from '../base/random.ts';

/**
 * Gives every row a fold 0 … foldCount − 1, evenly within each class, in a seeded order. A class
 * with fewer rows than folds is missing from some.
 */
export function assignFolds(classes: Int32Array, foldCount: number, seed: number): Int32Array {
  const folds = new Int32Array(classes.length);
  const turns = new Map<number, number>();
  for (const row of shuffledIndices(classes.length, seed)) {
    const label = classes[row] ?? 0;
    // Classes start at different folds, so that small classes do not all meet in fold 0.
    const turn = turns.get(label) ?? label;
    folds[row] = turn % foldCount;
    turns.set(label, turn + 1);
  }
  return folds;
}
