import { describe, expect, it } from 'vitest';
import { learnConfidently } from '../../src/base/confident-learning.ts';

describe('learnConfidently', () => {
  it('ranks rows that a sure model contradicts, and counts them in the joint', () => {
    // Rows of two labels; rows 4 and 9 are given the wrong one.
    const given = Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const first = [0.9, 0.8, 0.9, 0.95, 0.02, 0.1, 0.2, 0.1, 0.05, 0.97];
    const probabilities = Float32Array.from(first.flatMap((value) => [value, 1 - value]));
    const { issues, estimated, confusions } = learnConfidently({
      probabilities,
      given,
      labelCount: 2,
    });
    expect(issues.map(({ row, suggested }) => [row, suggested])).toEqual([
      [4, 1],
      [9, 0],
    ]);
    expect(estimated).toBeGreaterThanOrEqual(2);
    expect(confusions).toHaveLength(2);
  });

  it('finds nothing where the model agrees', () => {
    const given = Int32Array.from([0, 1]);
    const probabilities = Float32Array.from([0.9, 0.1, 0.2, 0.8]);
    expect(learnConfidently({ probabilities, given, labelCount: 2 })).toEqual({
      issues: [],
      estimated: 0,
      confusions: [],
    });
  });

  it('suggests no label that has no row', () => {
    const probabilities = Float32Array.from([0.1, 0.2, 0.7, 0.2, 0.1, 0.7]);
    const { issues } = learnConfidently({
      probabilities,
      given: Int32Array.from([0, 1]),
      labelCount: 3,
    });
    expect(issues.map((issue) => issue.suggested)).toEqual([1, 0]);
  });
});
