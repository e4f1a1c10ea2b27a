import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';
import { schemaFindings } from './json-schema.ts';

/** Longest JSON answer that is parsed, in characters. */
const LONGEST_JSON = 4_000_000;

/** Is the answer JSON that the schema accepts? `true` asks for any JSON object. */
export function checkSchema(text: string, schema: JsonObject | true): CheckResult {
  if (text.length > LONGEST_JSON) return failed('schema', 0, 'the JSON is too long to check');
  const value = parseJson(text);
  if (value === undefined) return failed('schema', 0, 'the answer is not valid JSON');
  if (schema === true) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject
      ? passed('schema', 1, 'the answer is a JSON object')
      : failed('schema', 0, 'the answer is JSON but not an object');
  }
  const { problems, unchecked } = schemaFindings(value, schema);
  if (problems.length === 0)
    return passed('schema', 1, `the answer fits its JSON Schema${exceptWords(unchecked)}`);
  return failed('schema', 0, problems.slice(0, 3).join('; '));
}

/** What a check has to add where keywords of a schema were not looked at. */
export function exceptWords(unchecked: readonly string[]): string {
  if (unchecked.length === 0) return '';
  const words = unchecked.map((word) => `\`${word}\``).join(', ');
  return `, except ${words}, which ${unchecked.length === 1 ? 'is' : 'are'} not checked`;
}

/** The JSON value of a text, undefined when it is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
