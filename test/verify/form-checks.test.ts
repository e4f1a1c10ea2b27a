import { describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../src/core/chat.ts';
import { checkRefusal } from '../../src/verify/refusal.ts';
import { checkRepetition } from '../../src/verify/repetition.ts';
import { checkSchema } from '../../src/verify/schema.ts';
import { checkTokenConfidence } from '../../src/verify/token-confidence.ts';
import { checkToolCalls } from '../../src/verify/tool-call.ts';
import { checkTruncation } from '../../src/verify/truncation.ts';

const WEIRD = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '👩‍👩‍👧‍👦'.repeat(50),
  'a\u0301\u202e\u200b',
  '{'.repeat(500),
];
const LONG = 'The quick brown fox jumps over the lazy dog while 12 apples cost 3 euros. '
  .repeat(14_000)
  .slice(0, 1_000_000);

describe('checkTruncation', () => {
  it.each([
    ['A whole answer.', 'stop', true],
    ['A poem without a full stop', 'stop', true],
    ['A cut answ', 'length', false],
    ['', 'stop', false],
    ['```js\nconst a = 1;', 'stop', false],
    ['```js\nconst a = 1;\n```', 'stop', true],
    ['{"name":"Ada","list":[1,2', 'stop', false],
    ['{"name":"a } b"}', 'stop', true],
    ['[see the note', 'stop', true],
    ['The three reasons are:', 'stop', false],
  ] as const)('%j ended by %s', (text, reason, passes) => {
    expect(checkTruncation(text, reason).passed).toBe(passes);
  });

  it('lets a tool call be without text', () => {
    expect(checkTruncation('', 'tool-calls').passed).toBe(true);
  });
});

describe('checkRefusal', () => {
  it.each([
    "I'm sorry, but I can't help with that.",
    'I cannot answer this question.',
    'As an AI language model, I have no opinion.',
    'I don’t have access to real-time data.',
    'I’m unable to open files.',
  ])('sees that %j declines', (text) => {
    expect(checkRefusal(text).passed).toBe(false);
  });

  it.each([
    'I am sorry to hear that your cat is ill. Keep it warm.',
    'Cats cannot taste sugar.',
    'Oslo is the capital of Norway.',
    'You can not only read but also write files.',
  ])('lets %j pass', (text) => {
    expect(checkRefusal(text).passed).toBe(true);
  });

  it('does not take a long answer with a modest opening for a refusal', () => {
    expect(
      checkRefusal(`I cannot give you all details, but ${'here is more. '.repeat(40)}`).passed,
    ).toBe(true);
  });
});

describe('checkRepetition', () => {
  it.each([
    'I like it. I like it. I like it. I like it. I like it. I like it. I like it.',
    `Start. ${'and so on and on, '.repeat(30)}`,
    'ha'.repeat(100),
  ])('sees the loop in %j', (text) => {
    expect(checkRepetition(text).passed).toBe(false);
  });

  it.each([
    '| a | b |\n|---|---|\n| 1 | 2 |',
    'Very, very, very good.',
    `A line of dashes ${'-'.repeat(200)}`,
    'for i in range(3):\n    print(i)\nfor j in range(3):\n    print(j)\n',
  ])('lets %j pass', (text) => {
    expect(checkRepetition(text).passed).toBe(true);
  });
});

describe('checkSchema', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      age: { type: ['integer', 'null'], minimum: 0, maximum: 150 },
      kind: { enum: ['cat', 'dog'] },
      tags: { type: 'array', items: { $ref: '#/$defs/tag' }, maxItems: 2 },
      either: { anyOf: [{ type: 'string' }, { type: 'number', exclusiveMinimum: 0 }] },
    },
    required: ['name', 'kind'],
    additionalProperties: false,
    $defs: { tag: { type: 'string', maxLength: 3 } },
  } as const;

  it.each([
    ['{"name":"Ada","kind":"cat"}', true],
    ['{"name":"Ada","kind":"cat","age":null,"tags":["a","b"],"either":1}', true],
    ['{"name":"Ada","kind":"bird"}', false],
    ['{"name":"Ada"}', false],
    ['{"name":"","kind":"cat"}', false],
    ['{"name":"Ada","kind":"cat","age":3.5}', false],
    ['{"name":"Ada","kind":"cat","age":200}', false],
    ['{"name":"Ada","kind":"cat","tags":["abcd"]}', false],
    ['{"name":"Ada","kind":"cat","tags":["a","b","c"]}', false],
    ['{"name":"Ada","kind":"cat","either":0}', false],
    ['{"name":"Ada","kind":"cat","more":1}', false],
    ['{"name":"Ada","kind":"cat","toString":1}', false],
    ['[]', false],
    ['{"name":"Ada"', false],
    ['', false],
  ])('%s', (text, passes) => {
    expect(checkSchema(text, schema).passed).toBe(passes);
  });

  it('names the place of the problem', () => {
    const text = '{"name":"Ada","kind":"cat","tags":["abcd"]}';
    expect(checkSchema(text, schema).detail).toContain('$.tags[0]');
  });

  it('asks for an object when any JSON is allowed', () => {
    expect(checkSchema('{"a":1}', true).passed).toBe(true);
    expect(checkSchema('[1]', true).passed).toBe(false);
  });

  it('ends on schemas that refer to themselves and on deep values', () => {
    const endless = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } };
    expect(checkSchema('1', endless).passed).toBe(false);
    const tree = { type: 'array', items: { $ref: '#' } };
    expect(checkSchema(`${'['.repeat(60)}${']'.repeat(60)}`, tree).passed).toBe(false);
    expect(checkSchema('[[],[[]]]', tree).passed).toBe(true);
  });
});

describe('checkToolCalls', () => {
  const tools: readonly ToolDefinition[] = [
    {
      name: 'getWeather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    },
    { name: 'now' },
  ];
  const call = (name: string, text: string) => [{ id: 'call_1', name, arguments: text }];

  it.each([
    ['getWeather', '{"city":"Oslo"}', true],
    ['now', '', true],
    ['getWeather', '{"town":"Oslo"}', false],
    ['getWeather', '{"city":', false],
    ['getWeather', '[]', false],
    ['deleteAll', '{}', false],
  ])('%s(%s)', (name, text, passes) => {
    expect(checkToolCalls(call(name, text), tools).passed).toBe(passes);
  });
});

describe('checkTokenConfidence', () => {
  it('rises with the probability of the tokens and doubts what it was not given', () => {
    expect(checkTokenConfidence(-0.05).score).toBeGreaterThan(checkTokenConfidence(-0.8).score);
    expect(checkTokenConfidence(-3).passed).toBe(false);
    expect(checkTokenConfidence(Number.NaN).passed).toBe(false);
  });
});

describe('bad input', () => {
  it.each([...WEIRD, LONG])('gives scores between 0 and 1 for %#', (text) => {
    for (const result of [
      checkTruncation(text, 'stop'),
      checkRefusal(text),
      checkRepetition(text),
      checkSchema(text, { type: 'string' }),
    ]) {
      expect(result.score).toBeGreaterThanOrEqual(0);
      expect(result.score).toBeLessThanOrEqual(1);
      expect(result.detail.length).toBeLessThan(400);
    }
  });
});
