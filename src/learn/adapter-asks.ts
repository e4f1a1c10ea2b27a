import type { JsonObject } from '../core/chat.ts';
import { isSameAnswer } from './adapter-report.ts';
import { type AskedMessage, drawSample, type GeneralistAsk } from './generalist-question.ts';
import type { TaughtRow } from './taught-row.ts';

/** A row and which of the adapter's instructions it has; −1 for none. */
export type InstructedRow = TaughtRow & { readonly instruction: number };

/** Taught rows that another model is shown before each row. */
const SHOWN_ROWS = 3;
/** UTF-16 units of such a row; longer ones take a small machine too long to read. */
const SHOWN_LENGTH = 1000;
const ANSWER_TOKENS = 512;

/** Of each instruction some rows of those that are taught, to show another model what is asked. */
export function shownRows(taught: readonly InstructedRow[]): readonly InstructedRow[] {
  const counts = new Map<number, number>();
  return taught.filter((row) => {
    const count = counts.get(row.instruction) ?? 0;
    if (count >= SHOWN_ROWS || ownLength(row) > SHOWN_LENGTH) return false;
    counts.set(row.instruction, count + 1);
    return true;
  });
}

/**
 * How a generalist is asked what an adapter answers: the row's own conversation after some taught rows
 * with the same instruction, bound to JSON where all of these answer in JSON.
 */
export function adapterAsks(
  measured: readonly (InstructedRow & { readonly isRight: boolean })[],
  shown: readonly InstructedRow[],
  seed: number,
): readonly GeneralistAsk[] {
  return drawSample(measured, seed).map((row) => {
    const examples = shown.filter((one) => one.instruction === row.instruction);
    const schema = schemaOf(examples);
    const system = row.messages.filter(({ role }) => role === 'system');
    const told = examples.flatMap((one): readonly AskedMessage[] => [
      ...turnsOf(one),
      { role: 'assistant', content: one.answer },
    ]);
    return {
      text: row.messages.findLast(({ role }) => role === 'user')?.content ?? '',
      messages: [...system, ...told, ...turnsOf(row)],
      ...(schema && { schema }),
      // A token is a character at least.
      maxTokens: Math.min(ANSWER_TOKENS, row.answer.length + 16),
      isAnswer: (given) => isSameAnswer(row.answer, given),
      isOwnRight: row.isRight,
    };
  });
}

function turnsOf({ messages }: TaughtRow): readonly AskedMessage[] {
  return messages.filter(({ role }) => role !== 'system');
}

function ownLength(row: TaughtRow): number {
  return turnsOf(row).reduce((sum, { content }) => sum + content.length, row.answer.length);
}

function schemaOf(examples: readonly TaughtRow[]): JsonObject | undefined {
  const types = new Set(examples.map(({ answer }) => jsonTypeOf(answer)));
  const [type] = types;
  return types.size === 1 && type !== undefined ? { type } : undefined;
}

function jsonTypeOf(text: string): 'object' | 'array' | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return Array.isArray(JSON.parse(text)) ? 'array' : 'object';
  } catch {
    return undefined;
  }
}
