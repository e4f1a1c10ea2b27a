import type { JsonObject, JsonValue } from './chat.ts';

/** What a schema may call how sure a number is. */
const SURENESS: ReadonlySet<string> = new Set([
  'confidence',
  'certainty',
  'probability',
  'sureness',
]);

/** The properties of a schema of an object, by their names; none for another one. */
export function propertiesOf(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  const entries = Object.entries(objectOf(schema['properties']));
  return new Map(entries.map(([name, node]) => [name, objectOf(node)]));
}

/** Whether a number may stand there. */
export function takesNumber(node: JsonObject): boolean {
  return numbersOf(node).length > 0 || allowsType(node, 'number') || allowsType(node, 'integer');
}

/** The numbers that an `enum` allows. */
export function numbersOf({ enum: choices }: JsonObject): readonly number[] {
  return Array.isArray(choices) ? choices.filter((one) => typeof one === 'number') : [];
}

/** The property that a number is asked for in: the first that is not how sure it is. */
export function numberPlace(schema: JsonObject): string | undefined {
  const names = [...propertiesOf(schema)].flatMap(([name, node]) =>
    takesNumber(node) ? [name] : [],
  );
  return names.find((name) => !asksForSureness(name)) ?? names[0];
}

/** Whether a property is named for how sure a number is. */
export function asksForSureness(name: string): boolean {
  return SURENESS.has(name.toLowerCase());
}

export function allowsType({ type }: JsonObject, wanted: string): boolean {
  return Array.isArray(type) ? type.includes(wanted) : type === wanted;
}

export function isRequired({ required }: JsonObject, name: string): boolean {
  return Array.isArray(required) && required.includes(name);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}
