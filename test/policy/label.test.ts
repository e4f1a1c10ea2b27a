import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatMessage, type ChatRequest, textPart } from '../../src/core/chat.ts';
import { parseConfig } from '../../src/core/config.ts';
import { isCleared, LABELS } from '../../src/core/label.ts';
import { labelRequest } from '../../src/policy/label.ts';
import { foldWords, indexOfWord } from '../../src/policy/words.ts';

const config = parseConfig({}).policy;
const MAIL = 'write to anna@example.org';

function request(messages: readonly ChatMessage[], change: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'auto', messages, sampling: {}, ...change };
}

function user(text: string): ChatMessage {
  return { role: 'user', content: textPart(text) };
}

function labelOf(texts: readonly ChatMessage[], change: Partial<ChatRequest> = {}) {
  return labelRequest({ request: request(texts, change), config });
}

describe('the label of a request', () => {
  it('is the default where no rule matches', () => {
    expect(labelOf([user('hello')])).toEqual({
      label: 'internal',
      reasons: ['no rule matches; the default is internal'],
    });
  });

  it('names rule, shape and place, never the text', () => {
    const { label, reasons } = labelOf([user('hello'), user(MAIL)]);
    expect(label).toBe('personal');
    expect(reasons[0]).toBe(
      'rule `personal data` (personal): an e-mail address in message 2 (user)',
    );
    expect(reasons.join()).not.toContain('anna');
  });

  it.each<readonly [string, readonly ChatMessage[], Partial<ChatRequest>]>([
    ['a system prompt', [{ role: 'system', content: textPart(MAIL) }], {}],
    ['an earlier answer', [{ role: 'assistant', content: textPart(MAIL) }], {}],
    ['a tool result', [{ role: 'tool', toolCallId: 't', content: textPart(MAIL) }], {}],
    [
      'arguments of a tool call',
      [
        {
          role: 'assistant',
          content: [],
          toolCalls: [{ id: 't', name: 'send', arguments: '{"to":"anna\\u0040example.org"}' }],
        },
      ],
      {},
    ],
    ['a tool definition', [], { tools: [{ name: 'send', description: MAIL }] }],
    ['tool parameters', [], { tools: [{ name: 'send', parameters: { a: [{ default: MAIL }] } }] }],
    [
      'a response schema',
      [],
      { responseFormat: { type: 'json-schema', name: 'x', schema: { const: MAIL } } },
    ],
    ['stop sequences', [], { stop: [MAIL] }],
    ['unknown fields', [], { extra: { metadata: { note: MAIL } } }],
    [
      'text that is cut into parts',
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'anna@exa' },
            { type: 'text', text: 'mple.org' },
          ],
        },
      ],
      {},
    ],
  ])('sees %s', (_, messages, change) => {
    expect(labelOf(messages, change).label).toBe('personal');
  });

  it('is the strictest of all rules that match', () => {
    const { label, reasons } = labelOf([user(MAIL), user('password: Tr0ub4dor&3')]);
    expect(label).toBe('secret');
    expect(reasons).toHaveLength(2);
    expect(reasons[0]).toContain('secrets');
  });

  it('is personal at least where an image or audio cannot be read', () => {
    const image = { type: 'image', url: 'data:image/png;base64,AA==' } as const;
    const audio = { type: 'audio', data: 'AA==', format: 'wav' } as const;
    for (const part of [image, audio])
      expect(labelOf([{ role: 'user', content: [part] }]).label).toBe('personal');
  });

  it('is raised by what the caller declares and by the collection, and lowered by neither', () => {
    const label = fc.constantFrom(...LABELS);
    const texts = fc.constantFrom('hello', MAIL, 'password: Tr0ub4dor&3');
    fc.assert(
      fc.property(texts, label, label, (text, declared, collectionLabel) => {
        const base = labelOf([user(text)]).label;
        const result = labelRequest({
          request: request([user(text)]),
          declared,
          collectionLabel,
          config,
        }).label;
        for (const part of [base, declared, collectionLabel])
          expect(isCleared(result, part)).toBe(true);
        expect([base, declared, collectionLabel]).toContain(result);
      }),
    );
  });

  it('never falls when text is added by a tool or a document', () => {
    const words = fc.constantFrom('press release', MAIL, 'hello', 'top secret plan');
    const rules = parseConfig({
      policy: {
        rules: [
          { name: 'released', label: 'public', words: ['press release'] },
          { name: 'people', label: 'personal', shapes: ['email'] },
          { name: 'plans', label: 'secret', words: ['secret plan'] },
        ],
      },
    }).policy;
    fc.assert(
      fc.property(fc.array(words, { maxLength: 3 }), words, (own, other) => {
        const before = labelRequest({ request: request(own.map(user)), config: rules }).label;
        const tool = { role: 'tool', toolCallId: 't', content: textPart(other) } as const;
        const after = labelRequest({
          request: request([...own.map(user), tool]),
          config: rules,
        }).label;
        expect(isCleared(after, before)).toBe(true);
        if (other === 'press release') expect(after).not.toBe('public');
      }),
    );
    const released = request([user('our Press\n Release')]);
    expect(labelRequest({ request: released, config: rules }).label).toBe('public');
  });

  it('is secret where a declared label is none', () => {
    const declared = 'harmless' as unknown as 'public';
    expect(labelRequest({ request: request([user('hi')]), declared, config }).label).toBe('secret');
  });
});

describe('words of rules', () => {
  const isIn = (text: string, word: string) => indexOfWord(foldWords(text), word) !== -1;

  it.each([
    ['Project EAGLE starts', 'eagle'],
    ['the eagle’s nest', 'eagle'],
    ['project \n\t eagle', 'Project Eagle'],
    ['(eagle)', 'eagle'],
    ['we use C++ here', 'c++'],
    ['这是机密文件', '机密'],
    ['Größe', 'größe'],
    ['eagles and an eagle', 'eagle'],
    ['at the end: eagle', 'eagle'],
  ])('are found: %j has %j', (text, word) => {
    expect(isIn(text, word)).toBe(true);
  });

  it.each([
    ['beagle', 'eagle'],
    ['eagles', 'eagle'],
    ['eagle_eye', 'eagle'],
    ['𝒶eagle', 'eagle'],
    ['eag le', 'eagle'],
    ['Übereagle', 'eagle'],
    ['anything', '  '],
  ])('are not found: %j has no %j', (text, word) => {
    expect(isIn(text, word)).toBe(false);
  });
});
