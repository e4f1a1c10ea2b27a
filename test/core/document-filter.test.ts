import { describe, expect, it } from 'vitest';
import { matchesFilter, matchesMetadata } from '../../src/core/document-filter.ts';

const document = {
  path: 'guides/start.md',
  type: 'md',
  modifiedAt: 1000,
  metadata: { year: 2024, team: 'law', draft: false, since: '2024-03-01' },
};

describe('a filter of documents', () => {
  it('wants all that it names', () => {
    expect(matchesFilter({}, document)).toBe(true);
    expect(matchesFilter({ paths: ['x/', 'guides/'] }, document)).toBe(true);
    expect(matchesFilter({ paths: ['guides/'], types: ['pdf'] }, document)).toBe(false);
    expect(matchesFilter({ after: 1000, before: 1001 }, document)).toBe(true);
    expect(matchesFilter({ before: 1000 }, document)).toBe(false);
    expect(matchesFilter({ after: 1001 }, document)).toBe(false);
  });

  it.each([
    ['eq', 'year', 2024, true],
    ['eq', 'year', '2024', false],
    ['eq', 'none', 1, false],
    ['ne', 'year', 2023, true],
    ['ne', 'none', 1, true],
    ['gt', 'year', 2023, true],
    ['gt', 'year', 2024, false],
    ['gte', 'year', 2024, true],
    ['lt', 'since', '2024-04', true],
    ['lte', 'since', '2024-03-01', true],
    ['lt', 'team', 5, false],
    ['lt', 'none', 5, false],
    ['in', 'team', ['hr', 'law'], true],
    ['in', 'none', ['law'], false],
    ['nin', 'team', ['hr'], true],
    ['nin', 'none', ['hr'], true],
    ['eq', 'constructor', 'x', false],
  ] as const)('compares metadata: %s %s %s', (type, key, value, expected) => {
    expect(matchesMetadata({ type, key, value }, document.metadata)).toBe(expected);
  });

  it('joins comparisons by and and or', () => {
    const law = { type: 'eq', key: 'team', value: 'law' } as const;
    const old = { type: 'lt', key: 'year', value: 2000 } as const;
    expect(matchesMetadata({ type: 'and', filters: [law, old] }, document.metadata)).toBe(false);
    expect(matchesMetadata({ type: 'or', filters: [old, law] }, document.metadata)).toBe(true);
  });
});
