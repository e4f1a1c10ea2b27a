import { type ChatMessage, textPart } from '../core/chat.ts';
import { DECLINE_PHRASE } from './grounded-prompt.ts';

/** Longest sentence that a rewriting may give, in tokens. */
export const REWRITE_TOKENS = 80;
/** Characters of the statement and of one sentence. */
const LENGTH = 600;

const SYSTEM = `You correct a statement so that it says only what the sentences say. Reply with one short sentence in their words, or with ${DECLINE_PHRASE}.`;

/** One that can be corrected and one of which nothing is left. */
const EXAMPLES: readonly (readonly [sentence: string, statement: string, answer: string])[] = [
  [
    'The red ferry leaves Tolno at 7:15 and takes 40 cars.',
    'The red ferry leaves Tolno at 7:15 and takes an hour.',
    'The red ferry leaves Tolno at 7:15.',
  ],
  ['A ticket costs 6 euros.', 'The captain is called Ada.', DECLINE_PHRASE],
];

/** Asks for the statement as its nearest sentences say it. */
export function rewriteMessages(
  statement: string,
  sentences: readonly string[],
): readonly ChatMessage[] {
  const examples = EXAMPLES.flatMap(([sentence, said, answer]): ChatMessage[] => [
    { role: 'user', content: textPart(asked(said, [sentence])) },
    { role: 'assistant', content: textPart(answer) },
  ]);
  return [
    { role: 'system', content: textPart(SYSTEM) },
    ...examples,
    { role: 'user', content: textPart(asked(statement, sentences)) },
  ];
}

/** Line breaks of a document must not pass for the prompt's own. */
function asked(statement: string, sentences: readonly string[]): string {
  const line = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, LENGTH);
  const lines = sentences.map((sentence) => `- ${line(sentence)}`);
  return `Sentences:\n${lines.join('\n')}\n\nStatement: ${line(statement)}`;
}
