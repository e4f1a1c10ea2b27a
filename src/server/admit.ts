import { promiseEnd } from '../base/deadlines.ts';
import type { JsonObject } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import { type Access, findAccess } from './access.ts';
import type { Admission } from './admission.ts';
import { abortOnClose, type Exchange } from './exchange.ts';
import { type JsonText, parseJsonText } from './json-body.ts';
import { isFromProgram } from './network.ts';
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
  return (await jsonTextOf(exchange)).value;
}

async function jsonTextOf(exchange: Exchange): Promise<JsonText> {
  const { server, incoming, response } = exchange;
  const bytes = await server.bodies.read(incoming, response, takesAnyType(exchange));
  return parseJsonText(bytes, server.farm.config.limits);
}

/**
 * Ollama takes JSON under any type, and its documents send it by `curl -d`, which calls it a form.
 * The type is what keeps a page of another origin from sending JSON without asking first, so it is
 * waived only for what no page can have sent.
 */
function takesAnyType({ server, incoming, listener, dialect }: Exchange): boolean {
  const { allowedHosts } = server.farm.config.server;
  return dialect === 'ollama' && isFromProgram(incoming, { port: listener.port, allowedHosts });
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
  /** The body with its bytes. */
  readonly text: JsonText;
}

interface AdmitOptions {
  readonly access?: Access;
  readonly limitMs?: number;
  /** Where it takes its place; by default among the requests. */
  readonly places?: Admission;
}

/**
 * Runs one request that takes work: key, rate, whether there is a place, JSON body, the place — in
 * this order, so that what is refused costs little and a slow sender holds no place — then `serve`.
 * `limitMs` is the longest it may run, by default what the configuration allows a request.
 */
export async function admit<T>(
  exchange: Exchange,
  serve: (admitted: Admitted) => Promise<T>,
  options: AdmitOptions = {},
): Promise<T> {
  const { farm, admission } = exchange.server;
  const access = await requireAccess(exchange, options);
  const { caller } = access;
  admission.check(caller.key);
  const text = await jsonTextOf(exchange);
  const body = text.value;
  return occupy(exchange, access, options, (admitted) => {
    if (caller.tokenLimit !== undefined)
      requireRate(exchange, farm.reserveTokens(caller, exchange.id, estimateTokens(body)));
    return serve({ ...admitted, body, text });
  });
}

/** The same for a request without a JSON body: `serve` reads what there is and holds a place meanwhile. */
export async function admitWork<T>(
  exchange: Exchange,
  serve: (admitted: AdmittedWork) => Promise<T>,
  options: AdmitOptions = {},
): Promise<T> {
  return occupy(exchange, await requireAccess(exchange, options), options, serve);
}

async function requireAccess(exchange: Exchange, options: AdmitOptions): Promise<Access> {
  const access = options.access ?? (await accessOf(exchange));
  requireRate(exchange, exchange.server.farm.takeRate(access.caller));
  return access;
}

/** Holds a place while `serve` runs. */
async function occupy<T>(
  exchange: Exchange,
  access: Access,
  options: AdmitOptions,
  serve: (admitted: AdmittedWork) => Promise<T>,
): Promise<T> {
  const { server } = exchange;
  const { caller } = access;
  const places = options.places ?? server.admission;
  const controller = abortOnClose(exchange);
  places.enter(controller, caller.key);
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
    places.leave(controller);
    // What left no receipt used nothing.
    if (caller.tokenLimit !== undefined) server.farm.settleTokens(exchange.id, 0);
  }
}
