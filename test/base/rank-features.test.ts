import { describe, expect, it } from 'vitest';
import { countTerms, QueryWords, WORD_FEATURES } from '../../src/base/rank-features.ts';

const passages = [
  'The head of department approves every trip.',
  'Bicycles stay outside the building.',
  'A trip by night train is approved by the travel desk.',
];
const terms = countTerms(passages);

function valuesOf(query: string, passage: string): Record<string, number> {
  const values = new QueryWords(terms, query).features(passage);
  return Object.fromEntries(WORD_FEATURES.map((name, at) => [name, values[at] ?? Number.NaN]));
}

describe('words of a query and a passage', () => {
  it('have nothing in common where no word is', () => {
    const { bm25, coverage, pairs, proximity, start } = valuesOf('trip', 'Bicycles stay outside.');
    expect([bm25, coverage, pairs, proximity, start]).toEqual([0, 0, 0, 0, 0]);
  });

  it('count a rare word more than a common one, in any form', () => {
    const rare = valuesOf('night trips', 'The night was long.');
    const common = valuesOf('night trips', 'The trip was long.');
    expect(rare['weight-coverage']).toBeGreaterThan(common['weight-coverage'] ?? 1);
    expect(rare['coverage']).toBe(common['coverage']);
    expect(rare['missing']).toBeLessThan(common['missing'] ?? 0);
  });

  it('see neighbours and how close words stand', () => {
    const near = valuesOf('night train', 'The night train leaves at nine.');
    const far = valuesOf('night train', 'The train is late, as it was on that one cold night.');
    expect([near['pairs'], far['pairs']]).toEqual([1, 0]);
    expect(near['proximity']).toBe(1);
    expect(far['proximity']).toBeLessThan(0.5);
  });

  it('see a word in another form by its letters', () => {
    const { coverage, runs } = valuesOf('counterbalance', 'It was counterweighted.');
    expect([coverage, runs]).toEqual([0, 4 / 11]);
  });

  it('are all numbers for texts without a word', () => {
    for (const [query, passage] of [
      ['', ''],
      ['…', 'trip'],
      ['trip', '—'],
      ['', 'trip'],
    ] as const)
      for (const value of Object.values(valuesOf(query, passage)))
        expect(Number.isFinite(value)).toBe(true);
  });
});
