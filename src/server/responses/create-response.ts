import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from '../../core/call.ts';
import { readersOf } from '../../core/call.ts';
import { type ChatMessage, textPart } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import { joinEditions } from '../../core/evidence.ts';
import type { Farm } from '../../core/farm.ts';
import type { Access } from '../access.ts';
import { type Admitted, admit } from '../admit.ts';
import { answerStream, answerWhole } from '../answer.ts';
import { createCall } from '../cadre-fields.ts';
import type { Exchange } from '../exchange.ts';
import { newRequestId } from '../identifiers.ts';
import { requireName } from '../openai-models.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { askTruncated } from './ask-truncated.ts';
import { hideProofs } from './hide-proofs.ts';
import { keepResponse } from './keep-response.ts';
import { ResponseAnswer, ResponseStream } from './response-answer.ts';
import { type Item, responseIdOf, withOwnIds } from './response-items.ts';
import { toMessages } from './response-messages.ts';
import { parseResponseBody, type WireResponseRequest } from './response-request.ts';
import { ResponseRun } from './response-run.ts';
import { sendEvents } from './send-events.ts';
import {
  keepsResponses,
  loadConversation,
  resolveReferences,
  responseRow,
  type StoredItems,
} from './stored-response.ts';
import { withoutWithheld } from './withheld-response.ts';

/** What a response takes from the request that asks for it. */
interface Origin {
  readonly id: string;
  readonly server: { readonly farm: Farm };
  readonly incoming: { readonly headers: IncomingHttpHeaders };
}

type Asked = Pick<Admitted, 'access' | 'body' | 'signal' | 'deadline'>;

interface Prepared {
  readonly wanted: WireResponseRequest;
  readonly input: readonly Item[];
  readonly call: Call;
  readonly run: ResponseRun;
  readonly isKept: boolean;
}

/** POST /v1/responses: whole, streamed, or in the background. */
export function serveResponses(exchange: Exchange): Promise<void> {
  return admit(exchange, async (admitted) => {
    const prepared = await prepare(exchange, admitted);
    const { wanted, run } = prepared;
    if (wanted.background) return answerLater(exchange, admitted, prepared);
    const events = keptEvents(exchange, admitted, prepared);
    return wanted.stream
      ? answerStream(exchange, events, new ResponseStream(run, wanted.showsProof))
      : answerWhole(exchange, events, new ResponseAnswer(run, wanted.showsProof));
  });
}

/** A whole response for a line of a batch, which is its parent. */
export async function createWhole(
  origin: Origin,
  admitted: Asked,
  parent: string,
): Promise<unknown> {
  const prepared = await prepare(origin, admitted);
  const { wanted, run, call } = prepared;
  for (const name of ['background', 'stream'] as const)
    if (wanted[name]) throw invalidField(name, 'left out in a batch');
  const answer = new ResponseAnswer(run, wanted.showsProof);
  const asked = { ...prepared, call: { ...call, parent, priority: 'batch' as const } };
  for await (const event of keptEvents(origin, admitted, asked)) answer.add(event);
  return answer.print().body;
}

/** The events of a response, which is stored before the last one where it is to be kept. */
function keptEvents(
  origin: Origin,
  { access, signal }: Asked,
  prepared: Prepared,
): AsyncIterable<CadreEvent> {
  const { farm } = origin.server;
  const { run, input, isKept } = prepared;
  return keepResponse(askOf(origin, prepared, signal), run, async () => {
    if (!isKept) return;
    const row = responseRow(farm, access.caller.key, { response: run.response, input });
    await farm.objects.doPutObject(row);
  });
}

/** POST /v1/responses/input_tokens: how long the conversation is that such a request would ask. */
export function serveInputTokens(exchange: Exchange): Promise<void> {
  return admit(exchange, async (admitted) => {
    const { call } = await prepare(exchange, admitted);
    const tokens = await exchange.server.farm.countTokens(call.request, admitted.signal);
    const body = { object: 'response.input_tokens', input_tokens: tokens };
    sendJson(exchange.response, body, exchange.id);
  });
}

function askOf(
  { server }: Origin,
  { wanted, call }: Prepared,
  signal: AbortSignal,
): AsyncIterable<CadreEvent> {
  return wanted.truncates ? askTruncated(server.farm, call, signal) : server.farm.ask(call, signal);
}

async function prepare(exchange: Origin, { access, body, deadline }: Asked): Promise<Prepared> {
  const { farm } = exchange.server;
  const isBackground = body['background'] === true;
  // What runs in the background outlives the exchange, and so has an id of its own.
  const id = isBackground ? newRequestId() : exchange.id;
  const responseId = responseIdOf(id);
  const wanted = parseResponseBody(body, responseId, farm.config.limits.messages);
  requireName(farm.listNames(readersOf(access.caller)), wanted.request.model, 'chat');
  const isKept = keepsResponses(farm, wanted.store);
  if (wanted.background && !isKept)
    throw invalidField('background', 'left out where the response is not stored');
  const sent = await resolveReferences(farm, access.caller, wanted.input);
  const input = withOwnIds(sent.items, responseId);
  const before = await conversationBefore(farm, access, wanted, input.length);
  const standsOn = joinEditions(before.standsOn, sent.standsOn);
  const call = createCall({
    id,
    request: { ...wanted.request, messages: messagesOf(wanted, [...before.items, ...input]) },
    body,
    headers: exchange.incoming.headers,
    caller: access.caller,
    deadline,
    whole: !wanted.stream,
    standsOn,
    ...(wanted.collection === undefined ? {} : { collection: wanted.collection }),
  });
  const run = new ResponseRun({
    id: responseId,
    createdAt: Date.now(),
    model: wanted.request.model,
    background: wanted.background,
    store: isKept,
    echo: wanted.echo,
    standsOn,
  });
  return { wanted, input, call, run, isKept };
}

async function conversationBefore(
  farm: Farm,
  { caller }: Access,
  { previousId }: WireResponseRequest,
  added: number,
): Promise<StoredItems> {
  if (previousId === undefined) return { items: [], standsOn: [] };
  return loadConversation(farm, caller, previousId, added);
}

/** Instructions are this request's alone; the conversation before comes from what is stored. */
function messagesOf(
  { instructions }: WireResponseRequest,
  items: readonly Item[],
): readonly ChatMessage[] {
  const messages = withoutWithheld(toMessages(items));
  if (instructions === undefined || instructions === '') return messages;
  return [{ role: 'system', content: textPart(instructions) }, ...messages];
}

/** Stores the response as queued, starts it, and answers at once or follows it. */
async function answerLater(
  exchange: Exchange,
  { access, signal, deadline }: Admitted,
  prepared: Prepared,
): Promise<void> {
  const { farm, background } = exchange.server;
  const { wanted, run, call, input } = prepared;
  const { caller } = access;
  // What is set aside for this exchange is for the run; the exchange itself uses nothing of it.
  farm.shareTokens(exchange.id, call.id);
  run.queue();
  const { response } = run;
  const row = responseRow(farm, caller.key, {
    response,
    input,
    run: background.markOf(deadline),
  });
  try {
    await farm.objects.doPutObject(row);
    background.start({
      row,
      run,
      ask: (stop) => askOf(exchange, prepared, stop),
      deadline,
      isStreamed: wanted.stream,
    });
  } catch (thrown) {
    farm.settleTokens(call.id, 0);
    await farm.objects.doDeleteObject('response', row.id);
    throw thrown;
  }
  const log = background.logOf(row.id);
  if (log === undefined) return sendJson(exchange.response, hideProofs(response), exchange.id);
  return sendEvents(exchange, log.follow(-1, signal), wanted.showsProof);
}
