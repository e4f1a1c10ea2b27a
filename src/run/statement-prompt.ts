import { type ChatMessage, textPart } from '../core/chat.ts';

/** Characters of the statement and of one sentence; a row of a wide table can be long. */
const LENGTH = 600;

export type StatementExample = readonly [sentence: string, statement: string, answer: string];

/**
 * What a spoke is asked about a statement and the sentences that it may stand in. Instructions and
 * examples come first: they are the beginning that a model keeps.
 */
export function statementMessages(
  system: string,
  examples: readonly StatementExample[],
  asked: { readonly statement: string; readonly sentences: readonly string[] },
): readonly ChatMessage[] {
  return [
    { role: 'system', content: textPart(system) },
    ...examples.flatMap(([sentence, statement, answer]): ChatMessage[] => [
      { role: 'user', content: textPart(wordsOf({ statement, sentences: [sentence] })) },
      { role: 'assistant', content: textPart(answer) },
    ]),
    { role: 'user', content: textPart(wordsOf(asked)) },
  ];
}

function wordsOf(asked: { readonly statement: string; readonly sentences: readonly string[] }) {
  const lines = asked.sentences.map((sentence) => `- ${oneLine(sentence)}`);
  return `Sentences:\n${lines.join('\n')}\n\nStatement: ${oneLine(asked.statement)}`;
}

/** Line breaks of a document must not pass for the prompt's own. */
export function oneLine(text: string, length = LENGTH): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, length);
}
