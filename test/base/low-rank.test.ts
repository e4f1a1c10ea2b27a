import { describe, expect, it } from 'vitest';
import { addLowRank } from '../../src/base/low-rank.ts';

describe('addLowRank', () => {
  const change = {
    width: 3,
    rank: 2,
    scale: 0.5,
    down: Float32Array.of(1, 2, 3, 10, 20, 30),
    up: Float32Array.of(1, 0, 0, 1, 1, 1, 2, -1),
  };
  // 0.5 · up · down, by hand.
  const WANTED = [0.5, 1, 1.5, 5, 10, 15, 5.5, 11, 16.5, -4, -8, -12];

  it('adds scale · up · down', () => {
    const weights = Float32Array.from({ length: 12 }, () => 100);
    addLowRank(weights, 0, change);
    expect([...weights]).toEqual(WANTED.map((one) => 100 + one));
  });

  it('gives the same wherever a piece of the matrix begins and ends', () => {
    for (let cut = 1; cut < 12; cut += 1) {
      const pieces = [new Float32Array(cut), new Float32Array(12 - cut)] as const;
      addLowRank(pieces[0], 0, change);
      addLowRank(pieces[1], cut, change);
      expect([...pieces[0], ...pieces[1]]).toEqual(WANTED);
    }
  });
});
