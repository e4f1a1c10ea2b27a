import type { IncomingHttpHeaders } from 'node:http';
import type { Call, Caller } from '../../core/call.ts';
import { OPERATOR, readersOf } from '../../core/call.ts';
import type { JsonObject } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Farm } from '../../core/farm.ts';
import type { AnswerFold } from '../answer.ts';
import { askInTurn } from '../ask-in-turn.ts';
import { createCall } from '../cadre-fields.ts';
import { CompletionAnswer } from '../completion-answer.ts';
import { parseCompletionBody } from '../completion-request.ts';
import { newRequestId } from '../identifiers.ts';
import { OpenAiAnswer } from '../openai-answer.ts';
import { parseChatBody } from '../openai-chat-request.ts';
import { parseEmbeddingBody, printEmbeddings } from '../openai-embeddings.ts';
import { requireName } from '../openai-models.ts';
import { parseRerankBody, printRerank } from '../rerank/rerank-request.ts';
import { createWhole } from '../responses/create-response.ts';
import { invalidField } from '../wire-fields.ts';

/** A request of a batch, on its way into the same pipeline as any other. */
export interface BatchRequest {
  readonly farm: Farm;
  readonly id: string;
  readonly batch: string;
  readonly body: JsonObject;
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  readonly deadline: number;
}

type Answer = (request: BatchRequest, signal: AbortSignal) => Promise<unknown>;

const ENDPOINTS = new Map<string, Answer>([
  ['/v1/chat/completions', answerChat],
  ['/v1/completions', answerCompletion],
  ['/v1/embeddings', answerEmbeddings],
  ['/v1/rerank', answerRerank],
  ['/v1/responses', answerResponse],
]);

/** Paths that lines of a batch may be for. */
export const BATCH_ENDPOINTS: readonly string[] = [...ENDPOINTS.keys()];

/** The body of the answer. Throws CadreErrors, as the route of the endpoint does. */
export async function answerRequest(
  endpoint: string,
  request: BatchRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = ENDPOINTS.get(endpoint);
  if (answer === undefined) throw invalidField('url', BATCH_ENDPOINTS.join(' or '));
  if (request.body['stream'] === true) throw invalidField('stream', 'left out in a batch');
  return answer(request, signal);
}

/** A line of a batch goes after requests that somebody waits for. */
function lineOf(batch: string, call: Call): Call {
  return { ...call, parent: batch, priority: 'batch' };
}

async function answerChat(wanted: BatchRequest, signal: AbortSignal): Promise<unknown> {
  const { farm, id, batch, body } = wanted;
  const { request } = parseChatBody(body);
  requireChatName(wanted, request.model);
  const call = lineOf(batch, createCall({ ...wanted, request, whole: true }));
  return fold(
    farm.ask(call, signal),
    new OpenAiAnswer({ id, created: now(), model: call.request.model }),
  );
}

async function answerCompletion(wanted: BatchRequest, signal: AbortSignal): Promise<unknown> {
  const { farm, id, batch, body } = wanted;
  const parsed = parseCompletionBody(body);
  requireChatName(wanted, parsed.model);
  const calls = parsed.requests.map((request, index) =>
    lineOf(
      batch,
      createCall({ ...wanted, request, id: index === 0 ? id : newRequestId(), whole: true }),
    ),
  );
  const answer = new CompletionAnswer({
    id,
    created: now(),
    model: parsed.model,
    receipts: calls.map((call) => call.id),
    choiceCount: parsed.choiceCount,
    ...(parsed.echo ? { echoes: parsed.prompts } : {}),
  });
  return fold(askInTurn(farm, calls, signal), answer);
}

async function answerEmbeddings(wanted: BatchRequest, signal: AbortSignal): Promise<unknown> {
  const { farm, id, batch, caller, body } = wanted;
  const request = parseEmbeddingBody(body);
  requireName(farm.listNames(readersOf(caller)), request.model, 'embeddings');
  const { model, texts, kind } = request;
  const work = { id, model, texts, kind, caller, parent: batch };
  return printEmbeddings(request, await farm.embed(work, signal));
}

async function answerRerank(wanted: BatchRequest, signal: AbortSignal): Promise<unknown> {
  const { farm, id, batch, caller, body } = wanted;
  const request = parseRerankBody(body);
  requireName(farm.listNames(readersOf(caller)), request.model, 'rerank');
  const { model, query, documents } = request;
  const work = { id, model, query, documents, caller, parent: batch };
  return printRerank(id, request, await farm.rerank(work, signal));
}

function answerResponse(wanted: BatchRequest, signal: AbortSignal): Promise<unknown> {
  const { farm, id, batch, body, headers, caller, deadline } = wanted;
  const isOperator = caller.principals.includes(OPERATOR);
  const admitted = { access: { caller, isOperator }, body, signal, deadline };
  return createWhole({ id, server: { farm }, incoming: { headers } }, admitted, batch);
}

function requireChatName({ farm, caller }: BatchRequest, model: string): void {
  requireName(farm.listNames(readersOf(caller)), model, 'chat');
}

async function fold(events: AsyncIterable<CadreEvent>, answer: AnswerFold): Promise<unknown> {
  for await (const event of events) answer.add(event);
  return answer.print().body;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
