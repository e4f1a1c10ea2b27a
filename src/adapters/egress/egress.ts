import { Agent, Pool } from 'undici';
import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import { createDownload, type Download } from './download.ts';
import { type ExchangeResponse, exchange } from './exchange.ts';

/** Requests on the way to one destination; more are refused, so that no queue grows unseen. */
const MAX_IN_FLIGHT = 512;
/** Bound of one answer. A 128k-token stream with a wide chunk per token stays below 40 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface EgressRequest {
  readonly permit: Permit | undefined;
  /** Id of a configured destination. */
  readonly destination: string;
  /** Below the destination's base URL, starting with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly signal: AbortSignal;
}

/** A question to a server of models about itself. */
export interface ServerQuestion extends Omit<EgressRequest, 'body'> {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  /** Longest wait for an answer; absent = the destination's. */
  readonly firstByteMs?: number;
}

/** The only outbound client of the house. */
export interface Egress {
  /**
   * Posts to a destination. Rejects with `egress_refused` without a valid permit, `overloaded`,
   * `upstream_failed` or `upstream_timeout`. Redirects are handed back, never followed.
   */
  send(request: EgressRequest): Promise<ExchangeResponse>;
  /** As `send`, with a permit for `models:DESTINATION`, which is for no word of a request. */
  ask(question: ServerQuestion): Promise<ExchangeResponse>;
  readonly download: Download;
  close(): Promise<void>;
}

interface Route {
  readonly config: DestinationConfig;
  readonly pool: Pool;
  readonly origin: string;
  readonly basePath: string;
}

/**
 * `refusal` is policy's judgement of a permit: words for a refusal, undefined for leave.
 */
export function createEgress(options: {
  readonly refusal: (permit: Permit, destination: string) => string | undefined;
  readonly destinations: readonly DestinationConfig[];
  /** No downloads at all. */
  readonly offline?: boolean;
}): Egress {
  const routes = new Map(options.destinations.map((config) => [config.id, createRoute(config)]));
  const agent = new Agent({
    connect: { timeout: 5000 },
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  const open = ({ permit, destination }: ServerQuestion | EgressRequest, leave: string) => {
    const refused =
      permit === undefined ? 'the call carries no permit' : options.refusal(permit, leave);
    if (refused !== undefined)
      throw new CadreError('egress_refused', `destination ${destination}: ${refused}`);
    const route = routes.get(destination);
    if (route === undefined)
      throw new CadreError('egress_refused', `destination ${destination} is not configured`);
    return route;
  };
  return {
    send: async (request) => send(open(request, request.destination), request, 'POST'),
    ask: async (question) =>
      send(open(question, `models:${question.destination}`), question, question.method),
    download: createDownload({ dispatcher: agent, offline: options.offline ?? false }),
    async close() {
      const pools = [...routes.values()].map((route) => route.pool.destroy());
      await Promise.all([...pools, agent.destroy()]);
    },
  };
}

function createRoute(config: DestinationConfig): Route {
  const url = new URL(config.url);
  const pool = new Pool(url.origin, {
    connections: MAX_IN_FLIGHT,
    connect: { timeout: config.connectSeconds * 1000 },
    // Own timers: undici's are coarse (500 ms) and do not stop while a slow reader pauses.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  const basePath = url.pathname.replace(/\/+$/, '');
  return { config, pool, origin: url.origin, basePath };
}

async function send(
  route: Route,
  request: EgressRequest | ServerQuestion,
  method: 'GET' | 'POST',
): Promise<ExchangeResponse> {
  const { config } = route;
  if (route.pool.stats.running + route.pool.stats.queued >= MAX_IN_FLIGHT)
    throw new CadreError('overloaded', `${MAX_IN_FLIGHT} requests to ${config.id} are running`, {
      retryAfter: 1,
    });
  return exchange({
    dispatcher: route.pool,
    origin: route.origin,
    path: route.basePath + request.path,
    method,
    // Plain bytes are asked for; an answer that is compressed all the same is decoded within bounds.
    headers: { 'accept-encoding': 'identity', ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    name: config.id,
    signal: request.signal,
    firstByteMs:
      'firstByteMs' in request && request.firstByteMs !== undefined
        ? request.firstByteMs
        : config.firstByteSeconds * 1000,
    betweenBytesMs: config.betweenBytesSeconds * 1000,
    totalMs: config.totalSeconds * 1000,
    maxBytes: MAX_ANSWER_BYTES,
  });
}
