import type { Caller } from '../../core/call.ts';
import { type ChatMessage, textPart } from '../../core/chat.ts';
import type { Farm } from '../../core/farm.ts';
import { findStanding, WITHHELD, withheldSummary } from '../withheld.ts';
import type { Item, OutputItem } from './response-items.ts';
import type { ResponseRow } from './response-row.ts';
import type { WireResponse } from './response-wire.ts';

/** Stored responses as the caller may see them now; those that fell lose the words of their answers. */
export async function shownRows(
  farm: Pick<Farm, 'stands'>,
  caller: Caller,
  rows: readonly ResponseRow[],
): Promise<readonly ResponseRow[]> {
  const stands = await findStanding(
    farm,
    caller,
    rows.map(({ body }) => body.response),
  );
  return rows.map((row) => (stands(row.body.response) ? row : withheldRow(row)));
}

export function isWithheld({ body }: ResponseRow): boolean {
  return body.response.cadre?.['withheld'] === true;
}

/** What a model reads in the place of a withheld answer. */
const PLACE = '[answer not available]';
const NOTICE = `“${PLACE}” stands where an earlier answer of this conversation is not available any more, since a document that it stood on was deleted, moved, changed or closed. Do not guess what it said, and never answer with these words: where somebody asks for it, say in your own words that it is not available.`;

/**
 * A conversation for a model: the sentence that tells a reader of a withheld answer would be taken for
 * the assistant's own words, and repeated. The notice leads, since some models take no other place for it.
 */
export function withoutWithheld(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  let isTold = false;
  const told = messages.map((message) => {
    if (message.role !== 'assistant') return message;
    const content = message.content.map((part) => {
      if (part.type !== 'text' || part.text !== WITHHELD) return part;
      isTold = true;
      return { ...part, text: PLACE };
    });
    return { ...message, content };
  });
  return isTold ? [{ role: 'system', content: textPart(NOTICE) }, ...told] : messages;
}

/** Its input may repeat earlier answers, which it stands on too; what the caller said stays. */
function withheldRow(row: ResponseRow): ResponseRow {
  const { response, input } = row.body;
  const body = {
    ...row.body,
    response: withheldResponse(response),
    input: input.map(withheldItem),
  };
  return { ...row, body };
}

export function withheldResponse(response: WireResponse): WireResponse {
  const output = response.output.map((item) => withheldItem(item) as OutputItem);
  return { ...response, output, cadre: withheldSummary(response) };
}

/** A call keeps its place, since an output may follow it; its arguments may quote as well as a text. */
function withheldItem(item: Item): Item {
  if (item.type === 'function_call') return { ...item, arguments: '{}' };
  if (item.type === 'reasoning') {
    const { encrypted_content: _proof, ...rest } = item;
    return { ...rest, summary: [] };
  }
  if (item.type !== 'message' || item.role !== 'assistant') return item;
  return { ...item, content: [{ type: 'output_text', text: WITHHELD, annotations: [] }] };
}
