import type { JsonObject, JsonValue } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';

/** What a specialist for fields found in a text. */
interface FoundFields {
  readonly fields: JsonObject;
  readonly spans: readonly { readonly label: string; readonly text: string }[];
}

/**
 * Found fields in the shape of the request's schema: each property of an object by the name of its
 * field, as text, as a number, or as the list of all its values; one that the text does not have is
 * null, or left out where it is not required. Undefined where the schema names none of the fields and
 * has no properties; throws `invalid_request` where a field that is missing must be there.
 */
export function fieldsBySchema(answer: JsonObject, schema: JsonObject): JsonObject | undefined {
  const properties = Object.entries(objectOf(schema['properties']));
  const found = foundOf(answer);
  if (found === undefined || properties.length === 0) return undefined;
  const isOwn = properties.every(([name]) => name === 'fields' || name === 'spans');
  if (isOwn) return answer;
  if (properties.every(([name]) => !Object.hasOwn(found.fields, name)))
    throw refusal(
      `this specialist finds ${Object.keys(found.fields).join(', ')}; the schema names none of them`,
    );
  const required = schema['required'];
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  return Object.fromEntries(
    properties.flatMap(([name, node]): [string, JsonValue][] => {
      const value = propertyOf(name, objectOf(node), found);
      if (value !== undefined) return [[name, value]];
      if (allows(objectOf(node), 'null')) return [[name, null]];
      if (!isRequired(name)) return [];
      throw refusal(`the text has no \`${name}\`, and the schema does not let it be null`);
    }),
  );
}

function foundOf({ fields, spans }: JsonObject): FoundFields | undefined {
  if (!Array.isArray(spans)) return undefined;
  return { fields: objectOf(fields), spans: spans as unknown as FoundFields['spans'] };
}

function propertyOf(name: string, node: JsonObject, { fields, spans }: FoundFields) {
  if (allows(node, 'array'))
    return spans.filter((one) => one.label === name).map((one) => one.text);
  const text = fields[name];
  if (typeof text !== 'string') return undefined;
  if (allows(node, 'string')) return text;
  return allows(node, 'number') || allows(node, 'integer') ? numberIn(text) : text;
}

/** Groups of three digits by one and the same mark. */
const GROUPED = /^-?\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3})+)$/;

/** `€1,200.50` → 1200.5, `1.200,50` → 1200.5, `12,5` → 12.5; undefined where there is no number. */
function numberIn(text: string): number | undefined {
  const digits = /-?\d[\d.,]*/.exec(text)?.[0].replace(/[.,]+$/, '');
  if (digits === undefined) return undefined;
  const mark = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (mark < 0 || GROUPED.test(digits)) return Number(digits.replace(/[.,]/g, ''));
  return Number(`${digits.slice(0, mark).replace(/[.,]/g, '')}.${digits.slice(mark + 1)}`);
}

function allows(node: JsonObject, type: string): boolean {
  const { type: declared } = node;
  return Array.isArray(declared) ? declared.includes(type) : declared === type;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function refusal(words: string): CadreError {
  return new CadreError('invalid_request', words, { param: 'response_format' });
}
