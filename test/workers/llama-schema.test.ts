import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import type { LoadedModel } from '../../src/core/ports.ts';
import { ask, loadModel, randomModel, request } from './llama-harness.ts';

const file = randomModel({ seed: 3 });
let loaded: LoadedModel;

beforeAll(async () => {
  loaded = await loadModel(file.path, { contextTokens: 4096 });
});
afterAll(async () => {
  await loaded.doUnload();
  file.remove();
});

/** Schemas whose answers are short, so that random weights come to an end. */
const schemas = fc.letrec<{ schema: JsonObject; object: JsonObject }>((tie) => ({
  object: fc
    .array(
      fc.record({
        name: fc.constantFrom('a', 'b-c', 'ü"', 'd\\', 'long name', ''),
        schema: tie('schema'),
        isRequired: fc.boolean(),
      }),
      { maxLength: 4 },
    )
    .map((members) => ({
      type: 'object',
      properties: Object.fromEntries(members.map(({ name, schema }) => [name, schema])),
      required: [...new Set(members.filter((it) => it.isRequired).map((it) => it.name))],
      additionalProperties: false,
    })),
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constant({ type: 'integer' }),
    fc.constant({ type: 'number' }),
    fc.constant({ type: ['boolean', 'null'] }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(3), maxLength: fc.constant(6) }),
    fc.record({
      enum: fc.uniqueArray(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('array'),
      items: tie('schema'),
      minItems: fc.nat(2),
      maxItems: fc.constant(3),
    }),
    tie('schema').map((inner) => ({ anyOf: [inner, { const: 'other' }] })),
    tie('object'),
  ) as fc.Arbitrary<JsonObject>,
})).schema;

describe('an answer that is bound to a schema', () => {
  it('parses and validates, whatever the weights would like to say', async () => {
    let finished = 0;
    await fc.assert(
      fc.asyncProperty(schemas, fc.nat(1000), async (jsonSchema, seed) => {
        const sampling = { temperature: 1.2, topP: 1, topK: 300, seed };
        const asked = request('Data', { jsonSchema, sampling, maxTokens: 1500 });
        const { text, ended } = await ask(loaded.model, asked);
        if (ended.finishReason !== 'stop') return;
        finished += 1;
        const value = JSON.parse(text) as JsonValue;
        expect(problemOf(jsonSchema, value)).toBeUndefined();
        expect(text).toBe(withoutIdleSpace(text));
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(finished).toBeGreaterThan(50);
  });
});

/** White space outside strings removed. */
function withoutIdleSpace(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? '');
}

/** A small validator of the keywords above, written apart from the grammar. */
function problemOf(schema: JsonObject, value: JsonValue): string | undefined {
  if (Array.isArray(schema['anyOf']))
    return schema['anyOf'].some((it: JsonObject) => problemOf(it, value) === undefined)
      ? undefined
      : 'none of anyOf';
  if (schema['const'] !== undefined)
    return schema['const'] === value ? undefined : 'not the constant';
  if (Array.isArray(schema['enum'])) {
    const texts = schema['enum'].map((it: JsonValue) =>
      JSON.stringify(JSON.parse(JSON.stringify(it))),
    );
    return texts.includes(JSON.stringify(value)) ? undefined : 'not in the list';
  }
  const types = [schema['type']].flat();
  if (!types.some((type) => isOfType(String(type), value)))
    return `${JSON.stringify(value)} is not ${types.join(' or ')}`;
  if (typeof value === 'string') {
    const length = [...value].length;
    const isShort = length < Number(schema['minLength'] ?? 0);
    return isShort || length > Number(schema['maxLength'] ?? length) ? 'wrong length' : undefined;
  }
  if (Array.isArray(value)) {
    if (value.length < Number(schema['minItems']) || value.length > Number(schema['maxItems']))
      return 'wrong number of items';
    return value.map((item) => problemOf(schema['items'] as JsonObject, item)).find(Boolean);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const properties = schema['properties'] as Record<string, JsonObject>;
  for (const name of schema['required'] as string[])
    if (!Object.hasOwn(value, name)) return `${name} is missing`;
  for (const [name, item] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (inner === undefined) return `${name} is not allowed`;
    const problem = problemOf(inner, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isOfType(type: string, value: JsonValue): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type === 'string' ? typeof value === 'string' : isPlain(type, value);
}

function isPlain(type: string, value: JsonValue): boolean {
  return type === 'number' ? typeof value === 'number' : typeof value === 'boolean';
}
