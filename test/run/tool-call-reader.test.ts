import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReadPart, ToolCallReader } from '../../src/run/tool-call-reader.ts';

const NAMES = ['getWeather', 'search'];

/** All parts of a text that arrives in pieces; neighbouring text joined. */
function read(text: string, cuts: readonly number[] = []): ReadPart[] {
  const reader = new ToolCallReader(NAMES);
  const parts: ReadPart[] = [];
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, text.length]) {
    parts.push(...reader.push(text.slice(from, place)));
    from = place;
  }
  parts.push(...reader.end());
  const joined: ReadPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = { type: 'text', text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

const call = (name: string, text: string): ReadPart => ({ type: 'call', name, arguments: text });
const plain = (text: string): ReadPart => ({ type: 'text', text });

const FORMS: readonly (readonly [form: string, text: string, parts: readonly ReadPart[]])[] = [
  [
    'tags',
    '<tool_call>\n{"name": "getWeather", "arguments": {"city": "Oslo"}}\n</tool_call>',
    [call('getWeather', '{"city": "Oslo"}')],
  ],
  [
    'tags without the end tag',
    '<tool_call>{"name":"search","arguments":{}}',
    [call('search', '{}')],
  ],
  [
    'bare object',
    '{"name":"getWeather","arguments":{"city":"Oslo"}}',
    [call('getWeather', '{"city":"Oslo"}')],
  ],
  [
    'parameters for arguments',
    '{"name":"search","parameters":{"q":"a}b"}}',
    [call('search', '{"q":"a}b"}')],
  ],
  [
    'arguments as a string of JSON',
    '{"name":"search","arguments":"{\\"q\\":1}"}',
    [call('search', '{"q":1}')],
  ],
  ['no arguments', '{"name":"search"}', [call('search', '{}')]],
  [
    'the form of the API',
    '{"type":"function","function":{"name":"search","arguments":{"q":1.0}}}',
    [call('search', '{"q":1.0}')],
  ],
  ['a fence', '```json\n{"name":"search","arguments":{"q":1}}\n```', [call('search', '{"q":1}')]],
  [
    'a list',
    '[{"name":"search","arguments":{}}, {"name":"getWeather","arguments":{"city":"Rome"}}]',
    [call('search', '{}'), call('getWeather', '{"city":"Rome"}')],
  ],
  [
    'several, one after another',
    '{"name":"search","arguments":{}}\n{"name":"search","arguments":{"q":2}}\n',
    [call('search', '{}'), call('search', '{"q":2}')],
  ],
  [
    'text before and after',
    'Let me look.\n<tool_call>{"name":"search","arguments":{}}</tool_call>\nDone.',
    [plain('Let me look.'), call('search', '{}'), plain('\nDone.')],
  ],
];

const TEXTS: readonly string[] = [
  'Plain words.',
  '  indented\n\n  text\t\n',
  '{"name":"deleteAll","arguments":{}}',
  '{"city":"Oslo"}',
  '[1, 2, 3]',
  'The set {1, 2} and a list [x].',
  'function f() {\n  return { name: 1 };\n}\n',
  '```ts\nconst a = { name: "search" };\n```\n',
  '```json\n{"name":"Ann","age":3}\n```',
  '<tool_call>not json</tool_call>',
  '<tool_call>{"name":"deleteAll"}</tool_call>',
  'a < b and <b>bold</b>',
  '{"name":"search","arguments":{',
  '{"name":"search"]}',
  '<tool_',
  '``',
  '',
];

describe('ToolCallReader', () => {
  it.each(FORMS)('reads %s, however it is cut', (_, text, parts) => {
    expect(read(text)).toEqual(parts);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
        expect(read(text, cuts)).toEqual(parts);
      }),
    );
  });

  it.each(TEXTS)('releases %j unchanged', (text) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
        expect(read(text, cuts)).toEqual(text === '' ? [] : [plain(text)]);
      }),
    );
  });

  it('releases any text without a brace or a tag at once and unchanged', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ,.\n]{0,40}$/), (text) => {
        expect(read(text)).toEqual(text === '' ? [] : [plain(text)]);
      }),
    );
  });

  it('holds text back only while it can be a call', () => {
    const reader = new ToolCallReader(NAMES);
    expect(reader.push('Hello')).toEqual([plain('Hello')]);
    expect(reader.push('\n{"na')).toEqual([]);
    expect(reader.push('tion":')).toEqual([plain('\n{"nation":')]);
  });

  it('gives up on a call that never ends', () => {
    const reader = new ToolCallReader(NAMES);
    const start = '{"name":"search","arguments":{"q":"';
    reader.push(start);
    let released = '';
    for (let index = 0; index < 40 && released === ''; index += 1)
      for (const part of reader.push('x'.repeat(10_000)))
        if (part.type === 'text') released += part.text;
    expect(released.startsWith(start)).toBe(true);
  });
});
