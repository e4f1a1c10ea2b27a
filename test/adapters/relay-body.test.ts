import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spliceBody } from '../../src/adapters/models/relay-body.ts';
import { parseJsonText } from '../../src/server/json-body.ts';

const LIMITS = { jsonDepth: 64, messages: 1000 };
const splice = (text: string, fields: Parameters<typeof spliceBody>[1]) => {
  const { bytes, members } = parseJsonText(Buffer.from(text), LIMITS);
  return spliceBody({ body: bytes, members }, fields).toString();
};

describe('a relayed body', () => {
  it('keeps every other byte as it came', () => {
    const text = '{ "model" : "a", "x":{"model": 1.0e2,\n"y":[ ]} ,"cadre":{}, "z": "\\u00e9" }';
    expect(splice(text, { model: 'b', cadre: undefined })).toBe(
      '{"model":"b","x":{"model": 1.0e2,\n"y":[ ]} ,"z": "\\u00e9" }',
    );
    expect(splice('{}', { model: 'b' })).toBe('{"model":"b"}');
    expect(splice('{"a":1}', { a: undefined })).toBe('{}');
    expect(splice('{"a":1,"b":[2]}', {})).toBe('{"a":1,"b":[2]}');
  });

  it('is the object with the fields set and left out, whatever stands in it', () => {
    const name = fc.oneof(fc.constantFrom('model', 'cadre', 'max_tokens', 'n'), fc.string());
    const object = fc.dictionary(name, fc.jsonValue(), { maxKeys: 8 });
    fc.assert(
      fc.property(object, fc.boolean(), (given, spaced) => {
        const text = JSON.stringify(given, null, spaced ? 2 : undefined);
        fc.pre(JSON.stringify(given).isWellFormed() && !/\\ud[89a-f]/i.test(text));
        const { cadre: _cadre, ...rest } = JSON.parse(text) as Record<string, unknown>;
        expect(JSON.parse(splice(text, { model: 'm', cadre: undefined }))).toEqual({
          ...rest,
          model: 'm',
        });
      }),
    );
  });
});
