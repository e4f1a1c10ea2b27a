import type { JsonObject, JsonValue } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';

/** Reads fields of a wire object; every refusal names the field as `param`. null counts as absent. */
export function invalidField(param: string, expected: string): CadreError {
  return new CadreError('invalid_request', `${param} must be ${expected}`, { param });
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * The fields of an object that the house does not know, as they are; undefined where there are none.
 * Object.fromEntries defines own properties, so `__proto__` in a body stays data.
 */
export function extraFields(
  object: JsonObject,
  known: ReadonlySet<string>,
): { readonly extra?: JsonObject } {
  const unknown: string[] = [];
  for (const name in object) if (!known.has(name)) unknown.push(name);
  if (unknown.length === 0) return {};
  return { extra: Object.fromEntries(unknown.map((name) => [name, object[name] ?? null])) };
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** `min` itself is refused. */
  readonly above?: boolean;
}

export function optionalNumber(
  object: JsonObject,
  name: string,
  range: NumberRange,
  path = name,
): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const fits =
    typeof value === 'number' &&
    value <= range.max &&
    (range.above ? value > range.min : value >= range.min) &&
    (!range.integer || Number.isSafeInteger(value));
  if (fits) return value;
  const kind = range.integer ? 'a whole number' : 'a number';
  const low = range.above ? `above ${range.min}` : `at least ${range.min}`;
  const high = range.max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${range.max}`;
  throw invalidField(path, `${kind}, ${low}${high}`);
}

export function optionalBoolean(
  object: JsonObject,
  name: string,
  path = name,
): boolean | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalidField(path, 'true or false');
}

export function optionalText(
  object: JsonObject,
  name: string,
  path = name,
  maxLength = Number.MAX_SAFE_INTEGER,
): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.length <= maxLength) return value;
  const bound = maxLength === Number.MAX_SAFE_INTEGER ? '' : ` of at most ${maxLength} characters`;
  throw invalidField(path, `a string${bound}`);
}

export function requiredText(object: JsonObject, name: string, path = name): string {
  const value = object[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalidField(path, 'a string that is not empty');
}

export function optionalObject(
  object: JsonObject,
  name: string,
  path = name,
): JsonObject | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw invalidField(path, 'an object');
}

const MAX_STOPS = 16;

/** Texts that end an answer, a list or one alone; undefined where there are none. */
export function optionalStops(value: JsonValue | undefined, path: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = isList(value) ? value : [value];
  if (list.length > MAX_STOPS) throw invalidField(path, `at most ${MAX_STOPS} strings`);
  const stops = list.map((one, index) => {
    if (typeof one === 'string' && one !== '') return one;
    throw invalidField(isList(value) ? `${path}[${index}]` : path, 'a string that is not empty');
  });
  return stops.length === 0 ? undefined : stops;
}

export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The properties that have a value. */
export function given<T extends object>(object: T): Given<T> {
  const kept: Given<T> = {};
  for (const name in object) {
    const value = object[name];
    if (value !== undefined) kept[name] = value as Exclude<T[typeof name], undefined>;
  }
  return kept;
}
