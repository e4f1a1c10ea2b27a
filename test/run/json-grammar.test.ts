import { getLlama } from 'node-llama-cpp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import { jsonGrammar } from '../../src/run/json-grammar.ts';

interface TestableGrammar {
  _testText(text: string): boolean;
}

let llama: Awaited<ReturnType<typeof getLlama>>;

beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: 'never', logger: () => undefined });
});

/** What the engine itself says about a text. */
async function accepts(schema: JsonObject | true, text: string): Promise<boolean> {
  const grammar = await llama.createGrammar({ grammar: jsonGrammar(schema).grammar });
  return (grammar as unknown as TestableGrammar)._testText(text);
}

const PERSON: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 },
  },
  required: ['name'],
};
const LIST: JsonObject = {
  $defs: {
    node: {
      type: 'object',
      properties: { value: { type: 'number' }, next: { $ref: '#/$defs/node' } },
      required: ['value'],
    },
  },
  $ref: '#/$defs/node',
};

const CASES: readonly (readonly [schema: JsonObject | true, text: string, isAccepted: boolean])[] =
  [
    [true, '{}', true],
    [true, '{"a":[1,{"b":null}],"c":"\\u00e9"}', true],
    [true, '[1]', false],
    [true, '{ "a":1}', false],
    [PERSON, '{"name":"Ann"}', true],
    [PERSON, '{"name":"Ann","age":3,"tags":["a","b"]}', true],
    [PERSON, '{"name":"Ann","tags":[]}', true],
    [PERSON, '{"name": "Ann", "age":3}', true],
    [PERSON, '{"name":"Ann",  "age":3}', false],
    [PERSON, '{"name" :"Ann"}', false],
    [PERSON, '{\n"name":"Ann"}', false],
    [PERSON, '{"age":3}', false],
    [PERSON, '{"age":3,"name":"Ann"}', false],
    [PERSON, '{"name":"Ann","age":1.5}', false],
    [PERSON, '{"name":"Ann","tags":["a","b","a"]}', false],
    [PERSON, '{"name":"Ann","tags":["c"]}', false],
    [PERSON, '{"name":"Ann","extra":1}', false],
    [PERSON, '{"name":"A\nnn"}', false],
    [LIST, '{"value":1,"next":{"value":-2.5e3}}', true],
    [LIST, '{"value":1,"next":{}}', false],
    [{ type: ['string', 'null'] }, 'null', true],
    [{ type: ['string', 'null'] }, '"x"', true],
    [{ type: ['string', 'null'] }, '1', false],
    [{ type: 'boolean', nullable: true }, 'null', true],
    [{ anyOf: [{ const: 'a"b' }, { type: 'boolean' }] }, '"a\\"b"', true],
    [{ anyOf: [{ const: 'a"b' }, { type: 'boolean' }] }, 'false', true],
    [{ anyOf: [{ const: 'a"b' }, { type: 'boolean' }] }, '"a"', false],
    [{ const: { a: [1, 'ü\\'] } }, '{"a":[1,"ü\\\\"]}', true],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"ab"', true],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"äöü"', true],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"a"', false],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"abcd"', false],
    [{ type: 'string', maxLength: 0 }, '""', true],
    [{ type: 'string', maxLength: 0 }, '"a"', false],
    [{ type: 'array', items: { type: 'null' }, minItems: 2 }, '[null,null,null]', true],
    [{ type: 'array', items: { type: 'null' }, minItems: 2 }, '[null]', false],
    [{ type: 'array', maxItems: 0 }, '[]', true],
    [{ type: 'array' }, '[1,"a",[]]', true],
    [{ type: 'object', properties: {}, additionalProperties: false }, '{}', true],
    [{ type: 'object', properties: {}, additionalProperties: false }, '{"a":1}', false],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{"a":1,"b":2}', true],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{"a":"x"}', false],
    [
      { properties: { ab: { type: 'integer' } }, additionalProperties: true },
      '{"ab":1,"abc":"x","a":[],"":null}',
      true,
    ],
    [{ properties: { ab: { type: 'integer' } }, additionalProperties: true }, '{"abc":"x"}', true],
    [{ properties: { ab: { type: 'integer' } }, additionalProperties: true }, '{"ab":"x"}', false],
    [
      { properties: { ab: { type: 'integer' } }, additionalProperties: true },
      '{"\\u0061b":"x"}',
      false,
    ],
    [
      { properties: { 'a-]^\\': { type: 'null' } }, additionalProperties: { type: 'null' } },
      '{"a-":null}',
      true,
    ],
    [{ type: 'object', required: ['a'] }, '{"a":[]}', true],
    [{ type: 'object', required: ['a'] }, '{}', false],
    [{ allOf: [{ type: 'null' }] }, 'null', true],
    [{ type: 'integer' }, '-0', true],
    [{ type: 'integer' }, '01', false],
    [{ type: 'number' }, '1.', false],
  ];

const FAULTS: readonly (readonly [schema: JsonObject, path: string])[] = [
  [{ not: { type: 'null' } }, '#/not'],
  [{ type: 'object', properties: { a: { if: {} } } }, '#/properties/a/if'],
  [{ type: 'object', patternProperties: {} }, '#/patternProperties'],
  [{ type: 'text' }, '#/type'],
  [{ $ref: '#/$defs/none' }, '#/$ref'],
  [{ $ref: 'other.json' }, '#/$ref'],
  [{ $ref: '#' }, '#/$ref'],
  [
    { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' },
    '#/$defs/a/anyOf/0/$ref',
  ],
  [{ allOf: [{}, {}] }, '#/allOf'],
  [{ anyOf: [] }, '#/anyOf'],
  [{ enum: [] }, '#/enum'],
  [{ properties: { a: false }, required: ['a'] }, '#/required'],
  [{ properties: {}, required: ['a'] }, '#/required'],
  [{ type: 'array', minItems: 3, maxItems: 2 }, '#'],
  [{ type: 'string', minLength: -1 }, '#/minLength'],
  [{ type: 'string', minLength: 100_000 }, '#/minLength'],
  [{ properties: [] }, '#/properties'],
];

describe('jsonGrammar', () => {
  it.each(CASES)('%j accepts %s: %s', async (schema, text, isAccepted) => {
    expect(await accepts(schema, text)).toBe(isAccepted);
  });

  it.each(FAULTS)('refuses %j and names %s', (schema, path) => {
    try {
      jsonGrammar(schema);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CadreError);
      expect(error).toMatchObject({ code: 'invalid_request' });
      expect(String(error)).toContain(`at ${path}:`);
    }
  });

  it('notes what a later check must hold', () => {
    const { notes } = jsonGrammar({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^x' }, b: { type: 'integer', minimum: 3 } },
    });
    expect(notes).toEqual([
      '#/properties/a/pattern is left to the check',
      '#/properties/b/minimum is left to the check',
    ]);
  });

  it('refuses a schema that is nested or blown up beyond reason', () => {
    let deep: JsonObject = { type: 'null' };
    for (let level = 0; level < 100; level += 1) deep = { type: 'array', items: deep };
    expect(() => jsonGrammar(deep)).toThrow(/deeper than 64/);
    const properties = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`p${index}`, { type: 'null' }]),
    );
    expect(() => jsonGrammar({ type: 'object', properties })).toThrow(/too large/);
  });

  it('skips over a hundred optional properties without growing beyond reason', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`p${index}`, { type: 'boolean' }]),
    );
    const schema: JsonObject = { type: 'object', properties };
    expect(await accepts(schema, '{"p3":true,"p150":false}')).toBe(true);
    expect(await accepts(schema, '{"p150":true,"p3":false}')).toBe(false);
  });
});
