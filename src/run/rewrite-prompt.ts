import type { ChatMessage } from '../core/chat.ts';
import { DECLINE_PHRASE } from './grounded-prompt.ts';
import { type StatementExample, statementMessages } from './statement-prompt.ts';

/** Longest sentence that a rewriting may give, in tokens. */
export const REWRITE_TOKENS = 80;

const SYSTEM = `You correct a statement so that it says only what the sentences say. Reply with one short sentence in their words, or with ${DECLINE_PHRASE}.`;

/** One that can be corrected and one of which nothing is left. */
const EXAMPLES: readonly StatementExample[] = [
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
  return statementMessages(SYSTEM, EXAMPLES, { statement, sentences });
}
