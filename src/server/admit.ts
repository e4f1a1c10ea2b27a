import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import { type Access, findAccess } from './access.ts';
import { abortOnClose, type Exchange } from './exchange.ts';
import { parseJsonBody } from './json-body.ts';

/** The exchange's caller. */
export function accessOf(exchange: Exchange): Promise<Access> {
  return findAccess(exchange.server.farm, exchange.incoming, exchange.listener);
}

/** The body of a write as a JSON object, within the configured limits. */
export async function jsonBodyOf(exchange: Exchange): Promise<JsonObject> {
  const { server, incoming } = exchange;
  return parseJsonBody(await server.bodies.read(incoming), server.farm.config.limits);
}

export interface Admitted {
  readonly access: Access;
  readonly body: JsonObject;
  /** Aborts when the caller goes away, the deadline has passed, or the farm stops. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Runs one request that takes work: key, rate, place among the running ones, body — in this order,
 * so that what is refused costs little — then `serve`. `limitMs` is the longest it may run, by
 * default what the configuration allows a request.
 */
export async function admit<T>(
  exchange: Exchange,
  serve: (admitted: Admitted) => Promise<T>,
  options: {
    readonly access?: Access;
    readonly limitMs?: number;
  } = {},
): Promise<T> {
  const { server } = exchange;
  const access = options.access ?? (await accessOf(exchange));
  const rate = server.farm.takeRate(access.caller);
  if (!rate.allowed) {
    const { retryAfter } = rate;
    tellRate(exchange, access.caller.rateLimit ?? 0, Math.ceil(retryAfter));
    const message = 'the key asks more often than its rate allows';
    throw new CadreError('rate_limited', message, { retryAfter });
  }
  const controller = abortOnClose(exchange);
  server.admission.enter(controller);
  const limitMs = options.limitMs ?? server.farm.config.limits.requestSeconds * 1000;
  const deadline = Date.now() + limitMs;
  const timer = setTimeout(
    () => controller.abort(new CadreError('deadline_exceeded', 'the deadline passed')),
    limitMs,
  );
  try {
    const body = await jsonBodyOf(exchange);
    return await serve({ access, body, signal: controller.signal, deadline });
  } finally {
    clearTimeout(timer);
    server.admission.leave(controller);
  }
}

function tellRate({ response }: Exchange, limit: number, seconds: number): void {
  response.setHeader('x-ratelimit-limit-requests', limit);
  response.setHeader('x-ratelimit-remaining-requests', 0);
  response.setHeader('x-ratelimit-reset-requests', `${seconds}s`);
}
