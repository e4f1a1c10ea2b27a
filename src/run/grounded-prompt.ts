import { type ChatMessage, textOf, textPart } from '../core/chat.ts';
import { type Passage, readableText } from '../core/evidence.ts';

/** What a spoke writes when the sentences do not hold the answer. */
export const DECLINE_PHRASE = 'NOT IN DOCUMENTS';

const SYSTEM =
  "You answer questions about documents. You know only the sentences in the user's list.";

/**
 * Worked examples instead of instructions. Measured on 22 answerable and 14 unanswerable questions
 * of bench/grounded-pairs.ts, greedy, before any check (right / rightly declined): these examples
 * 20 / 6 with the 0.5B model and 20 / 14 with the 1.5B; instructions alone 11 / 13 and 8 / 14;
 * three declines among six examples 5 / 14 (0.5B); the number before the answer 16 / 3 (0.5B).
 * Answers in the words of the question are what the checks can judge; what is invented is caught
 * there.
 */
const EXAMPLES: readonly (readonly [question: string, answer: string])[] = [
  [
    'Sentences:\n[1] The red ferry leaves Tolno at 7:15.\n[2] A ticket costs 6 euros.\n\nQuestion: What does a ticket cost?',
    'A ticket costs 6 euros. [2]',
  ],
  ['Question: Who is the captain?', DECLINE_PHRASE],
  ['Question: When does the red ferry leave?', 'The red ferry leaves Tolno at 7:15. [1]'],
];

const READING = 'Is the answer to this question in the sentences? Reply with yes or no.';

/** Characters of an earlier turn, of the caller's own instructions, and of a question. */
const TURN_LENGTH = 240;
const INSTRUCTION_LENGTH = 500;
const QUESTION_LENGTH = 2000;
/** Earlier question and answer pairs that are repeated for the model. */
const TURNS = 1;

/**
 * The conversation for a spoke that answers from numbered sentences. The order is that of change:
 * instructions and examples (never), sentences (per search), earlier turn, question; so a model
 * that keeps its prefix reads only what is new.
 */
export function groundedMessages(
  messages: readonly ChatMessage[],
  passages: readonly Passage[],
  system = '',
): readonly ChatMessage[] {
  return promptOf(messages, passages, system, '');
}

/**
 * The same conversation up to the question, then whether the sentences answer it at all: a model
 * that keeps its prefix reads them once for both. The first token is the verdict.
 */
export function readingMessages(
  messages: readonly ChatMessage[],
  passages: readonly Passage[],
  system = '',
): readonly ChatMessage[] {
  return promptOf(messages, passages, system, READING);
}

function promptOf(
  messages: readonly ChatMessage[],
  passages: readonly Passage[],
  system: string,
  closing: string,
): readonly ChatMessage[] {
  const own = [system, ...messages.filter((one) => one.role === 'system').map(contentText)]
    .filter((text) => text !== '')
    .join('\n')
    .slice(0, INSTRUCTION_LENGTH);
  const prompt: ChatMessage[] = [
    { role: 'system', content: textPart(own === '' ? SYSTEM : `${SYSTEM}\n${own}`) },
  ];
  for (const [question, answer] of EXAMPLES)
    prompt.push(
      { role: 'user', content: textPart(question) },
      { role: 'assistant', content: textPart(answer) },
    );
  const parts = [`Sentences:\n${numberedSentences(passages)}`];
  const { question, earlier } = splitTurns(messages);
  if (earlier !== '') parts.push(earlier);
  parts.push(`Question: ${oneLine(question, QUESTION_LENGTH)}`);
  if (closing !== '') parts.push(closing);
  prompt.push({ role: 'user', content: textPart(parts.join('\n\n')) });
  return prompt;
}

/** `[1] …` one per line, in the order of the documents' numbers. */
function numberedSentences(passages: readonly Passage[]): string {
  return passages
    .flatMap((passage) => passage.sentences)
    .toSorted((a, b) => a.number - b.number)
    .map((sentence) => `[${sentence.number}] ${oneLine(readableText(sentence), 1000)}`)
    .join('\n');
}

/** The last user message, and the exchange before it in short. */
function splitTurns(messages: readonly ChatMessage[]): { question: string; earlier: string } {
  const turns = messages.filter((one) => one.role === 'user' || one.role === 'assistant');
  const last = turns.findLastIndex((one) => one.role === 'user');
  const question = last < 0 ? '' : contentText(turns[last]);
  const before = turns.slice(Math.max(0, last - 2 * TURNS), Math.max(0, last));
  const earlier = before
    .map((one) => {
      const text = oneLine(contentText(one), TURN_LENGTH);
      return text === '' ? '' : `Earlier ${one.role === 'user' ? 'question' : 'answer'}: ${text}`;
    })
    .filter((line) => line !== '')
    .join('\n');
  return { question, earlier };
}

function contentText(message: ChatMessage | undefined): string {
  return message === undefined ? '' : textOf(message.content);
}

/** A document's line breaks and lines that look like ours must not pass for the prompt's own. */
function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}
