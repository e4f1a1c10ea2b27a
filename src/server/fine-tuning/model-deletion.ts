import { readersOf } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import { accessOf } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { sendJson } from '../respond.ts';

/** DELETE /v1/models/:id: takes a specialist that the caller made out of service. */
export async function serveModelDeletion(exchange: Exchange, id: string): Promise<void> {
  const { caller, isOperator } = await accessOf(exchange);
  const { specialists } = exchange.server.farm;
  const [name = '', version] = id.split('@');
  const lineage = await specialists.lineage(name, readersOf(caller));
  if (!isOperator && lineage.versions.some((one) => one.key !== caller.key))
    throw new CadreError('forbidden', `${name} was made by another key`);
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new CadreError('model_not_found', `there is no model “${id.slice(0, 200)}”`);
  await specialists.retire({
    name,
    caller,
    reason: 'deleted by a client',
    ...(version === undefined ? {} : { version: Number(version) }),
  });
  sendJson(exchange.response, { id, object: 'model', deleted: true }, exchange.id);
}
