import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readAdapterRows, splitAdapterRows } from '../../src/learn/adapter-rows.ts';

const WORDS = 'amber basil cedar delta ember fjord grove heron iris jade kelp lotus mango'.split(
  ' ',
);
const plain = Array.from({ length: 200 }, (_, at) => ({
  prompt: `${WORDS[at % 13]} ${WORDS[(at * 5 + 3) % 13]} ${WORDS[(at * 7) % 11]} order ${at * 37}`,
  completion: `answer ${at}`,
}));
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const hash = (text: string) => createHash('sha256').update(text).digest().readUInt32BE();

describe('rows of an adapter', () => {
  it('are chats, prompts with completions, and texts with labels', () => {
    const { rows, leftOut } = readAdapterRows(
      'rows.jsonl',
      lines([
        ...plain.slice(0, 20),
        {
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: [{ type: 'text', text: 'Oslo?' }] },
            { role: 'assistant', content: 'Norway.' },
            { role: 'user', content: 'And Rome?' },
            { role: 'assistant', content: 'Italy.' },
          ],
        },
        { prompt: 'fields of: 3 apples', completion: { count: 3, item: 'apple' } },
        { text: 'where is my card', label: 'card_arrival' },
      ]),
    );
    expect(leftOut).toEqual([]);
    expect(rows.slice(20)).toEqual([
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Oslo?' },
          { role: 'assistant', content: 'Norway.' },
          { role: 'user', content: 'And Rome?' },
        ],
        answer: 'Italy.',
      },
      {
        messages: [{ role: 'user', content: 'fields of: 3 apples' }],
        answer: '{"count":3,"item":"apple"}',
      },
      { messages: [{ role: 'user', content: 'where is my card' }], answer: 'card_arrival' },
    ]);
    const table = ['text,label', ...plain.map((row) => `${row.prompt},${row.completion}`)];
    expect(readAdapterRows('rows.csv', table.join('\n')).rows[0]).toEqual({
      messages: [{ role: 'user', content: plain[0]?.prompt }],
      answer: 'answer 0',
    });
  });

  it('that say nothing, repeat or contradict are left out and told', () => {
    const { rows, leftOut } = readAdapterRows(
      'rows.jsonl',
      [
        lines([
          ...plain.slice(0, 25),
          plain[0],
          { prompt: 'who?', completion: 'me' },
          { prompt: 'WHO?', completion: 'you' },
          { messages: [{ role: 'user', content: 'no answer' }] },
          {
            messages: [
              { role: 'tool', content: 'x' },
              { role: 'assistant', content: 'y' },
            ],
          },
          { prompt: 'x'.repeat(16_001), completion: 'long' },
        ]),
        'not json',
      ].join('\n'),
    );
    expect(rows).toHaveLength(25);
    expect(Object.fromEntries(leftOut.map((one) => [one.reason, one.count]))).toEqual({
      'no question in words': 2,
      'longer than 16000 characters': 1,
      'not JSON': 1,
      'the same question with several answers': 2,
      repeated: 1,
    });
  });

  it('that are too few are refused with what to write', () => {
    expect(() => readAdapterRows('rows.jsonl', lines(plain.slice(0, 19)))).toThrow(
      /rows.jsonl has 19 rows that can be learnt; an adapter takes 20 at least/,
    );
  });

  it('are kept apart by their words, near ones together, on the same side when others come', () => {
    const rows = readAdapterRows('rows.jsonl', lines(plain)).rows;
    const { taught, kept } = splitAdapterRows(rows, hash);
    expect(taught.length + kept.length).toBe(200);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.length).toBeLessThan(70);
    const fewer = splitAdapterRows(rows.slice(0, 150), hash);
    const answers = new Set(kept.map((row) => row.answer));
    for (const row of fewer.kept) expect(answers.has(row.answer)).toBe(true);
    const long = 'please tell me where the parcel with the number twelve is just now my friend';
    const near = [long, `${long}!`, `${long} ok`].map((content, at) => ({
      messages: [{ role: 'user' as const, content }],
      answer: `near ${at}`,
    }));
    const both = splitAdapterRows([...rows, ...near], hash);
    const sides = [both.taught, both.kept].map(
      (side) => side.filter((row) => row.answer.startsWith('near')).length,
    );
    expect(sides.toSorted()).toEqual([0, 3]);
  });
});
