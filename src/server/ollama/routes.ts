import { readersOf } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelName } from '../../core/farm.ts';
import type { Access } from '../access.ts';
import { type Admitted, accessOf, admit } from '../admit.ts';
import { answerStream, answerWhole } from '../answer.ts';
import { createCall } from '../cadre-fields.ts';
import { embeddingHeaders } from '../cadre-headers.ts';
import type { Exchange } from '../exchange.ts';
import { isPattern, requireName } from '../openai-models.ts';
import { sendJson } from '../respond.ts';
import { requiredText } from '../wire-fields.ts';
import { type AnswerHead, nanoseconds, printSaid } from './answer.ts';
import { parseEmbedBody, parsePromptBody, toLists, type WireEmbedRequest } from './embeddings.ts';
import { OllamaAnswer } from './fold.ts';
import { OllamaModels } from './models.ts';
import { parseChatBody, parseGenerateBody, type WireOllamaRequest } from './request.ts';
import { OllamaStream } from './stream.ts';

/** The release of Ollama whose interface this follows; clients ask for it before they use a field. */
const INTERFACE_VERSION = '0.9.6';

/** POST /api/chat. */
export function serveOllamaChat(exchange: Exchange): Promise<void> {
  return admit(exchange, (work) => answer(exchange, work, 'chat', parseChatBody(work.body)));
}

/** POST /api/generate. */
export function serveGenerate(exchange: Exchange): Promise<void> {
  return admit(exchange, (work) =>
    answer(exchange, work, 'generate', parseGenerateBody(work.body)),
  );
}

async function answer(
  exchange: Exchange,
  { access, body, signal, deadline }: Admitted,
  kind: AnswerHead['kind'],
  wire: WireOllamaRequest,
): Promise<void> {
  const { id, incoming, server } = exchange;
  const name = findName(exchange, access, wire.model, 'chat');
  const head = { ...wire, kind };
  if (wire.request === undefined) return answerLoad(exchange, access, head, name);
  const request = { ...wire.request, model: idFor(name, wire.model) };
  const call = createCall({
    id,
    request,
    body,
    headers: incoming.headers,
    caller: access.caller,
    deadline,
    whole: !wire.stream,
  });
  const events = server.farm.ask(call, signal);
  return wire.stream
    ? answerStream(exchange, events, new OllamaStream(head))
    : answerWhole(exchange, events, new OllamaAnswer(head));
}

/**
 * A request without words. The farm loads models when they are needed and drops those that are not;
 * only `keep_alive: 0`, from the operator, takes one out of memory at once.
 */
async function answerLoad(
  exchange: Exchange,
  access: Access,
  head: AnswerHead & Pick<WireOllamaRequest, 'keepAlive'>,
  name: ModelName,
): Promise<void> {
  const isOver = head.keepAlive === 0 || head.keepAlive === '0';
  if (isOver && !access.isOperator)
    throw new CadreError('forbidden', 'only the operator takes a model out of memory');
  if (isOver && name.model !== undefined) await exchange.server.farm.unload(name.model);
  const reason = { done: true, done_reason: isOver ? 'unload' : 'load' };
  sendJson(exchange.response, { ...printSaid(head, {}, new Date()), ...reason }, exchange.id);
}

/** POST /api/embed. */
export function serveEmbed(exchange: Exchange): Promise<void> {
  return admit(exchange, async (work) => {
    const startedAt = performance.now();
    const wire = parseEmbedBody(work.body);
    const { vectors, tokens, headers } = await embed(exchange, work, wire);
    const body = {
      model: wire.model,
      embeddings: toLists(vectors, wire),
      total_duration: nanoseconds(performance.now() - startedAt),
      load_duration: 0,
      prompt_eval_count: tokens,
    };
    sendJson(exchange.response, body, exchange.id, headers);
  });
}

/** POST /api/embeddings, the older form. */
export function serveOldEmbed(exchange: Exchange): Promise<void> {
  return admit(exchange, async (work) => {
    const wire = parsePromptBody(work.body);
    const { vectors, headers } = await embed(exchange, work, wire);
    const body = { embedding: toLists(vectors, wire)[0] ?? [] };
    sendJson(exchange.response, body, exchange.id, headers);
  });
}

async function embed(exchange: Exchange, { access, signal }: Admitted, wire: WireEmbedRequest) {
  const { server, id } = exchange;
  const name = findName(exchange, access, wire.model, 'embeddings');
  if (wire.texts.length === 0) return { vectors: [], tokens: 0, headers: {} };
  const model = idFor(name, wire.model);
  const { texts } = wire;
  const work = { id, model, texts, kind: 'passage', caller: access.caller } as const;
  const made = await server.farm.embed(work, signal);
  return { ...made, headers: embeddingHeaders(made) };
}

/** GET /api/tags. */
export async function serveTags(exchange: Exchange): Promise<void> {
  const models = modelsOf(exchange, await accessOf(exchange));
  sendJson(exchange.response, models.printTags(), exchange.id);
}

/** GET /api/ps. */
export async function serveRunning(exchange: Exchange): Promise<void> {
  const models = modelsOf(exchange, await accessOf(exchange));
  sendJson(exchange.response, models.printRunning(), exchange.id);
}

/** POST /api/show. */
export function serveShow(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body }) => {
    // Older clients call it `name`.
    const wanted = requiredText(
      body['model'] === undefined ? { model: body['name'] ?? null } : body,
      'model',
    );
    const name = findName(exchange, access, wanted);
    sendJson(exchange.response, modelsOf(exchange, access).printShow(name), exchange.id);
  });
}

/** GET /api/version; open to all, as it says nothing about the farm. */
export async function serveVersion(exchange: Exchange): Promise<void> {
  sendJson(exchange.response, { version: INTERFACE_VERSION }, exchange.id);
}

function modelsOf({ server: { farm } }: Exchange, access: Access): OllamaModels {
  // The dialect has no ranking of passages: its clients would chat with what is listed.
  const names = farm
    .listNames(readersOf(access.caller))
    .filter((name) => !isPattern(name) && name.kind !== 'reranker');
  return new OllamaModels(names, farm.models());
}

/** `NAME:latest` is NAME: clients of this dialect add the tag where a name has none. */
function findName(
  { server: { farm } }: Exchange,
  access: Access,
  wanted: string,
  use?: 'chat' | 'embeddings',
): ModelName {
  const names = farm.listNames(readersOf(access.caller));
  const isKnown = names.some((name) => name.id === wanted);
  return requireName(names, isKnown ? wanted : wanted.replace(/:latest$/, ''), use);
}

/** Of a name that a pattern covers, what the caller wrote; else the name without a tag. */
function idFor(name: ModelName, wanted: string): string {
  return isPattern(name) ? wanted.replace(/:latest$/, '') : name.id;
}
