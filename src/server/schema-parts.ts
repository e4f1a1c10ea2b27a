import type { JsonObject } from '../core/chat.ts';

/** An object with named fields, for the schemas that stand beside parsers. */
export function object(
  properties: JsonObject,
  required: readonly string[],
  description?: string,
): JsonObject {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required,
  };
}

/** The schema with words for people. */
export const described = (schema: JsonObject, description: string): JsonObject => ({
  ...schema,
  description,
});

export const text = { type: 'string' };
export const count = { type: 'integer', minimum: 1 };
export const anyObject = { type: 'object' };
