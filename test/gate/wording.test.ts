import { expect, it } from 'vitest';
import { targetWords } from '../../src/gate/wording.ts';

it.each([
  [4, 'at most $4.00 per'],
  [0.0312, 'at most $0.0312 per'],
  [0.00005, 'at most $0.00005 per'],
  [0.000001, 'at most $0.000001 per'],
  [0.0000123, 'at most $0.000012 per'],
])('a promise of %d dollars is told as a figure', (limit, words) => {
  expect(targetWords({ of: 'dollars', limit })).toContain(words);
});
