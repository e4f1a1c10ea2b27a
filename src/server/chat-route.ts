import { CadreError, errorBody } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { readersOf } from './access.ts';
import { admit } from './admit.ts';
import { createCall } from './cadre-fields.ts';
import type { Exchange } from './exchange.ts';
import { failureOf, OpenAiAnswer } from './openai-answer.ts';
import { parseChatBody } from './openai-chat-request.ts';
import { requireName } from './openai-models.ts';
import { OpenAiStream } from './openai-stream.ts';
import { type Headers, publicError, sendJson } from './respond.ts';
import { SseWriter } from './sse-writer.ts';

/** POST /v1/chat/completions, whole or streamed. */
export function serveChat(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const { headers } = incoming;
    const { request, stream, includeUsage } = parseChatBody(body);
    requireName(server.farm.listNames(readersOf(access)), request.model, 'chat');
    const call = createCall({ id, request, body, headers, caller: access.caller, deadline });
    const events = server.farm.ask(call, signal);
    if (!stream) return answerWhole(exchange, request.model, events);
    const printer = new OpenAiStream({
      id,
      created: Math.floor(Date.now() / 1000),
      model: request.model,
      includeUsage,
      showEvents: headers['x-cadre-events'] === '1',
    });
    return answerStream(exchange, printer, events);
  });
}

async function answerWhole(
  exchange: Exchange,
  model: string,
  events: AsyncIterable<CadreEvent>,
): Promise<void> {
  const { id, response } = exchange;
  const answer = new OpenAiAnswer();
  for await (const event of events) answer.add(event);
  const printed = answer.print({ id, created: Math.floor(Date.now() / 1000), model });
  sendJson(response, printed, id, receiptHeaders(id, printed.cadre.spoke));
}

function receiptHeaders(id: string, spoke: string | null | undefined): Headers {
  return { 'x-cadre-receipt': id, ...(spoke ? { 'x-cadre-spoke': spoke } : {}) };
}

/**
 * Streams the events. Until the first byte a failure is an ordinary error with its status; after it
 * the failure is the last event, without `[DONE]`.
 */
async function answerStream(
  exchange: Exchange,
  printer: OpenAiStream,
  events: AsyncIterable<CadreEvent>,
): Promise<void> {
  const { id, response } = exchange;
  let spoke: string | undefined;
  // The first event is held: alone it says nothing, and a refusal right after it keeps its status.
  let held = '';
  const writer = new SseWriter(response, () => ({
    'x-request-id': id,
    ...receiptHeaders(id, spoke),
  }));
  for await (const event of events) {
    if (event.type === 'route-decided') spoke = event.decision.spoke;
    else if (event.type === 'route-escalated') spoke = event.to;
    if (event.type === 'request-failed') {
      const error = failureOf(event);
      if (!writer.started) {
        writer.abandon();
        throw error;
      }
      logDefect(exchange, error);
      writer.end(
        `${printer.print(event)}data: ${JSON.stringify(errorBody(publicError(error)))}\n\n`,
      );
      return;
    }
    const text = printer.print(event);
    if (event.type === 'request-accepted') {
      held = text;
      continue;
    }
    if (event.type === 'answer-ended') {
      writer.end(held + text);
      return;
    }
    if (text === '') continue;
    const behind = writer.write(held + text);
    held = '';
    if (behind !== undefined) await behind;
  }
  throw new CadreError('internal', 'the stream ended without an answer');
}

function logDefect({ id, server }: Exchange, error: CadreError): void {
  if (error.code === 'internal')
    server.log({ level: 'error', event: 'request-failed', id, message: error.message });
}
