import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankTexts } from '../../src/ground/rank-texts.ts';

const TEXTS = [
  'Bicycles stay outside the building.',
  'Trips abroad are approved by the head of department.',
  'A journey needs the consent of the boss.',
];

describe('ranking texts', () => {
  it('goes by words where there are no vectors', () => {
    const ranked = rankTexts({ query: 'who approves trips', texts: TEXTS, denseWeight: 0.5 });
    expect(ranked.map((one) => one.index)).toEqual([1, 0, 2]);
    expect(ranked.map((one) => one.score)).toEqual([1, 0, 0]);
  });

  it('goes by both where there are', () => {
    const at = (degrees: number) =>
      Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
    const vectors = { query: at(0), texts: [at(90), at(20), at(10)] };
    const order = { query: 'who approves trips', texts: TEXTS, vectors };
    expect(rankTexts({ ...order, denseWeight: 0.5 }).map((one) => one.index)).toEqual([1, 2, 0]);
    expect(rankTexts({ ...order, denseWeight: 1 }).map((one) => one.index)).toEqual([2, 1, 0]);
  });

  it('gives every text once, with scores of 0 to 1 that fall', () => {
    const word = fc.constantFrom('trip', 'boss', 'bicycle', 'the', '日本', '');
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 300 }), (query, texts) => {
        const ranked = rankTexts({ query, texts, denseWeight: 0.5 });
        expect(ranked.map((one) => one.index).toSorted((a, b) => a - b)).toEqual([...texts.keys()]);
        for (const [place, { score }] of ranked.entries()) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(ranked[place - 1]?.score ?? 1);
        }
      }),
    );
  });
});
