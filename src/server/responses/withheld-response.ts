import type { Caller } from '../../core/call.ts';
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
