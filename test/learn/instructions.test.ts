import { describe, expect, it } from 'vitest';
import { textNumber } from '../../src/base/shingles.ts';
import { readAdapterRows, splitAdapterRows } from '../../src/learn/adapter-rows.ts';
import { instructionAt, instructionsOf } from '../../src/learn/instructions.ts';
import type { TaughtRow } from '../../src/learn/taught-row.ts';

const FIELDS = 'Give date and place of the text as JSON.';
const TOOLS = 'Name the tool that does what is asked, with its arguments.';

/** Rows of chats, one for each text. */
function chats(system: string | undefined, texts: readonly string[]): TaughtRow[] {
  return texts.map((text) => ({
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user' as const, content: text },
    ],
    answer: 'yes',
  }));
}

const texts = (count: number, start = 'text') =>
  Array.from({ length: count }, (_, at) => `${start} ${at * 7} of ${at}`);

describe('what the rows of an adapter ask for', () => {
  it('is all that the system says, the commonest first', () => {
    const rows = [...chats(FIELDS, texts(30)), ...chats(TOOLS, texts(60))];
    const found = instructionsOf(rows);
    expect(found.map(({ place, length }) => [place, length])).toEqual([
      ['system', TOOLS.length],
      ['system', FIELDS.length],
    ]);
    expect(rows.map((row) => instructionAt(row, found))).toEqual([
      ...Array.from({ length: 30 }, () => 1),
      ...Array.from({ length: 60 }, () => 0),
    ]);
    expect(instructionAt(chats(`${FIELDS} Now.`, ['a'])[0] as TaughtRow, found)).toBe(-1);
    // As long as the instruction, and another one.
    const other = FIELDS.replace('date', 'name');
    expect(instructionAt(chats(other, ['a'])[0] as TaughtRow, found)).toBe(-1);
  });

  it('is how the user’s texts begin where the system says nothing', () => {
    const rows = chats(undefined, texts(40, 'Extract the invoice number:\n'));
    const [found, ...more] = instructionsOf(rows);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ place: 'user', length: 'Extract the invoice number:\n '.length });
    expect(new Set(rows.map((row) => instructionAt(row, found ? [found] : [])))).toEqual(
      new Set([0]),
    );
    const asked = (system: string | undefined, text: string) =>
      instructionAt(chats(system, [text])[0] as TaughtRow, found ? [found] : []);
    expect(asked(undefined, 'Extract the invoice number:\n No. 12')).toBe(0);
    expect(asked(undefined, 'Extract the invoice numbers')).toBe(-1);
    // Whoever tells the system something asks for something else.
    expect(asked('Be brief.', 'Extract the invoice number:\n No. 12')).toBe(-1);
  });

  it.each([
    'You are a helpful assistant.',
    'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
    'You are a helpful AI assistant named SmolLM, trained by Hugging Face',
    'Du bist ein hilfreicher Assistent.',
    'Answer.',
    'Answer the question.',
    'Please answer the following question',
    'Answer briefly and truthfully.',
    'Respond in English.',
    'You are a helpful assistant. Today is Monday, 3 March 2025.',
  ])('is nothing that any request may say: %s', (system) => {
    expect(instructionsOf(chats(system, texts(40)))).toEqual([]);
  });

  it.each([
    'You are a helpful assistant that extracts invoice numbers.',
    'Nenne Datum und Ort als JSON.',
    'Name the intent.',
    'Translate to French, word by word',
  ])('may be short, or say who answers beside: %s', (system) => {
    expect(instructionsOf(chats(system, texts(40)))).toHaveLength(1);
  });

  it('is nothing where texts have no words in common, or words that a few rows have', () => {
    expect(instructionsOf(chats(undefined, texts(40)))).toEqual([]);
    const rare = [...chats(undefined, texts(97)), ...chats(FIELDS, texts(3, 'other'))];
    expect(instructionsOf(rare)).toEqual([]);
  });

  it('makes rows no more alike: a long instruction leaves the split as it is', () => {
    const fact = (at: number) =>
      [3, 7, 11, 13].map((step) => `${['oak', 'elm', 'fir', 'yew', 'ash'][(at * step) % 5]}${at}`);
    const rows = chats(
      FIELDS.repeat(9),
      Array.from({ length: 300 }, (_, at) => fact(at).join(' ')),
    );
    const hash = (text: string) => textNumber(text) % 2 ** 32;
    const { taught, kept } = splitAdapterRows(rows, hash);
    expect(kept.length).toBeGreaterThan(40);
    expect(taught.length).toBeGreaterThan(200);
    const asked = chats(
      undefined,
      rows.map((row) => `${FIELDS} ${row.messages[1]?.content}`),
    );
    expect(splitAdapterRows(asked, hash).kept.length).toBe(kept.length);
  });

  it('is found in rows of a file as they are read', () => {
    const lines = texts(30).map((text) =>
      JSON.stringify({
        messages: [
          { role: 'developer', content: `  ${FIELDS}\n` },
          { role: 'user', content: text },
          { role: 'assistant', content: { date: 'x' } },
        ],
      }),
    );
    const { rows } = readAdapterRows('rows.jsonl', lines.join('\n'));
    expect(instructionsOf(rows)).toEqual(instructionsOf(chats(FIELDS, texts(30))));
  });
});
