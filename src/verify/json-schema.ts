import type { JsonObject, JsonValue } from '../core/chat.ts';
import { hasFormat } from './schema-format.ts';
import { isMultiple } from './schema-multiple.ts';
import { type PatternMatcher, patternMatcher, type StepBudget } from './schema-pattern.ts';

/** Deepest nesting that is followed; deeper is reported as a problem, never recursed into. */
const DEEPEST = 64;
/** A report names this many problems and stops. */
const MOST_PROBLEMS = 20;

/** Steps of all patterns of one answer: 4 to 9 ms of a warm process, about 25,000 characters of simple patterns. */
const PATTERN_STEPS = 100_000;
/** Keywords that bind an answer and that nobody looks at here. */
const UNCHECKED =
  'contains minContains maxContains patternProperties propertyNames dependentRequired dependentSchemas dependencies if additionalItems unevaluatedProperties unevaluatedItems $dynamicRef $recursiveRef'.split(
    ' ',
  );

interface Walk {
  readonly root: JsonObject;
  readonly problems: string[];
  /** Keywords that this value met and that were not checked. */
  readonly unchecked: Set<string>;
  readonly patterns: Map<string, PatternMatcher | undefined>;
  readonly steps: StepBudget;
}

export interface SchemaFindings {
  /** Sentences with JSON paths, 20 at most; empty = nothing is wrong. */
  readonly problems: readonly string[];
  /** Keywords that bind the value and were not checked; empty = it fits wholly. */
  readonly unchecked: readonly string[];
}

/**
 * What is wrong with `value` by `schema`, and what nobody looked at. Checks type, enum, const,
 * properties, required, additionalProperties, minProperties, maxProperties, items, prefixItems,
 * minItems, maxItems, uniqueItems, minLength, maxLength, the usual formats, patterns that can be
 * matched in linear time, minimum, maximum, exclusive bounds, multipleOf, anyOf, oneOf, allOf, not
 * and `$ref` into the same schema (`#/…`). Words that JSON Schema does not have are annotations.
 */
export function schemaFindings(value: JsonValue, schema: JsonObject): SchemaFindings {
  const walk: Walk = {
    root: schema,
    problems: [],
    unchecked: new Set(),
    patterns: new Map(),
    steps: { left: PATTERN_STEPS },
  };
  check(value, schema, '$', 0, walk);
  return { problems: walk.problems.slice(0, MOST_PROBLEMS), unchecked: [...walk.unchecked] };
}

/** What is wrong with `value` by `schema`, as sentences with JSON paths. */
export function schemaProblems(value: JsonValue, schema: JsonObject): readonly string[] {
  return schemaFindings(value, schema).problems;
}

function check(value: JsonValue, node: JsonValue, path: string, depth: number, walk: Walk): void {
  if (walk.problems.length >= MOST_PROBLEMS || node === true) return;
  const report = (problem: string) => walk.problems.push(`${path} ${problem}`);
  if (node === false) return void report('is not allowed');
  if (!isObject(node)) return;
  if (depth > DEEPEST) return void report('is nested too deep');
  const reference = node['$ref'];
  if (typeof reference === 'string') {
    const target = resolveReference(reference, walk.root);
    if (target === undefined) report(`refers to the unknown schema ${reference}`);
    else check(value, target, path, depth + 1, walk);
  }
  for (const key of UNCHECKED) if (node[key] !== undefined) walk.unchecked.add(key);
  checkType(value, node, report);
  checkValues(value, node, report);
  if (typeof value === 'number') checkNumber(value, node, report);
  if (typeof value === 'string') checkString(value, node, report, walk);
  else if (typeof value === 'number' && node['format'] !== undefined) walk.unchecked.add('format');
  if (Array.isArray(value)) checkArray(value, node, path, depth, walk);
  else if (isObject(value)) checkObject(value, node, path, depth, walk);
  checkCombined(value, node, path, depth, walk);
}

function checkCombined(
  value: JsonValue,
  node: JsonObject,
  path: string,
  depth: number,
  walk: Walk,
): void {
  for (const part of listOf(node['allOf'])) check(value, part, path, depth + 1, walk);
  for (const [key, wanted] of [
    ['anyOf', 'any'],
    ['oneOf', 'exactly one'],
  ] as const) {
    const options = listOf(node[key]);
    if (options.length === 0) continue;
    const fitting = options.flatMap((option) => fits(value, option, path, depth, walk) ?? []);
    const isOpen = fitting.some((unchecked) => unchecked.size > 0);
    for (const unchecked of fitting) for (const word of unchecked) walk.unchecked.add(word);
    if (fitting.length === 0 || (key === 'oneOf' && fitting.length > 1 && !isOpen))
      walk.problems.push(`${path} does not match ${wanted} of the ${options.length} alternatives`);
  }
  if (node['not'] === undefined) return;
  const unchecked = fits(value, node['not'], path, depth, walk);
  if (unchecked?.size === 0) walk.problems.push(`${path} matches what it must not`);
  else for (const word of unchecked ?? []) walk.unchecked.add(word);
}

/** Undefined where the value does not fit; else the keywords that were not checked. */
function fits(
  value: JsonValue,
  node: JsonValue,
  path: string,
  depth: number,
  walk: Walk,
): ReadonlySet<string> | undefined {
  const attempt: Walk = { ...walk, problems: [], unchecked: new Set() };
  check(value, node, path, depth + 1, attempt);
  return attempt.problems.length === 0 ? attempt.unchecked : undefined;
}

function checkType(value: JsonValue, node: JsonObject, report: (problem: string) => void): void {
  const type = node['type'];
  if (type === undefined) return;
  const allowed = Array.isArray(type) ? type : [type];
  const fits = allowed.some(
    (one) => one === typeOf(value) || (one === 'number' && typeOf(value) === 'integer'),
  );
  if (!fits) report(`is ${typeOf(value)}, not ${allowed.join(' or ')}`);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkValues(value: JsonValue, node: JsonObject, report: (problem: string) => void): void {
  const allowed = node['enum'];
  if (Array.isArray(allowed) && !allowed.some((one) => isEqual(one, value)))
    report(`is none of the ${allowed.length} allowed values`);
  const constant = node['const'];
  if (constant !== undefined && !isEqual(constant, value)) report('is not the required value');
}

function checkNumber(value: number, node: JsonObject, report: (problem: string) => void): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node;
  if (typeof minimum === 'number' && value < minimum) report(`is below ${minimum}`);
  if (typeof maximum === 'number' && value > maximum) report(`is above ${maximum}`);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    report(`is not above ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    report(`is not below ${exclusiveMaximum}`);
  const { multipleOf } = node;
  if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(value, multipleOf))
    report(`is not a multiple of ${multipleOf}`);
}

function checkString(
  value: string,
  node: JsonObject,
  report: (problem: string) => void,
  walk: Walk,
): void {
  const { minLength, maxLength, pattern, format } = node;
  if (format !== undefined) {
    const found = typeof format === 'string' ? hasFormat(value, format) : undefined;
    if (found === undefined) walk.unchecked.add('format');
    else if (!found) report(`does not have the format ${format}`);
  }
  if (pattern !== undefined) {
    const found = typeof pattern === 'string' ? matches(value, pattern, walk) : undefined;
    if (found === undefined) walk.unchecked.add('pattern');
    else if (!found) report('does not match its pattern');
  }
  if (typeof minLength !== 'number' && typeof maxLength !== 'number') return;
  const length = [...value].length;
  if (typeof minLength === 'number' && length < minLength)
    report(`is shorter than ${minLength} characters`);
  if (typeof maxLength === 'number' && length > maxLength)
    report(`is longer than ${maxLength} characters`);
}

function matches(value: string, pattern: string, walk: Walk): boolean | undefined {
  if (!walk.patterns.has(pattern)) walk.patterns.set(pattern, patternMatcher(pattern));
  return walk.patterns.get(pattern)?.(value, walk.steps);
}

function checkArray(
  value: readonly JsonValue[],
  node: JsonObject,
  path: string,
  depth: number,
  walk: Walk,
): void {
  const { minItems, maxItems, items } = node;
  if (typeof minItems === 'number' && value.length < minItems)
    walk.problems.push(`${path} has fewer than ${minItems} items`);
  if (typeof maxItems === 'number' && value.length > maxItems)
    walk.problems.push(`${path} has more than ${maxItems} items`);
  if (node['uniqueItems'] === true && new Set(value.map(canonical)).size < value.length)
    walk.problems.push(`${path} has an item twice`);
  // A list of schemas was the older form of `prefixItems`.
  if (Array.isArray(items)) walk.unchecked.add('items');
  const first = listOf(node['prefixItems']);
  for (const [index, item] of value.entries()) {
    const schema = first[index] ?? items;
    if (schema !== undefined) check(item, schema, `${path}[${index}]`, depth + 1, walk);
    if (walk.problems.length >= MOST_PROBLEMS) return;
  }
}

function checkObject(
  value: JsonObject,
  node: JsonObject,
  path: string,
  depth: number,
  walk: Walk,
): void {
  for (const name of listOf(node['required']))
    if (typeof name === 'string' && !Object.hasOwn(value, name))
      walk.problems.push(`${path}.${name} is missing`);
  const properties = isObject(node['properties']) ? node['properties'] : {};
  const { minProperties, maxProperties } = node;
  const size = Object.keys(value).length;
  if (typeof minProperties === 'number' && size < minProperties)
    walk.problems.push(`${path} has fewer than ${minProperties} properties`);
  if (typeof maxProperties === 'number' && size > maxProperties)
    walk.problems.push(`${path} has more than ${maxProperties} properties`);
  // What no pattern of a name covers is not known without them.
  const rest = node['patternProperties'] === undefined ? node['additionalProperties'] : undefined;
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const schema = known ?? rest;
    if (known === undefined && rest === false)
      walk.problems.push(`${path}.${name} is not a known property`);
    else if (schema !== undefined) check(item, schema, `${path}.${name}`, depth + 1, walk);
    if (walk.problems.length >= MOST_PROBLEMS) return;
  }
}

function resolveReference(reference: string, root: JsonObject): JsonValue | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let node: JsonValue | undefined = root;
  for (const step of reference.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) node = node[Number(key)];
    else if (isObject(node)) node = Object.hasOwn(node, key) ? node[key] : undefined;
    else return undefined;
  }
  return node;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** Equal as JSON values: key order does not matter. */
function isEqual(a: JsonValue, b: JsonValue): boolean {
  return a === b || (isNested(a) && isNested(b) && canonical(a) === canonical(b));
}

function isNested(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}

/** One text for all JSON texts of the same value. */
function canonical(value: JsonValue): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
