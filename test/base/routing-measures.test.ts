import { describe, expect, it } from 'vitest';
import { checkEquations } from '../../src/base/answer-reading.ts';
import { drawPicture } from '../../src/base/curve-picture.ts';
import {
  averageGapRecovered,
  callCurve,
  callShare,
  upperHull,
} from '../../src/base/routing-measures.ts';

/** 100 requests; the weak model is right on the first 60, the strong one on all. */
const weak = Array.from({ length: 100 }, (_, row) => (row < 60 ? 1 : 0));
const strong = new Array<number>(100).fill(1);
const knowing = weak.map((right, row) => (right ? 0 : 1) + row / 1000);

describe('measures of routing between two models', () => {
  it('has eleven points from no strong call to only strong calls', () => {
    const curve = callCurve({ scores: knowing, weak, strong });
    expect(curve).toHaveLength(11);
    expect(curve[0]).toEqual({ share: 0, quality: 0.6 });
    expect(curve.at(-1)).toEqual({ share: 1, quality: 1 });
  });

  it('is .8 for a router that knows, and .2 for one that knows it the wrong way round', () => {
    // 40 % of calls recover everything: half of .4, and then .6.
    expect(averageGapRecovered({ scores: knowing, weak, strong })).toBeCloseTo(0.8, 2);
    const wrong = knowing.map((score) => -score);
    expect(averageGapRecovered({ scores: wrong, weak, strong })).toBeCloseTo(0.2, 2);
  });

  it('finds the shares of strong calls that recover a part of the gap', () => {
    expect(callShare({ scores: knowing, weak, strong }, 0.5)).toBeCloseTo(0.2, 2);
    expect(callShare({ scores: knowing, weak, strong }, 0.8)).toBeCloseTo(0.32, 2);
  });

  it('keeps only what no mixture of others reaches', () => {
    const at = (share: number, quality: number) => ({ share, quality });
    expect(upperHull([at(0, 0.5), at(1, 0.6), at(2, 0.9), at(3, 0.8)])).toEqual([
      at(0, 0.5),
      at(2, 0.9),
    ]);
  });
});

describe('checkEquations', () => {
  it('works equations out anew, products before sums, rounded results allowed', () => {
    const text = '16 - 3 - 4 = 9, 2 + 3 × 4 = 14, $1,200 * 5% = $60, 10/3 = 3.33, 9*2=19';
    expect(checkEquations(text)).toEqual({ right: 4, wrong: 1, lastWrong: true });
  });
});

describe('drawPicture', () => {
  it('writes names as text, not as markup', () => {
    const points = [{ x: 0, y: 0.5, label: '<b>&' }];
    const series = [{ name: 'a & b', colour: '#000', points, isDots: true }];
    const picture = drawPicture({ title: 't', xName: 'x', yName: 'y', series });
    expect(picture).toContain('&lt;b&gt;&amp;');
    expect(picture).not.toMatch(/NaN|<b>/);
  });
});
