import type { Call } from '../../core/call.ts';
import { type ChatMessage, textPart } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import { type Access, readersOf } from '../access.ts';
import { type Admitted, admit } from '../admit.ts';
import { answerStream, answerWhole } from '../answer.ts';
import { createCall } from '../cadre-fields.ts';
import type { Exchange } from '../exchange.ts';
import { newRequestId } from '../identifiers.ts';
import { requireName } from '../openai-models.ts';
import { requireRate } from '../rate-headers.ts';
import { sendJson } from '../respond.ts';
import { estimateTokens } from '../token-estimate.ts';
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
} from './stored-response.ts';

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
    const { wanted, run, input, isKept } = prepared;
    if (wanted.background) return answerLater(exchange, admitted, prepared);
    const { farm } = exchange.server;
    const { key } = admitted.access.caller;
    const events = keepResponse(askOf(exchange, prepared, admitted.signal), run, async () => {
      if (isKept)
        await farm.objects.doPutObject(responseRow(farm, key, { response: run.response, input }));
    });
    return wanted.stream
      ? answerStream(exchange, events, new ResponseStream(run, wanted.showsProof))
      : answerWhole(exchange, events, new ResponseAnswer(run, wanted.showsProof));
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
  { server }: Exchange,
  { wanted, call }: Prepared,
  signal: AbortSignal,
): AsyncIterable<CadreEvent> {
  return wanted.truncates ? askTruncated(server.farm, call, signal) : server.farm.ask(call, signal);
}

async function prepare(
  exchange: Exchange,
  { access, body, deadline }: Admitted,
): Promise<Prepared> {
  const { farm } = exchange.server;
  const isBackground = body['background'] === true;
  // What runs in the background outlives the exchange, and so has an id of its own.
  const id = isBackground ? newRequestId() : exchange.id;
  const responseId = responseIdOf(id);
  const wanted = parseResponseBody(body, responseId, farm.config.limits.messages);
  requireName(farm.listNames(readersOf(access)), wanted.request.model, 'chat');
  const isKept = keepsResponses(farm, wanted.store);
  if (wanted.background && !isKept)
    throw invalidField('background', 'left out where the response is not stored');
  const sent = await resolveReferences(farm, access.caller, wanted.input);
  const input = withOwnIds(sent, responseId);
  const call = createCall({
    id,
    request: { ...wanted.request, messages: await conversationOf(exchange, access, wanted, input) },
    body,
    headers: exchange.incoming.headers,
    caller: access.caller,
    deadline,
    whole: !wanted.stream,
    ...(wanted.collection === undefined ? {} : { collection: wanted.collection }),
  });
  const run = new ResponseRun({
    id: responseId,
    createdAt: Date.now(),
    model: wanted.request.model,
    background: wanted.background,
    store: isKept,
    echo: wanted.echo,
  });
  return { wanted, input, call, run, isKept };
}

/** Instructions are this request's alone; the conversation before comes from what is stored. */
async function conversationOf(
  { server }: Exchange,
  { caller }: Access,
  { instructions, previousId }: WireResponseRequest,
  input: readonly Item[],
): Promise<ChatMessage[]> {
  const before =
    previousId === undefined
      ? []
      : await loadConversation(server.farm, caller, previousId, input.length);
  const messages = toMessages([...before, ...input]);
  if (instructions === undefined || instructions === '') return messages;
  return [{ role: 'system', content: textPart(instructions) }, ...messages];
}

/** Stores the response as queued, starts it, and answers at once or follows it. */
async function answerLater(
  exchange: Exchange,
  { access, body, signal, deadline }: Admitted,
  prepared: Prepared,
): Promise<void> {
  const { farm, background } = exchange.server;
  const { wanted, run, call, input } = prepared;
  const { caller } = access;
  if (caller.tokenLimit !== undefined)
    requireRate(exchange, farm.reserveTokens(caller, call.id, estimateTokens(body)));
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
    if (caller.tokenLimit !== undefined) farm.settleTokens(call.id, 0);
    await farm.objects.doDeleteObject('response', row.id);
    throw thrown;
  }
  const log = background.logOf(row.id);
  if (log === undefined) return sendJson(exchange.response, hideProofs(response), exchange.id);
  return sendEvents(exchange, log.follow(-1, signal), wanted.showsProof);
}
