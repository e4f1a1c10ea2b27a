import { expect, it } from 'vitest';
import { filterOf, readForm, searchHref } from '../../console/src/search-wish.ts';
import { readDocumentFilter } from '../../src/server/document-filter.ts';

const FORM = {
  collection: 'law',
  query: 'who & why?',
  path: 'guides/',
  type: 'pdf, docx',
  after: '2026-01-01',
  before: '',
  metadata: 'ward = icu, year >= 2024, draft = false, name = "10"',
};

it('keeps what was asked for in the address', () => {
  const { searchParams } = new URL(searchHref(FORM), 'http://farm');
  expect(readForm(searchParams)).toEqual(FORM);
});

it('writes filters that the farm understands', () => {
  const filter = filterOf(FORM);
  expect(readDocumentFilter(filter as never, 'filter')).toMatchObject({
    paths: ['guides/'],
    types: ['pdf', 'docx'],
    after: Date.UTC(2026, 0, 1),
    metadata: {
      type: 'and',
      filters: [
        { type: 'eq', key: 'ward', value: 'icu' },
        { type: 'gte', key: 'year', value: 2024 },
        { type: 'eq', key: 'draft', value: false },
        { type: 'eq', key: 'name', value: '10' },
      ],
    },
  });
  const nothing = { ...FORM, path: '', type: '', after: '', metadata: ' ' };
  expect(filterOf(nothing)).toBeUndefined();
  expect(() => filterOf({ ...FORM, metadata: 'icu' })).toThrow('“icu” is no condition');
});
