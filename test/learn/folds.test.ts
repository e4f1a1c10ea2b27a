import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignFolds } from '../../src/learn/folds.ts';

describe('assignFolds', () => {
  it('spreads every class evenly, whatever the sizes', () => {
    const classes = fc.array(fc.nat(4), { maxLength: 60 });
    fc.assert(
      fc.property(classes, fc.integer(), (list, seed) => {
        const folds = assignFolds(Int32Array.from(list), 5, seed);
        for (const label of new Set(list)) {
          const counts = [0, 0, 0, 0, 0];
          folds.forEach((fold, row) => {
            if (list[row] === label) counts[fold] = (counts[fold] ?? 0) + 1;
          });
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
