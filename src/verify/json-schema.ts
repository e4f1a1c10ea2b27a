import type { JsonObject, JsonValue } from '../core/chat.ts';

/** Deepest nesting that is followed; deeper is reported as a problem, never recursed into. */
const DEEPEST = 64;
/** A report names this many problems and stops. */
const MOST_PROBLEMS = 20;

interface Walk {
  readonly root: JsonObject;
  readonly problems: string[];
}

/**
 * What is wrong with `value` by `schema`, as sentences with JSON paths; empty = valid. Knows the
 * part of JSON Schema that grammars know: type, enum, const, properties, required,
 * additionalProperties, items, prefixItems, minItems, maxItems, minLength, maxLength, minimum,
 * maximum, exclusive bounds, anyOf, oneOf, allOf and `$ref` into the same schema (`#/…`). Other
 * keywords are ignored, as the specification asks of annotations.
 */
export function schemaProblems(value: JsonValue, schema: JsonObject): readonly string[] {
  const walk: Walk = { root: schema, problems: [] };
  check(value, schema, '$', 0, walk);
  return walk.problems.slice(0, MOST_PROBLEMS);
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
  checkType(value, node, report);
  checkValues(value, node, report);
  if (typeof value === 'number') checkNumber(value, node, report);
  if (typeof value === 'string') checkString(value, node, report);
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
    const fitting = options.filter((option) => {
      const attempt: Walk = { root: walk.root, problems: [] };
      check(value, option, path, depth + 1, attempt);
      return attempt.problems.length === 0;
    }).length;
    if (fitting === 0 || (key === 'oneOf' && fitting > 1))
      walk.problems.push(`${path} does not match ${wanted} of the ${options.length} alternatives`);
  }
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
}

function checkString(value: string, node: JsonObject, report: (problem: string) => void): void {
  const { minLength, maxLength } = node;
  if (typeof minLength !== 'number' && typeof maxLength !== 'number') return;
  const length = [...value].length;
  if (typeof minLength === 'number' && length < minLength)
    report(`is shorter than ${minLength} characters`);
  if (typeof maxLength === 'number' && length > maxLength)
    report(`is longer than ${maxLength} characters`);
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
  const rest = node['additionalProperties'];
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
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index] ?? null));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] ?? null, b[key] ?? null))
  );
}
