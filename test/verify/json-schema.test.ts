import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { JsonObject, JsonValue } from '../../src/core/chat.ts';
import { schemaFindings } from '../../src/verify/json-schema.ts';
import { checkSchema } from '../../src/verify/schema.ts';
import { patternMatcher } from '../../src/verify/schema-pattern.ts';
import { checkToolCalls } from '../../src/verify/tool-call.ts';

const fits = (value: JsonValue, schema: JsonObject) =>
  schemaFindings(value, schema).problems.length === 0;

describe('keywords of a JSON Schema', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'date',
      ['2024-02-29', '2000-02-29'],
      ['2023-02-29', '1900-02-29', '2024-13-01', '24-1-1', ''],
    ],
    ['time', ['10:20:30Z', '23:59:60Z', '15:59:60.5-08:00'], ['10:20', '24:00:00Z', '22:59:60Z']],
    ['date-time', ['2024-01-01T00:00:00.1+01:00'], ['2024-01-01 00:00:00Z', '2024-01-01']],
    [
      'email',
      ['a.b@example.org', '"a b"@x.org', 'a@[127.0.0.1]'],
      ['a..b@x.org', 'a@', '@x', 'ab'],
    ],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567e89b12d3a456426614174000', 'x']],
    ['uri', ['https://x.org/a?b#c', 'urn:a:b', 'http://[::1]:80/'], ['/a', 'http://a b', 'a:%zz']],
    ['ipv4', ['127.0.0.1', '255.255.255.255'], ['1.2.3', '256.1.1.1', '01.2.3.4']],
    [
      'ipv6',
      ['::', '::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'],
      ['1::2::3', ':1', '1:2', '12345::'],
    ],
    ['hostname', ['a', 'x-y.example'], ['-a', 'a-', 'a..b', 'a_b', '']],
  ])('format %s', (format, right, wrong) => {
    for (const text of right) expect(fits(text, { format }), text).toBe(true);
    for (const text of wrong) expect(fits(text, { format }), text).toBe(false);
  });

  it('multipleOf counts as the numbers are written', () => {
    for (const [value, multipleOf] of [
      [0.3, 0.1],
      [19.99, 0.01],
      [1e21, 10],
      [0, 7],
      [-9, 3],
    ] as const)
      expect(fits(value, { multipleOf })).toBe(true);
    for (const [value, multipleOf] of [
      [7, 2],
      [0.35, 0.1],
      [1e-7, 1],
    ] as const)
      expect(fits(value, { multipleOf })).toBe(false);
  });

  it('uniqueItems, not, and the number of properties', () => {
    expect(
      fits(
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        { uniqueItems: true },
      ),
    ).toBe(false);
    expect(fits([1, '1'], { uniqueItems: true })).toBe(true);
    expect(fits('a', { not: { type: 'string' } })).toBe(false);
    expect(fits({}, { minProperties: 1 })).toBe(false);
    expect(fits({ a: 1, b: 1 }, { maxProperties: 1 })).toBe(false);
  });

  it('a pattern is matched, also one that makes others backtrack for ever', () => {
    expect(fits('AB-12', { pattern: '^[A-Z]{2}-\\d+$' })).toBe(true);
    expect(fits('AB-', { pattern: '^[A-Z]{2}-\\d+$' })).toBe(false);
    expect(fits(`${'a'.repeat(2000)}!`, { pattern: '^(a+)+$' })).toBe(false);
  });

  it('what was not checked is said', () => {
    const words = (schema: JsonObject, value: JsonValue) =>
      checkSchema(JSON.stringify(value), schema).detail;
    expect(words({ pattern: '^a$' }, 'a')).toBe('the answer fits its JSON Schema');
    expect(words({ pattern: '(?=a)' }, 'b')).toBe(
      'the answer fits its JSON Schema, except `pattern`, which is not checked',
    );
    expect(words({ format: 'iri', if: {} }, 'b')).toBe(
      'the answer fits its JSON Schema, except `if`, `format`, which are not checked',
    );
    const long = Array.from({ length: 1000 }, () => 'a'.repeat(1000));
    expect(words({ items: { pattern: '^(a*)*b?$' } }, long)).toContain('except `pattern`');
    const call = { id: '1', name: 'f', arguments: '{"a":"b"}' };
    const parameters = { properties: { a: { pattern: '(?=a)' } } };
    expect(checkToolCalls([call], [{ name: 'f', parameters }]).detail).toContain(
      'except `pattern`',
    );
    expect(words({ oneOf: [{ pattern: '(?=a)' }, { pattern: '(?!a)' }] }, 'b')).toContain('except');
  });
});

it('a pattern matches exactly where the engine of the language does', () => {
  const random = seededRandom(7);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const make = (depth: number): string => {
    const kind = depth === 0 ? 0 : Math.floor(random() * 5);
    if (kind === 1) return make(depth - 1) + make(depth - 1);
    if (kind === 2) return `(${make(depth - 1)}|${make(depth - 1)})`;
    if (kind === 3) return `(?:${make(depth - 1)})${pick(['*', '+', '?', '{2}', '{1,2}', '{0,}'])}`;
    if (kind === 4) return `(^${make(depth - 1)}|${make(depth - 1)}$)`;
    return pick(['a', 'b', '[ab]', '[^a]', '.', '\\d', '\\W', '[b-d1]', '\\u0061', '\\.', '😀']);
  };
  for (let round = 0; round < 1500; round += 1) {
    const pattern = make(4);
    const matcher = patternMatcher(pattern);
    const text = Array.from({ length: Math.floor(random() * 6) }, () =>
      pick(['a', 'b', '1', '.', '\n', '😀']),
    ).join('');
    expect(matcher?.(text, { left: 1e6 }), `${pattern} on ${text}`).toBe(
      new RegExp(pattern, 'u').test(text),
    );
  }
});
