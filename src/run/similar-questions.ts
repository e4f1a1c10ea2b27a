import { type ChatRequest, textOf } from '../core/chat.ts';
import { requestText } from './request-key.ts';

/** Longer texts are work to do, not questions that somebody asks again in other words. */
const LONGEST = 1000;
const NEGATION = /\b(?:no|not|never|none|without|nor|cannot|n[’']t)\b|n[’']t\b/giu;
const NUMBER = /\d+(?:[.,:/-]\d+)*/gu;

/**
 * What two questions must have in common whatever their vectors say: their numbers, and how often
 * they say no. Vectors of “12 mg” and “21 mg” are all but equal.
 */
export function figuresOf(question: string): string {
  const numbers = question.match(NUMBER) ?? [];
  const negations = question.match(NEGATION)?.length ?? 0;
  return `${numbers.toSorted().join(' ')}|${negations}`;
}

/**
 * The question of a request and all the rest of it as text; undefined where it is not one question
 * at its end.
 */
export function questionOf(
  request: ChatRequest,
): { readonly question: string; readonly rest: string } | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== 'user' || last.content.some((part) => part.type !== 'text')) return undefined;
  const question = textOf(last.content);
  if (question.trim() === '' || question.length > LONGEST) return undefined;
  return { question, rest: requestText({ ...request, messages: request.messages.slice(0, -1) }) };
}
