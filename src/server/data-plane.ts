import { readersOf } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import { accessOf } from './admit.ts';
import { printModelInfo, printModelPage } from './anthropic/models.ts';
import { serveMessages, serveTokenCount } from './anthropic/routes.ts';
import {
  serveBatch,
  serveBatchCancellation,
  serveBatchCreation,
  serveBatchList,
} from './batches/batch-routes.ts';
import { serveChat } from './chat-route.ts';
import { serveCompletions } from './completions-route.ts';
import { serveEmbeddings } from './embeddings-route.ts';
import type { Exchange } from './exchange.ts';
import { serveFeedback } from './feedback/feedback-route.ts';
import {
  serveFile,
  serveFileContent,
  serveFileDeletion,
  serveFileList,
  serveUpload,
} from './files/file-routes.ts';
import { serveModelDeletion } from './fine-tuning/model-deletion.ts';
import { FINE_TUNING_PATHS } from './fine-tuning/paths.ts';
import { serveDecision } from './gate/decide-route.ts';
import { serveModeration } from './moderations/moderation-route.ts';
import {
  serveEmbed,
  serveGenerate,
  serveOldEmbed,
  serveOllamaChat,
  serveRunning,
  serveShow,
  serveTags,
  serveVersion,
} from './ollama/routes.ts';
import { isPattern, printModelName, requireName } from './openai-models.ts';
import { describeInterface } from './openapi.ts';
import { serveRerank } from './rerank/rerank-route.ts';
import { sendJson, sendText } from './respond.ts';
import { serveInputTokens, serveResponses } from './responses/create-response.ts';
import {
  serveInputItems,
  serveResponse,
  serveResponseCancel,
  serveResponseDeletion,
} from './responses/response-routes.ts';
import { type Method, Router } from './router.ts';
import { VECTOR_STORE_PATHS } from './vector-stores/paths.ts';

const ROUTER = new Router([
  { method: 'POST', path: '/v1/chat/completions', serve: serveChat },
  { method: 'POST', path: '/v1/completions', serve: serveCompletions },
  { method: 'POST', path: '/v1/responses', serve: serveResponses },
  { method: 'POST', path: '/v1/responses/input_tokens', serve: serveInputTokens },
  { method: 'GET', path: '/v1/responses/:id', serve: serveResponse },
  { method: 'DELETE', path: '/v1/responses/:id', serve: serveResponseDeletion },
  { method: 'POST', path: '/v1/responses/:id/cancel', serve: serveResponseCancel },
  { method: 'GET', path: '/v1/responses/:id/input_items', serve: serveInputItems },
  { method: 'POST', path: '/v1/embeddings', serve: serveEmbeddings },
  { method: 'POST', path: '/v1/messages', serve: serveMessages },
  { method: 'POST', path: '/v1/messages/count_tokens', serve: serveTokenCount },
  { method: 'POST', path: '/api/chat', serve: serveOllamaChat },
  { method: 'POST', path: '/api/generate', serve: serveGenerate },
  { method: 'POST', path: '/api/embed', serve: serveEmbed },
  { method: 'POST', path: '/api/embeddings', serve: serveOldEmbed },
  { method: 'GET', path: '/api/tags', serve: serveTags },
  { method: 'GET', path: '/api/ps', serve: serveRunning },
  { method: 'POST', path: '/api/show', serve: serveShow },
  { method: 'GET', path: '/api/version', serve: serveVersion },
  { method: 'GET', path: '/v1/models', serve: serveModels },
  { method: 'GET', path: '/v1/models/*id', serve: serveModel },
  { method: 'DELETE', path: '/v1/models/*id', serve: serveModelDeletion },
  { method: 'POST', path: '/v1/files', serve: serveUpload },
  { method: 'GET', path: '/v1/files', serve: serveFileList },
  { method: 'GET', path: '/v1/files/:id', serve: serveFile },
  { method: 'DELETE', path: '/v1/files/:id', serve: serveFileDeletion },
  { method: 'GET', path: '/v1/files/:id/content', serve: serveFileContent },
  ...VECTOR_STORE_PATHS,
  { method: 'POST', path: '/v1/batches', serve: serveBatchCreation },
  { method: 'GET', path: '/v1/batches', serve: serveBatchList },
  { method: 'GET', path: '/v1/batches/:id', serve: serveBatch },
  { method: 'POST', path: '/v1/batches/:id/cancel', serve: serveBatchCancellation },
  ...FINE_TUNING_PATHS,
  { method: 'POST', path: '/v1/rerank', serve: serveRerank },
  { method: 'POST', path: '/v1/moderations', serve: serveModeration },
  { method: 'POST', path: '/v1/feedback', serve: serveFeedback },
  { method: 'POST', path: '/v1/gate/decide', serve: serveDecision },
  { method: 'GET', path: '/openapi.json', serve: serveDescription },
  { method: 'GET', path: '/health/live', serve: serveLive },
  { method: 'GET', path: '/health/ready', serve: serveReady },
  { method: 'GET', path: '/metrics', serve: serveMetrics },
]);

/** Where others have it. An alias would have to choose between the two questions. */
const HEALTH = new Set(['/health', '/healthz']);

/** Serves one request of the data plane; undefined when the path is not one of it. */
export function serveDataPlane(exchange: Exchange): Promise<void> | undefined {
  if (HEALTH.has(exchange.path))
    return Promise.reject(
      new CadreError(
        'not_found',
        'health is at /health/live (the process answers) and /health/ready (a model can answer)',
      ),
    );
  const match = ROUTER.find(exchange.path);
  if (match === undefined) return undefined;
  const { method } = exchange.incoming;
  const serve = match.methods.get((method === 'HEAD' ? 'GET' : method) as Method);
  if (serve !== undefined) return serve(exchange, ...match.parameters);
  const allowed = [...match.methods.keys()].flatMap((one) => (one === 'GET' ? [one, 'HEAD'] : one));
  return refuseMethod(exchange, allowed.join(', '));
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
  const names = exchange.server.farm
    .listNames(readersOf(access.caller))
    .filter((one) => !isPattern(one));
  const body = asksAsAnthropic(exchange)
    ? printModelPage(names)
    : { object: 'list', data: names.map(printModelName) };
  sendJson(exchange.response, body, exchange.id);
}

async function serveModel(exchange: Exchange, id: string): Promise<void> {
  const access = await accessOf(exchange);
  const name = requireName(exchange.server.farm.listNames(readersOf(access.caller)), id);
  const print = asksAsAnthropic(exchange) ? printModelInfo : printModelName;
  sendJson(exchange.response, print(name), exchange.id);
}

/** Two dialects list models at the same path; only Anthropic's clients send this header. */
function asksAsAnthropic({ incoming }: Exchange): boolean {
  return incoming.headers['anthropic-version'] !== undefined;
}

async function serveDescription(exchange: Exchange): Promise<void> {
  await accessOf(exchange);
  sendJson(exchange.response, describeInterface(exchange.server.farm.version), exchange.id);
}

/** Open to all: it says only that the process answers. */
async function serveLive(exchange: Exchange): Promise<void> {
  sendJson(exchange.response, { status: 'live' }, exchange.id);
}

async function serveReady(exchange: Exchange): Promise<void> {
  const { farm, admission } = exchange.server;
  const status = farm.status();
  const draining = admission.closing || status.draining;
  const problem = draining ? undefined : await farm.storeProblem();
  const word = draining ? 'draining' : problem ? 'failing' : status.ready ? 'ready' : 'starting';
  const reason = problem ? unstorable(problem) : word === 'starting' ? waitsFor(farm) : undefined;
  const body = { status: word, ...(reason === undefined ? {} : { reason }) };
  sendText(exchange.response, word === 'ready' ? 200 : 503, JSON.stringify(body), {
    'content-type': 'application/json',
    'x-request-id': exchange.id,
    ...(draining ? { connection: 'close' } : {}),
  });
}

/** As below, the log says where. */
function unstorable({ code }: CadreError): string {
  return code === 'disk_full'
    ? 'no space is left to store receipts'
    : 'the store refuses receipts; the log says why';
}

/** Open to all, so it names no place of the machine. */
function waitsFor(farm: Farm): string {
  if (farm.models().some((model) => model.state === 'pulling')) return 'models are being fetched';
  return farm.config.fleet.offline
    ? 'no model that answers is installed, and the farm is offline: start it once with the network, or copy model files into models/ of its home'
    : 'no model that answers is installed: run `cadre pull`';
}

async function serveMetrics(exchange: Exchange): Promise<void> {
  await accessOf(exchange);
  sendText(exchange.response, 200, exchange.server.farm.metrics(), {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'x-request-id': exchange.id,
  });
}
