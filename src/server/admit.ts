import { promiseEnd } from '../base/deadlines.ts';
import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import { type Access, findAccess } from './access.ts';
import { abortOnClose, type Exchange } from './exchange.ts';
import { parseJsonBody } from './json-body.ts';
import { requireRate, tellRate } from './rate-headers.ts';
import { estimateTokens } from './token-estimate.ts';

/** The exchange's caller; one with limits is told how they stand. */
export async function accessOf(exchange: Exchange): Promise<Access> {
  const { farm } = exchange.server;
  const access = await findAccess(farm, exchange.incoming, exchange.listener);
  tellRate(exchange, farm.rateStanding(access.caller));
  return access;
}

/** The body of a write as a JSON object, within the configured limits. */
export async function jsonBodyOf(exchange: Exchange): Promise<JsonObject> {
  const { server, incoming } = exchange;
  return parseJsonBody(await server.bodies.read(incoming), server.farm.config.limits);
}

export interface AdmittedWork {
  readonly access: Access;
  /** Aborts when the caller goes away, the deadline has passed, or the farm stops. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface Admitted extends AdmittedWork {
  readonly body: JsonObject;
}

interface AdmitOptions {
  readonly access?: Access;
  readonly limitMs?: number;
}

/** Admits one request that takes work, reads its JSON body and runs `serve`. */
export function admit<T>(
  exchange: Exchange,
  serve: (admitted: Admitted) => Promise<T>,
  options: AdmitOptions = {},
): Promise<T> {
  return admitWork(
    exchange,
    async (admitted) => {
      const { farm } = exchange.server;
      const { caller } = admitted.access;
      const body = await jsonBodyOf(exchange);
      if (caller.tokenLimit !== undefined)
        requireRate(exchange, farm.reserveTokens(caller, exchange.id, estimateTokens(body)));
      return serve({ ...admitted, body });
    },
    options,
  );
}

/**
 * Runs one request that takes work: key, rate, place among the running ones — in this order, so that
 * what is refused costs little — then `serve`, which reads the body. `limitMs` is the longest it may
 * run, by default what the configuration allows a request.
 */
export async function admitWork<T>(
  exchange: Exchange,
  serve: (admitted: AdmittedWork) => Promise<T>,
  options: AdmitOptions = {},
): Promise<T> {
  const { server } = exchange;
  const access = options.access ?? (await accessOf(exchange));
  const { caller } = access;
  requireRate(exchange, server.farm.takeRate(caller));
  const controller = abortOnClose(exchange);
  server.admission.enter(controller);
  const limitMs = options.limitMs ?? server.farm.config.limits.requestSeconds * 1000;
  const deadline = Date.now() + limitMs;
  const timer = setTimeout(
    () => controller.abort(new CadreError('deadline_exceeded', 'the deadline passed')),
    limitMs,
  );
  promiseEnd(controller.signal, deadline);
  try {
    return await serve({ access, signal: controller.signal, deadline });
  } finally {
    clearTimeout(timer);
    server.admission.leave(controller);
    // What left no receipt used nothing.
    if (caller.tokenLimit !== undefined) server.farm.settleTokens(exchange.id, 0);
  }
}
