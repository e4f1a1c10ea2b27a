import type { BatchBody } from '../../core/batch.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow } from '../../core/objects.ts';
import { accessOf, admit } from '../admit.ts';
import { createCall } from '../cadre-fields.ts';
import type { Exchange } from '../exchange.ts';
import { printPage } from '../files/file-routes.ts';
import { ownObject, ownPage } from '../files/own-object.ts';
import { newObjectId } from '../identifiers.ts';
import { BATCH_PAGE, countOf, queryOf } from '../query.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { BATCH_DAYS, parseBatch, printBatch } from './batch-object.ts';

const DAY_MS = 86_400_000;

/** POST /v1/batches: takes the batch on; its lines are read later. */
export function serveBatchCreation(exchange: Exchange): Promise<void> {
  const { farm } = exchange.server;
  return admit(exchange, async ({ access, body, deadline }) => {
    const { caller } = access;
    const { headers } = exchange.incoming;
    const createdAt = Date.now();
    const batch = parseBatch(body, headers, createdAt);
    // A label that no line could carry is refused now, not fifty thousand times.
    const request = { model: 'auto', messages: [], sampling: {} };
    createCall({ id: exchange.id, request, body: {}, headers, caller, deadline });
    const wanted = { kind: 'file' as const, id: batch.inputFile, caller };
    const file = await ownObject(farm.objects, wanted, 'input_file_id');
    if (file.body['purpose'] !== 'batch')
      throw invalidField('input_file_id', 'a file with the purpose `batch`');
    const row: ObjectRow = {
      kind: 'batch',
      id: newObjectId('batch_'),
      key: caller.key,
      createdAt,
      expiresAt: batch.deadline + BATCH_DAYS * DAY_MS,
      body: batch,
    };
    await farm.objects.doPutObject(row);
    farm.batches.wake();
    sendJson(exchange.response, printBatch(row, batch), exchange.id);
  });
}

/** GET /v1/batches: newest first; `limit`, `after`. */
export async function serveBatchList(exchange: Exchange): Promise<void> {
  const { caller } = await accessOf(exchange);
  const query = queryOf(exchange.incoming);
  const page = await ownPage(exchange.server.farm.objects, {
    kind: 'batch',
    caller,
    limit: countOf(query, 'limit', BATCH_PAGE),
    after: query.get('after') ?? undefined,
    oldestFirst: false,
    isWanted: () => true,
  });
  const data = page.rows.map((row) => printBatch(row, row.body as BatchBody));
  sendJson(exchange.response, printPage(data, page.hasMore), exchange.id);
}

/** GET /v1/batches/:id. */
export async function serveBatch(exchange: Exchange, id: string): Promise<void> {
  const { caller } = await accessOf(exchange);
  const row = await ownObject(exchange.server.farm.objects, { kind: 'batch', id, caller });
  sendJson(exchange.response, printBatch(row, row.body as BatchBody), exchange.id);
}

/** POST /v1/batches/:id/cancel; it ends when the lines that run have stopped. */
export async function serveBatchCancellation(exchange: Exchange, id: string): Promise<void> {
  const { caller } = await accessOf(exchange);
  const { farm } = exchange.server;
  const row = await ownObject(farm.objects, { kind: 'batch', id, caller });
  const body = await farm.batches.cancel(id);
  if (body === undefined) throw new CadreError('object_not_found', `there is no batch “${id}”`);
  if (body.status !== 'cancelling' && body.status !== 'cancelled')
    throw new CadreError('invalid_request', `a batch that is ${body.status} cannot be cancelled`, {
      param: 'batch_id',
    });
  sendJson(exchange.response, printBatch(row, body), exchange.id);
}
