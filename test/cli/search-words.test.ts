import { expect, it } from 'vitest';
import { explain, missingLines, rerankLine } from '../../src/cli/search.ts';
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

it('tells how far a spoke came that read the passages again', () => {
  expect(rerankLine({ spoke: 'large', read: 3, of: 30, ms: 5004 })).toBe(
    'rerank: 3 of 30 read by large in 5.0 s',
  );
  const legs = [
    { leg: 'lexical', rank: 2, score: 7.5 },
    { leg: 'reader', rank: 1, score: 0.93 },
  ] as const;
  expect(explain({ ...samplePassage(1, [1]), legs })).toMatch(
    / and the reading of a spoke \(rank 1, 0\.93\) in version/,
  );
});
