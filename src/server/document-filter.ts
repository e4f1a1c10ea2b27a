import type { MetadataValue } from '../core/access.ts';
import type { JsonObject, JsonValue } from '../core/chat.ts';
import type {
  DocumentFilter,
  MetadataComparison,
  MetadataCompound,
  MetadataFilter,
} from '../core/document-filter.ts';
import { nearestName } from '../core/nearest.ts';
import { given, invalidField, isList, isObject } from './wire-fields.ts';

const FIELDS = ['path', 'type', 'after', 'before', 'metadata'] as const;
const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin'] as const;
const COMPOUNDS = ['and', 'or'] as const;
const MOST_VALUES = 100;
const LONGEST_TEXT = 1000;
const MOST_COMPARISONS = 100;
const DEEPEST = 8;

/** For the description of the interface; what may be in it is checked by `readDocumentFilter`. */
export const DOCUMENT_FILTER: JsonObject = {
  type: 'object',
  description:
    'Which documents are looked into: `path` (pattern, or list of them; `guides/` = all below), `type` (suffix, or list), `after` and `before` (time of change: ISO date or milliseconds), `metadata` (`{type, key, value}` or `{type: "and" | "or", filters}`, as in OpenAI’s vector stores; may also stand alone in the place of the whole filter).',
};

/** A filter as clients write it; undefined where there is none. Throws `invalid_request` with the field. */
export function readDocumentFilter(
  value: JsonValue | undefined,
  path: string,
): DocumentFilter | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalidField(path, 'an object');
  if (isMetadataFilter(value)) return { metadata: readMetadataFilter(value, path) };
  for (const name in value)
    if (!FIELDS.some((one) => one === name)) {
      const near = nearestName(name, FIELDS);
      throw invalidField(
        `${path}.${name}`,
        near ? `spelled \`${near}\`` : 'left out: it is unknown',
      );
    }
  const { metadata } = value;
  const filter = given({
    paths: readTexts(value['path'], `${path}.path`),
    types: readTexts(value['type'], `${path}.type`)?.map((one) =>
      one.toLowerCase().replace(/^\./, ''),
    ),
    after: readTime(value['after'], `${path}.after`),
    before: readTime(value['before'], `${path}.before`),
    metadata:
      metadata === undefined || metadata === null
        ? undefined
        : readMetadataFilter(metadata, `${path}.metadata`),
  });
  const { after, before } = filter;
  if (after !== undefined && before !== undefined && after >= before)
    throw invalidField(
      `${path}.before`,
      'a time after that of `after`: no document is between them',
    );
  return Object.keys(filter).length === 0 ? undefined : filter;
}

/** Also a comparison that lacks its key: a suffix of files is called like none of them. */
function isMetadataFilter(value: JsonObject): boolean {
  const { type } = value;
  return 'key' in value || 'filters' in value || isCompound(type) || isComparison(type);
}

/** A filter in the shape of OpenAI's vector stores. */
export function readMetadataFilter(value: JsonValue, path: string): MetadataFilter {
  let comparisons = 0;
  const read = (one: JsonValue, place: string, depth: number): MetadataFilter => {
    if (depth > DEEPEST) throw invalidField(place, `nested at most ${DEEPEST} deep`);
    comparisons += 1;
    if (comparisons > MOST_COMPARISONS)
      throw invalidField(path, `made of at most ${MOST_COMPARISONS} comparisons`);
    if (!isObject(one)) throw invalidField(place, 'an object');
    const { type, filters } = one;
    if (!isCompound(type)) return readComparison(one, place);
    if (!isList(filters) || filters.length === 0)
      throw invalidField(`${place}.filters`, 'a list of at least one filter');
    return {
      type,
      filters: filters.map((part, index) => read(part, `${place}.filters[${index}]`, depth + 1)),
    };
  };
  return read(value, path, 1);
}

function readComparison(object: JsonObject, path: string): MetadataComparison {
  const { type } = object;
  if (!isComparison(type))
    throw invalidField(`${path}.type`, `one of ${[...COMPARISONS, ...COMPOUNDS].join(', ')}`);
  const { key, value } = object;
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_TEXT)
    throw invalidField(`${path}.key`, 'the name of a value of the metadata');
  const takesList = type === 'in' || type === 'nin';
  if (takesList) {
    if (!isList(value) || value.length > MOST_VALUES || !value.every(isMetadataValue))
      throw invalidField(
        `${path}.value`,
        `a list of at most ${MOST_VALUES} texts, numbers or booleans`,
      );
    return { type, key, value };
  }
  if (value === undefined || !isMetadataValue(value))
    throw invalidField(`${path}.value`, 'a text, a number or a boolean');
  return { type, key, value };
}

function isCompound(type: JsonValue | undefined): type is MetadataCompound['type'] {
  return COMPOUNDS.some((one) => one === type);
}

function isComparison(type: JsonValue | undefined): type is MetadataComparison['type'] {
  return COMPARISONS.some((one) => one === type);
}

export function isMetadataValue(value: JsonValue): value is MetadataValue {
  if (typeof value === 'string') return value.length <= LONGEST_TEXT;
  return typeof value === 'number' || typeof value === 'boolean';
}

function readTexts(value: JsonValue | undefined, path: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = isList(value) ? value : [value];
  const fits = (one: JsonValue): one is string =>
    typeof one === 'string' && one !== '' && one.length <= LONGEST_TEXT;
  if (list.length > 0 && list.length <= MOST_VALUES && list.every(fits)) return list;
  throw invalidField(path, `a text or a list of 1 to ${MOST_VALUES} of them`);
}

/** Milliseconds since the epoch; a date alone is its first moment in UTC. */
function readTime(value: JsonValue | undefined, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = typeof value === 'string' && isDay(value) ? Date.parse(value) : value;
  if (typeof time === 'number' && Number.isFinite(time)) return time;
  throw invalidField(
    path,
    'a date like 2026-11-27, a time like 2026-11-27T09:00Z, or milliseconds',
  );
}

/** Does it begin with a day that the calendar has? `Date.parse` takes 31 February for 3 March. */
function isDay(text: string): boolean {
  const [, month, day = '-01'] = /^(\d{4}-\d\d)(-\d\d)?(?:T|$)/.exec(text) ?? [];
  const time = Date.parse(`${month}${day}`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(`${month}${day}`);
}
