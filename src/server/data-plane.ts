import { CadreError } from '../core/errors.ts';
import { readersOf } from './access.ts';
import { accessOf } from './admit.ts';
import { serveChat } from './chat-route.ts';
import { serveEmbeddings } from './embeddings-route.ts';
import type { Exchange } from './exchange.ts';
import { printModelName, requireName } from './openai-models.ts';
import { sendJson, sendText } from './respond.ts';

interface Route {
  readonly method: 'GET' | 'POST';
  readonly serve: (exchange: Exchange) => Promise<void>;
}

const ROUTES = new Map<string, Route>([
  ['/v1/chat/completions', { method: 'POST', serve: serveChat }],
  ['/v1/embeddings', { method: 'POST', serve: serveEmbeddings }],
  ['/v1/models', { method: 'GET', serve: serveModels }],
  ['/health/live', { method: 'GET', serve: serveLive }],
  ['/health/ready', { method: 'GET', serve: serveReady }],
  ['/metrics', { method: 'GET', serve: serveMetrics }],
]);
const MODEL_PATH = '/v1/models/';
const MODEL_ROUTE: Route = { method: 'GET', serve: serveModel };

/** Serves one request of the data plane; undefined when the path is not one of it. */
export function serveDataPlane(exchange: Exchange): Promise<void> | undefined {
  const { path } = exchange;
  const route = ROUTES.get(path) ?? (path.startsWith(MODEL_PATH) ? MODEL_ROUTE : undefined);
  if (route === undefined) return undefined;
  const method = exchange.incoming.method === 'HEAD' ? 'GET' : exchange.incoming.method;
  if (method === route.method) return route.serve(exchange);
  return refuseMethod(exchange, route.method === 'GET' ? 'GET, HEAD' : route.method);
}

/** OPTIONS is answered without any permission for other origins. */
export async function refuseMethod(exchange: Exchange, allowed: string): Promise<void> {
  const { incoming, response, id } = exchange;
  const headers = { allow: `${allowed}, OPTIONS`, 'x-request-id': id };
  if (incoming.method === 'OPTIONS') {
    sendText(response, 204, '', headers);
    return;
  }
  response.setHeader('allow', headers.allow);
  throw new CadreError('method_not_allowed', `${incoming.method} is not for ${exchange.path}`);
}

async function serveModels(exchange: Exchange): Promise<void> {
  const access = await accessOf(exchange);
  const data = exchange.server.farm.listNames(readersOf(access)).map(printModelName);
  sendJson(exchange.response, { object: 'list', data }, exchange.id);
}

async function serveModel(exchange: Exchange): Promise<void> {
  const access = await accessOf(exchange);
  const id = decodePath(exchange.path.slice(MODEL_PATH.length));
  const name = requireName(exchange.server.farm.listNames(readersOf(access)), id);
  sendJson(exchange.response, printModelName(name), exchange.id);
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CadreError('invalid_request', 'the path is not valid percent-encoding');
  }
}

/** Open to all: it says only that the process answers. */
async function serveLive(exchange: Exchange): Promise<void> {
  sendJson(exchange.response, { status: 'live' }, exchange.id);
}

async function serveReady(exchange: Exchange): Promise<void> {
  const { farm, admission } = exchange.server;
  const status = farm.status();
  const draining = admission.closing || status.draining;
  const word = draining ? 'draining' : status.ready ? 'ready' : 'starting';
  sendText(exchange.response, word === 'ready' ? 200 : 503, JSON.stringify({ status: word }), {
    'content-type': 'application/json',
    'x-request-id': exchange.id,
    ...(draining ? { connection: 'close' } : {}),
  });
}

async function serveMetrics(exchange: Exchange): Promise<void> {
  await accessOf(exchange);
  sendText(exchange.response, 200, exchange.server.farm.metrics(), {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'x-request-id': exchange.id,
  });
}
