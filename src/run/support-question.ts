import type { ChatMessage, TokenLogprob } from '../core/chat.ts';
import type { SupportJudgement } from '../core/evidence.ts';
import { type StatementExample, statementMessages } from './statement-prompt.ts';

/** Most likely first tokens that are asked for; one of the three words is among them nearly always. */
export const JUDGEMENT_ALTERNATIVES = 5;

const SYSTEM =
  'You check a statement against sentences. You know nothing but the sentences. Reply with one of: supported, contradicted, not stated.';

/** One of each answer, so that none is favoured; the first words of a prompt that a model keeps. */
const EXAMPLES: readonly StatementExample[] = [
  [
    'The red ferry leaves Tolno at 7:15 and reaches Marre an hour later.',
    'Passengers of the red ferry are in Marre before nine.',
    'supported',
  ],
  [
    'A ticket costs 6 euros; children travel free of charge.',
    'Tickets can be bought on board.',
    'not stated',
  ],
  [
    'The museum is closed on Mondays, except in August.',
    'In May the museum is open every day.',
    'contradicted',
  ],
];

/** Asks whether the sentences carry the statement; the first token is the answer. */
export function supportQuestion(
  statement: string,
  sentences: readonly string[],
): readonly ChatMessage[] {
  return statementMessages(SYSTEM, EXAMPLES, { statement, sentences });
}

/**
 * The answer's probabilities, from the alternatives of its first token: a token counts for the word
 * that it begins. Undefined where none of the three words is among them.
 */
export function readJudgement(logprobs: readonly TokenLogprob[]): SupportJudgement | undefined {
  const [first] = logprobs;
  const tokens = first === undefined ? [] : (first.top ?? [first]);
  const massOf = (word: string) =>
    tokens.reduce((sum, { token, logprob }) => {
      const begun = token.trim().toLowerCase();
      return begun !== '' && word.startsWith(begun) ? sum + Math.exp(logprob) : sum;
    }, 0);
  const [supported, contradicted, notStated] = [
    massOf('supported'),
    massOf('contradicted'),
    massOf('not stated'),
  ];
  const sum = supported + contradicted + notStated;
  if (sum === 0) return undefined;
  return {
    supported: supported / sum,
    contradicted: contradicted / sum,
    notStated: notStated / sum,
  };
}
