import type { JsonObject, JsonValue, ResponseFormat } from '../core/chat.ts';
import type { GateSpoke } from './spoke.ts';

/** What a schema may call how sure a number is. */
const CONFIDENCE: ReadonlySet<string> = new Set([
  'confidence',
  'certainty',
  'probability',
  'sureness',
]);

/** Whether a classifier gives a text a number and no label. */
export function givesNumbers({ kind, tasks }: Pick<GateSpoke, 'kind' | 'tasks'>): boolean {
  return kind === 'classifier' && tasks.includes('score');
}

/** Whether a number, and how sure it is, makes a whole answer of this form. */
export function takesNumber(format: ResponseFormat | undefined): boolean {
  if (format?.type !== 'json-schema') return true;
  const { schema } = format;
  if (isNumber(schema)) return true;
  const properties = Object.entries(propertiesOf(schema));
  if (properties.length === 0) return schema['type'] === undefined || allows(schema, 'object');
  const place = numberOf(schema);
  const { required } = schema;
  return (
    place !== undefined &&
    properties.every(
      ([name, node]) =>
        name === place ||
        (isNumber(objectOf(node)) && isSureness(name)) ||
        allows(objectOf(node), 'null') ||
        !(Array.isArray(required) && required.includes(name)),
    )
  );
}

/** Whether a schema asks for the number that the spoke is named for, and for nothing else. */
export function asksForNumberOf(
  { id }: Pick<GateSpoke, 'id'>,
  format: ResponseFormat | undefined,
): boolean {
  if (format?.type !== 'json-schema') return false;
  const names = Object.keys(propertiesOf(format.schema));
  const [own] = id.split('@');
  return (
    plain(numberOf(format.schema) ?? '') === plain(own ?? id) &&
    names.every((name) => plain(name) === plain(own ?? id) || isSureness(name))
  );
}

/** The property that a number is asked for in. */
function numberOf(schema: JsonObject): string | undefined {
  const names = Object.entries(propertiesOf(schema))
    .filter(([, node]) => isNumber(objectOf(node)))
    .map(([name]) => name);
  return names.find((name) => !isSureness(name)) ?? names[0];
}

function isSureness(name: string): boolean {
  return CONFIDENCE.has(name.toLowerCase());
}

function isNumber(node: JsonObject): boolean {
  const { enum: choices } = node;
  if (Array.isArray(choices)) return choices.some((one) => typeof one === 'number');
  return allows(node, 'number') || allows(node, 'integer');
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_. ]+/g, '');
}

function propertiesOf(schema: JsonObject): JsonObject {
  return objectOf(schema['properties']);
}

function allows({ type }: JsonObject, wanted: string): boolean {
  return Array.isArray(type) ? type.includes(wanted) : type === wanted;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
