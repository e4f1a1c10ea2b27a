import type { MetadataComparison, MetadataFilter } from '../../src/core/document-filter.ts';

/** What the search page was asked for; it stands in the address. */
export interface SearchForm {
  readonly collection: string;
  readonly query: string;
  /** Pattern, as `guides/` or `*.pdf`. */
  readonly path: string;
  /** Suffixes with commas or blanks between them. */
  readonly type: string;
  /** Days, `2026-11-27`: changed on or after the first one, before the second. */
  readonly after: string;
  readonly before: string;
  /** `ward = icu, year >= 2024`. */
  readonly metadata: string;
}

const NAMES = {
  collection: 'in',
  query: 'q',
  path: 'path',
  type: 'type',
  after: 'after',
  before: 'before',
  metadata: 'metadata',
} as const satisfies Record<keyof SearchForm, string>;

export function readForm(query: URLSearchParams): SearchForm {
  const of = (field: keyof SearchForm) => query.get(NAMES[field]) ?? '';
  return {
    collection: of('collection'),
    query: of('query'),
    path: of('path'),
    type: of('type'),
    after: of('after'),
    before: of('before'),
    metadata: of('metadata'),
  };
}

export function searchHref(form: SearchForm): string {
  const query = new URLSearchParams();
  for (const field of Object.keys(NAMES) as (keyof SearchForm)[])
    if (form[field] !== '') query.set(NAMES[field], form[field]);
  return `/search?${query}`;
}

/** The filter in the words of the interface; undefined where nothing is left out. Throws Error with what is wrong. */
export function filterOf({ path, type, after, before, metadata }: SearchForm): object | undefined {
  const types = type.split(/[\s,]+/).filter((one) => one !== '');
  const conditions = metadata
    .split(',')
    .filter((one) => one.trim() !== '')
    .map(readComparison);
  const [first] = conditions;
  const joined: MetadataFilter | undefined =
    conditions.length > 1 ? { type: 'and', filters: conditions } : first;
  const filter = {
    ...(path === '' ? {} : { path }),
    ...(types.length === 0 ? {} : { type: types }),
    ...(after === '' ? {} : { after }),
    ...(before === '' ? {} : { before }),
    ...(joined === undefined ? {} : { metadata: joined }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

const COMPARISONS: Readonly<Record<string, MetadataComparison['type']>> = {
  '=': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
};

function readComparison(text: string): MetadataComparison {
  const [, key, sign, value] = /^\s*([^\s=!<>]+)\s*(!=|>=|<=|=|>|<)\s*(.*?)\s*$/.exec(text) ?? [];
  const type = COMPARISONS[sign ?? ''];
  if (key === undefined || value === undefined || type === undefined)
    throw new Error(`“${text.trim()}” is no condition; write one like ward = icu or year >= 2024`);
  return { type, key, value: readValue(value) };
}

function readValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text.replace(/^"(.*)"$/, '$1');
}
