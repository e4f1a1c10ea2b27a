import { type Caller, readersOf } from '../core/call.ts';
import type { JsonObject } from '../core/chat.ts';
import type { DocumentEdition } from '../core/evidence.ts';
import type { Farm } from '../core/farm.ts';
import { isList, isObject } from './wire-fields.ts';

/** What stands in the place of a kept answer that may not be given again. */
export const WITHHELD =
  'This answer is withheld: a document that it stands on was deleted, moved, changed or closed to you since it was given.';

/** The documents that an answer of this farm names in `cadre.standsOn`. */
export function editionsOf(answer: JsonObject): readonly DocumentEdition[] {
  const { cadre } = answer;
  const editions = isObject(cadre) ? cadre['standsOn'] : undefined;
  // What is kept was written here.
  return isList(editions) ? (editions as unknown as readonly DocumentEdition[]) : [];
}

/**
 * The one rule of kept answers: each is given again, to a client or to a model, only while every
 * document that it stands on is as it was then and open to the caller. Tells of which that is true.
 */
export async function findStanding(
  farm: Pick<Farm, 'stands'>,
  caller: Caller,
  answers: readonly JsonObject[],
): Promise<(answer: JsonObject) => boolean> {
  const editions = answers.flatMap(editionsOf);
  if (editions.length === 0) return () => true;
  const stands = await farm.stands(editions, readersOf(caller));
  return (answer) => editionsOf(answer).every(stands);
}

/** What is left of the farm's own part of an answer: nothing that quotes. */
export function withheldSummary({ cadre }: JsonObject): JsonObject {
  if (!isObject(cadre)) return { withheld: true };
  const { citations: _quotes, contradictions: _both, abstained: _nearest, ...rest } = cadre;
  return { ...rest, withheld: true };
}

/** An answer of POST /v1/chat/completions or /v1/completions without its words. */
export function withheldChoices(answer: JsonObject): JsonObject {
  const choices = isList(answer['choices']) ? answer['choices'] : [];
  const isChat = answer['object'] === 'chat.completion';
  const said = isChat
    ? { message: { role: 'assistant', content: WITHHELD, refusal: null } }
    : { text: WITHHELD };
  return {
    ...answer,
    choices: choices.map((_choice, index) => ({
      index,
      ...said,
      logprobs: null,
      finish_reason: 'content_filter',
    })),
    cadre: withheldSummary(answer),
  };
}
