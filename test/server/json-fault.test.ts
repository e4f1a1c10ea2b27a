import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJsonBody } from '../../src/server/json-body.ts';
import { jsonFault } from '../../src/server/json-fault.ts';

it.each([
  ['not json', 'unexpected character at position 0'],
  ['hello', 'unexpected character at position 0'],
  ['{"a":Infinity}', 'unexpected character at position 5'],
  ['{"a":1\n,"b":tru}', 'unexpected character at position 12, line 2'],
  ['{"a":1}}', 'unexpected character at position 7'],
  ['{"a":1,}', 'unexpected character at position 7'],
  ["{'a':1}", 'unexpected character at position 1'],
  ['{"a":01}', 'unexpected character at position 5'],
  ['{"a":"\\x"}', 'unexpected character at position 6'],
  ['{"a":"\\u12g4"}', 'unexpected character at position 6'],
  ['{"a":[1 2]}', 'unexpected character at position 8'],
  ['', 'it is empty'],
  [' \n', 'it is empty'],
  ['{"a":', 'it ends too early'],
  ['{"a":tr', 'it ends too early'],
  ['{"a":"\\u00', 'it ends too early'],
])('%s: %s', (text, why) => {
  const parse = () => parseJsonBody(Buffer.from(text), { jsonDepth: 9, messages: 9 });
  expect(parse).toThrow(`the body is not valid JSON (${why})`);
});

it('says of every cut object that it ends too early, and of a wrong sign never', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(objects, fc.nat(), (value, where) => {
      const text = JSON.stringify(value);
      const at = where % text.length;
      if (at > 0) expect(jsonFault(text.slice(0, at))).toBe('it ends too early');
      const place = /position (\d+)/.exec(jsonFault(`${text.slice(0, at)}\u0001${text.slice(at)}`));
      expect(Number(place?.[1])).toBeLessThanOrEqual(at);
    }),
  );
});
