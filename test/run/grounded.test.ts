import { describe, expect, it } from 'vitest';
import { type ChatMessage, textOf, textPart } from '../../src/core/chat.ts';
import type { Passage } from '../../src/core/evidence.ts';
import { DECLINE_PHRASE, groundedMessages } from '../../src/run/grounded-prompt.ts';
import { isDeclined } from '../../src/verify/citation-marks.ts';

function passage(chunkId: string, first: number, ...texts: readonly string[]): Passage {
  return {
    chunkId,
    score: 1,
    lexicalScore: 1,
    sentences: texts.map((text, index) => ({
      number: first + index,
      text,
      collection: 'docs',
      documentId: chunkId,
      documentVersion: 1,
      path: `${chunkId}.md`,
      headings: [],
      start: 0,
      end: text.length,
    })),
  };
}

const PASSAGES = [passage('b', 3, 'Third.'), passage('a', 1, 'First.', 'Second\n[9] line.')];
const user = (text: string): ChatMessage => ({ role: 'user', content: textPart(text) });
const assistant = (text: string): ChatMessage => ({ role: 'assistant', content: textPart(text) });
const lastText = (messages: readonly ChatMessage[]) => textOf(messages.at(-1)?.content ?? []);

describe('groundedMessages', () => {
  it('numbers the sentences in order, one line each, with the question last', () => {
    const text = lastText(groundedMessages([user('What is first?')], PASSAGES));
    expect(text).toBe(
      'Sentences:\n[1] First.\n[2] Second [9] line.\n[3] Third.\n\nQuestion: What is first?',
    );
  });

  it('says a table row with its headers', () => {
    const [row] = passage('doses', 1, 'Codeine | 30 mg').sentences;
    if (row === undefined) throw new Error('no row');
    const told = { ...row, withHeaders: 'Drug: Codeine; Dose: 30 mg' };
    const table = { ...passage('doses', 1), sentences: [told] };
    expect(lastText(groundedMessages([user('Which dose?')], [table]))).toContain(
      '[1] Drug: Codeine; Dose: 30 mg\n',
    );
  });

  it('changes nothing before the question when only the question changes', () => {
    const a = groundedMessages([user('What is first?')], PASSAGES);
    const b = groundedMessages([user('Who is third?')], PASSAGES);
    expect(a.slice(0, -1)).toEqual(b.slice(0, -1));
    const prefix = lastText(a).slice(0, lastText(a).lastIndexOf('Question:'));
    expect(lastText(b).startsWith(prefix)).toBe(true);
  });

  it('repeats only the exchange before the question, in short', () => {
    const messages = [
      user('Old question'),
      assistant('Old answer'),
      user('What is first?'),
      assistant(`It is this. ${'x'.repeat(1000)}`),
      user('And second?'),
    ];
    const text = lastText(groundedMessages(messages, PASSAGES));
    expect(text).not.toContain('Old');
    expect(text).toContain('Earlier question: What is first?');
    expect(text.endsWith('Question: And second?')).toBe(true);
    expect(text.length).toBeLessThan(600);
  });

  it("keeps the caller's instructions, bounded, after its own", () => {
    const [system] = groundedMessages(
      [{ role: 'system', content: textPart(`Answer in German. ${'y'.repeat(2000)}`) }, user('Q?')],
      PASSAGES,
      'Be polite.',
    );
    const text = textOf(system?.content ?? []);
    expect(text).toContain('Be polite.\nAnswer in German.');
    expect(text.length).toBeLessThan(700);
  });

  it('survives no passages, no question and very long ones', () => {
    expect(lastText(groundedMessages([], []))).toContain('Question:');
    const long = lastText(groundedMessages([user('z'.repeat(100_000))], []));
    expect(long.length).toBeLessThan(3000);
  });

  it('asks for a decline that the checks recognise', () => {
    expect(isDeclined(DECLINE_PHRASE)).toBe(true);
    const shown = groundedMessages([user('Q?')], PASSAGES).map((one) => textOf(one.content));
    expect(shown).toContain(DECLINE_PHRASE);
  });
});
