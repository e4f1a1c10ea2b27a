import { readersOf } from '../core/call.ts';
import type { Relay, RelaySink } from '../core/relay.ts';
import { admit } from './admit.ts';
import { answerStream, answerWhole } from './answer.ts';
import { createCall } from './cadre-fields.ts';
import type { Exchange } from './exchange.ts';
import type { JsonText } from './json-body.ts';
import { OpenAiAnswer } from './openai-answer.ts';
import { parseChatBody } from './openai-chat-request.ts';
import { requireName } from './openai-models.ts';
import { RelayedAnswer } from './openai-relay.ts';
import { OpenAiStream } from './openai-stream.ts';

/** POST /v1/chat/completions, whole or streamed. */
export function serveChat(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, text, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const { headers } = incoming;
    const { request, stream, includeUsage } = parseChatBody(body);
    requireName(server.farm.listNames(readersOf(access.caller)), request.model, 'chat');
    const call = createCall({
      id,
      request,
      body,
      headers,
      caller: access.caller,
      deadline,
      whole: !stream,
    });
    const answer = { id, created: Math.floor(Date.now() / 1000), model: request.model };
    const showEvents = headers['x-cadre-events'] === '1';
    const relayed = new RelayedAnswer(answer);
    const events = server.farm.ask(
      showEvents ? call : { ...call, relay: relayOf(text, stream, relayed) },
      signal,
    );
    if (!stream) return answerWhole(exchange, events, relayed.fold(new OpenAiAnswer(answer)));
    const printer = new OpenAiStream({ ...answer, includeUsage, showEvents });
    return answerStream(exchange, events, relayed.printer(printer, includeUsage));
  });
}

function relayOf({ bytes, members, value }: JsonText, stream: boolean, sink: RelaySink): Relay {
  return { dialect: 'openai', stream, body: bytes, members, fields: value, sink };
}
