import { expect, it } from 'vitest';
import { explain, missingLines } from '../../src/cli/search.ts';
import { samplePassage } from '../record/samples.ts';

it('tells which leg found a passage at which rank and score, and which leg is missing', () => {
  const legs = [
    { leg: 'lexical', rank: 2, score: 7.5 },
    { leg: 'latent', score: 0.31 },
  ] as const;
  expect(explain({ ...samplePassage(1, [1]), legs })).toMatch(
    /^found by words \(rank 2, 7\.50\) and company of words \(not among its own, 0\.31\) in version/,
  );
  const missingLegs = [{ leg: 'dense', reason: 'no model is installed' }] as const;
  expect(missingLines({ missingLegs })).toEqual(['not by meaning: no model is installed']);
});
