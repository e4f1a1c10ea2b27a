import { CadreError } from '../../core/errors.ts';
import { accessOf, admitWork } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { printPage } from '../files/file-routes.ts';
import { countOf, INPUT_PAGE, queryOf, wordOf } from '../query.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { WITHHELD } from '../withheld.ts';
import { hideProofs } from './hide-proofs.ts';
import type { ResponseRow } from './response-row.ts';
import { sendEvents } from './send-events.ts';
import { findResponse } from './stored-response.ts';
import { isWithheld, shownRows } from './withheld-response.ts';

const PROOF = 'reasoning.encrypted_content';

/** GET /v1/responses/:id; with `stream=true` the events of one that runs in the background. */
export async function serveResponse(exchange: Exchange, id: string): Promise<void> {
  const query = queryOf(exchange.incoming);
  const showsProof = [...query.getAll('include'), ...query.getAll('include[]')].includes(PROOF);
  if (wordOf(query, 'stream', ['false', 'true']) === 'true')
    return replay(exchange, id, showsProof);
  const { response } = (await requireShown(exchange, id)).body;
  sendJson(exchange.response, showsProof ? response : hideProofs(response), exchange.id);
}

/** A stream holds a place among the running requests, as every other does. */
function replay(exchange: Exchange, id: string, showsProof: boolean): Promise<void> {
  return admitWork(exchange, async ({ signal }) => {
    const row = await requireShown(exchange, id);
    if (isWithheld(row))
      throw new CadreError('conflict', `${WITHHELD} Ask for it without \`stream\`.`);
    const log = exchange.server.background.logOf(row.id);
    if (log === undefined)
      throw invalidField(
        'stream',
        'left out: only a response that was created with `background` and `stream` is streamed again, until minutes after its end',
      );
    const after = queryOf(exchange.incoming).get('starting_after') ?? '-1';
    if (!/^(-1|\d{1,9})$/.test(after))
      throw invalidField('starting_after', 'a sequence number of the stream');
    return sendEvents(exchange, log.follow(Number(after), signal), showsProof);
  });
}

/** DELETE /v1/responses/:id; one that runs is stopped. */
export async function serveResponseDeletion(exchange: Exchange, id: string): Promise<void> {
  const row = await requireResponse(exchange, id);
  const { background, farm } = exchange.server;
  await background.cancel(row.id);
  await farm.objects.doDeleteObject('response', row.id);
  background.forget(row.id);
  sendJson(exchange.response, { id: row.id, object: 'response', deleted: true }, exchange.id);
}

/** POST /v1/responses/:id/cancel; cancelling what is over changes nothing. */
export async function serveResponseCancel(exchange: Exchange, id: string): Promise<void> {
  const row = await requireResponse(exchange, id);
  const { background } = exchange.server;
  if (!row.body.response.background)
    throw new CadreError('invalid_request', 'only a response with `background` can be cancelled');
  const wasRunning = await background.cancel(row.id);
  if (!wasRunning && row.body.run !== undefined) await background.cancelElsewhere(row);
  const { response } = (await requireShown(exchange, id)).body;
  sendJson(exchange.response, hideProofs(response), exchange.id);
}

/** GET /v1/responses/:id/input_items: what its request added; `limit`, `order`, `after`. */
export async function serveInputItems(exchange: Exchange, id: string): Promise<void> {
  const { input } = (await requireShown(exchange, id)).body;
  const query = queryOf(exchange.incoming);
  const limit = countOf(query, 'limit', INPUT_PAGE);
  const items = wordOf(query, 'order', ['desc', 'asc']) === 'asc' ? input : input.toReversed();
  const after = query.get('after');
  const from = after === null ? 0 : items.findIndex((item) => item.id === after) + 1;
  if (after !== null && from === 0) throw invalidField('after', 'the id of an input item');
  const page = hideProofs([...items.slice(from, from + limit)]);
  sendJson(exchange.response, printPage(page, items.length > from + limit), exchange.id);
}

async function requireResponse(exchange: Exchange, id: string): Promise<ResponseRow> {
  const { caller } = await accessOf(exchange);
  const { farm, background } = exchange.server;
  const row = await findResponse(farm, caller, id);
  if (row === undefined)
    throw new CadreError('object_not_found', `there is no response “${id.slice(0, 100)}”`);
  return background.settled(row);
}

/** The response as the caller may see it now. */
async function requireShown(exchange: Exchange, id: string): Promise<ResponseRow> {
  const { caller } = await accessOf(exchange);
  const row = await requireResponse(exchange, id);
  const [shown = row] = await shownRows(exchange.server.farm, caller, [row]);
  return shown;
}
