import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/core/chat.ts';
import { readDocumentFilter } from '../../src/server/document-filter.ts';

const read = (value: JsonValue) => readDocumentFilter(value, 'filter');

describe('a filter on the wire', () => {
  it('is read with one value or several, dates and milliseconds', () => {
    expect(
      read({
        path: 'guides/',
        type: ['PDF', 'md'],
        after: '2024-01-01',
        before: 1_800_000_000_000,
      }),
    ).toEqual({
      paths: ['guides/'],
      types: ['pdf', 'md'],
      after: Date.UTC(2024, 0, 1),
      before: 1_800_000_000_000,
    });
    expect(read(null)).toBeUndefined();
    expect(read({})).toBeUndefined();
  });

  it('may be one of OpenAI’s alone', () => {
    const one = { type: 'eq', key: 'team', value: 'law' };
    const both = { type: 'and', filters: [one, { type: 'in', key: 'year', value: [2023, 2024] }] };
    expect(read(one)).toEqual({ metadata: one });
    expect(read(both)).toEqual({ metadata: both });
    expect(read({ path: 'a/', metadata: both })).toEqual({ paths: ['a/'], metadata: both });
  });

  const deep = (depth: number): JsonValue =>
    depth === 0 ? { type: 'eq', key: 'a', value: 1 } : { type: 'or', filters: [deep(depth - 1)] };
  it.each<[JsonValue, string]>([
    ['x', 'filter'],
    [{ paht: 'a' }, 'filter.paht'],
    [{ path: [] }, 'filter.path'],
    [{ path: ['a', 1] }, 'filter.path'],
    [{ after: 'yesterday' }, 'filter.after'],
    [{ after: '2024-99-01' }, 'filter.after'],
    [{ after: '2026-02-31' }, 'filter.after'],
    [{ after: '2026-02-31T09:00Z' }, 'filter.after'],
    [{ after: '2026-03-01', before: '2026-02-01' }, 'filter.before'],
    [{ type: 'eq' }, 'filter.key'],
    [{ metadata: { type: 'like', key: 'a', value: 'b' } }, 'filter.metadata.type'],
    [{ metadata: { type: 'eq', value: 'b' } }, 'filter.metadata.key'],
    [{ type: 'eq', key: 'a', value: ['b'] }, 'filter.value'],
    [{ type: 'in', key: 'a', value: 'b' }, 'filter.value'],
    [{ type: 'and', filters: [] }, 'filter.filters'],
    [{ type: 'and', filters: [{ type: 'eq', key: 'a' }] }, 'filter.filters[0].value'],
    [{ type: 'or', filters: Array.from({ length: 101 }, () => deep(0)) }, 'filter'],
    [
      deep(9),
      'filter.filters[0].filters[0].filters[0].filters[0].filters[0].filters[0].filters[0].filters[0]',
    ],
  ])('is refused with the field that is wrong: %j', (value, param) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
