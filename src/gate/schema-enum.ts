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
