import type { JsonObject } from '../core/chat.ts';
import { invalidField, optionalObject } from './wire-fields.ts';

/** The dialect's own bounds. */
const MAX_PAIRS = 16;
const MAX_KEY = 64;
const MAX_VALUE = 512;

/** `metadata`: pairs of strings that are kept with the object and given back; undefined where there are none. */
export function parseMetadata(body: JsonObject): JsonObject | undefined {
  const metadata = optionalObject(body, 'metadata');
  const pairs = Object.entries(metadata ?? {});
  if (pairs.length > MAX_PAIRS) throw invalidField('metadata', `at most ${MAX_PAIRS} pairs`);
  for (const [key, value] of pairs) {
    if (key.length > MAX_KEY)
      throw invalidField('metadata', `keys of at most ${MAX_KEY} characters`);
    if (typeof value !== 'string' || value.length > MAX_VALUE)
      throw invalidField(`metadata.${key}`, `a string of at most ${MAX_VALUE} characters`);
  }
  return metadata;
}
