import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse, type WeighedLeg } from '../../src/ground/fusion.ts';
import { type Leg, lexicalLeg, sampledSpread } from '../../src/ground/leg.ts';
import { LexicalIndex } from '../../src/ground/lexical-index.ts';
import { TopList } from '../../src/ground/top-list.ts';

/** Scores written down; those at the floor are unknown to the leg. */
function legOf(values: readonly number[], floor: number): Leg {
  const scores = Float32Array.from(values);
  const scoreOf = (place: number) => ((scores[place] ?? floor) > floor ? scores[place] : undefined);
  return {
    top(count) {
      const best = new TopList(count, floor);
      for (const [place, score] of scores.entries()) best.offer(place, score);
      return best.ranked();
    },
    scoreOf,
    spread: () => sampledSpread(scoreOf, scores.length),
  };
}
const both = (words: Leg, meaning: Leg, weight: number): WeighedLeg[] => [
  { name: 'lexical', leg: words, weight: 1 - weight },
  { name: 'dense', leg: meaning, weight },
];

describe('fuse', () => {
  it('keeps scores within 0 … 1 and the order in which both legs agree', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (values, weight) => {
        const small = values.map((value) => value / 1000);
        const fused = fuse(both(legOf(values, -1), legOf(small, -2), weight), 100);
        for (const one of fused) expect(one.score >= 0 && one.score <= 1.000001).toBe(true);
        const order = fused.map((one) => values[one.place] ?? 0);
        expect(order).toEqual([...order].sort((left, right) => right - left));
      }),
    );
  });

  it('lets the leg speak whose best stand out, whatever its scale', () => {
    const flat = Array.from({ length: 100 }, (_one, at) => (at % 2 === 0 ? 0.7 : 0.71));
    const clear = flat.map((_one, at) => (at === 40 ? 900 : at % 7));
    const fused = fuse(both(legOf(clear, -1), legOf(flat, -2), 0.5), 3);
    expect(fused[0]?.place).toBe(40);
    const swapped = fuse(both(legOf(flat, -1), legOf(clear, -2), 0.5), 3);
    expect(swapped[0]?.place).toBe(40);
  });

  it('tells which leg found a place, at what rank, and leaves out those that do not know it', () => {
    const fused = fuse(both(legOf([3, 0, 1], 0), legOf([-2, 0.75, 0.25], -2), 0.5), 3);
    const said = new Map(fused.map((one) => [one.place, one.legs]));
    expect(said.get(0)).toEqual([{ leg: 'lexical', rank: 1, score: 3, deviations: 1 }]);
    expect(said.get(1)).toEqual([{ leg: 'dense', rank: 1, score: 0.75, deviations: 1 }]);
    expect(said.get(2)).toEqual([
      { leg: 'lexical', rank: 2, score: 1, deviations: -1 },
      { leg: 'dense', rank: 2, score: 0.25, deviations: -1 },
    ]);
  });

  it('ranks by one leg as that leg does', () => {
    const fused = fuse([{ name: 'lexical', leg: legOf([2, 0, 8, 4], 0), weight: 1 }], 2);
    expect(fused.map((one) => [one.place, one.score])).toEqual([
      [2, 1],
      [3, 0.5],
    ]);
    expect(fuse([{ name: 'lexical', leg: legOf([0, 0], 0), weight: 1 }], 2)).toEqual([]);
  });
});

describe('spread', () => {
  it('is estimated from a sample to within a tenth', () => {
    const values = Array.from({ length: 20_000 }, (_one, at) => Math.sin(at * at));
    const { mean, deviation } = sampledSpread((place) => values[place], values.length);
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(Math.abs(deviation / Math.SQRT1_2 - 1)).toBeLessThan(0.1);
  });

  it('of words grows with how informative the words are', () => {
    const index = new LexicalIndex();
    for (let at = 0; at < 200; at += 1)
      index.add(['common', at % 2 === 0 ? 'half' : 'other', ...(at === 7 ? ['rare'] : [])]);
    const deviation = (term: string) => lexicalLeg(index, [term]).spread().deviation;
    expect(deviation('half')).toBeGreaterThan(deviation('common'));
    expect(deviation('unknown')).toBe(0);
    expect(deviation('rare')).toBeGreaterThan(0);
  });
});
