import type { JsonObject, JsonValue } from '../../core/chat.ts';
import type { ModelRequest } from '../../core/ports.ts';
import type { VendorQuirks } from '../../core/vendor-quirks.ts';

/** Unknown fields of a thing at any place of a request; none where they are of another dialect. */
export type Extra = (thing: { readonly extra?: JsonObject }) => JsonObject | undefined;

/** `response_format` as the server knows it. */
export function wireResponseFormat(
  { jsonSchema: schema, schemaWire = { name: 'answer' } }: ModelRequest,
  extra: Extra,
  { schemas }: VendorQuirks,
): JsonValue | undefined {
  if (schema === undefined) return undefined;
  if (schema === true || schemas === 'prompt') return { type: 'json_object' };
  const strict = schemas === 'strict' && isClosed(schema) ? { strict: true } : {};
  return {
    type: 'json_schema',
    json_schema: { ...strict, ...extra(schemaWire), name: schemaWire.name, schema },
  };
}

/** The schema in words, for servers that know JSON but no schemas. */
export function schemaPrompt(
  { jsonSchema }: ModelRequest,
  { schemas }: VendorQuirks,
): { role: 'system'; content: string }[] {
  if (schemas !== 'prompt' || jsonSchema === undefined || jsonSchema === true) return [];
  return [{ role: 'system', content: schemaWords(jsonSchema) }];
}

/** Tells a model the form of its answer; `true` = any JSON object. */
export function schemaWords(schema: JsonObject | true): string {
  if (schema === true) return 'Answer with one JSON object.';
  return `Answer with one JSON object that this JSON Schema accepts:\n${JSON.stringify(schema)}`;
}

/** Strict binding takes only objects that list all their properties as required and allow no others. */
function isClosed(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (isList(value)) return value.every(isClosed);
  const properties = value['properties'];
  if (value['type'] === 'object' && !closes(value, properties)) return false;
  return Object.values(value).every(isClosed);
}

function closes(schema: JsonObject, properties: JsonValue | undefined): boolean {
  const { required, additionalProperties } = schema;
  if (typeof properties !== 'object' || properties === null) return false;
  return (
    additionalProperties === false &&
    required !== undefined &&
    isList(required) &&
    Object.keys(properties).every((name) => required.includes(name))
  );
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
