import type { JsonValue, ResponseFormat } from '../core/chat.ts';

/** A schema deeper than this asks for more than a label. */
const MAX_DEPTH = 3;

/**
 * The strings that a schema lets the answer choose from, when the answer is nothing but that
 * choice: `{enum: […]}`, or an object with one such property.
 */
export function enumOf(format: ResponseFormat | undefined): readonly string[] | undefined {
  return format?.type === 'json-schema' ? find(format.schema, 0) : undefined;
}

function find(schema: JsonValue | undefined, depth: number): readonly string[] | undefined {
  if (depth > MAX_DEPTH || typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return undefined;
  const node = schema as { readonly [key: string]: JsonValue };
  const choices = node['enum'];
  if (Array.isArray(choices)) {
    return choices.every((choice): choice is string => typeof choice === 'string')
      ? choices
      : undefined;
  }
  const properties = node['properties'];
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
    return undefined;
  const values = Object.values(properties) as JsonValue[];
  return values.length === 1 ? find(values[0], depth + 1) : undefined;
}

/**
 * Whether a label, and how sure it is, makes a whole answer of this form: a string, or an object that
 * requires nothing but one string and one number.
 */
export function takesLabel(format: ResponseFormat | undefined): boolean {
  if (format === undefined || format.type !== 'json-schema') return true;
  const schema = objectOf(format.schema);
  if (Array.isArray(schema['enum']) || allows(schema, 'string')) return true;
  const properties = Object.entries(objectOf(schema['properties']));
  const words = properties.filter(([, node]) => isWord(objectOf(node))).map(([name]) => name);
  const numbers = properties.filter(([, node]) => allows(objectOf(node), 'number'));
  if (words.length === 0) return properties.length === 0;
  const given = new Set([words[0], numbers[0]?.[0]]);
  const { required } = schema;
  return !Array.isArray(required) || required.every((name) => given.has(String(name)));
}

function isWord(node: { readonly [key: string]: JsonValue }): boolean {
  return Array.isArray(node['enum']) || allows(node, 'string');
}

function allows(node: { readonly [key: string]: JsonValue }, type: string): boolean {
  const declared = node['type'];
  return Array.isArray(declared) ? declared.includes(type) : declared === type;
}

function objectOf(value: JsonValue | undefined): { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue })
    : {};
}
