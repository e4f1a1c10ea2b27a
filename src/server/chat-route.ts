import { readersOf } from './access.ts';
import { admit } from './admit.ts';
import { answerStream, answerWhole } from './answer.ts';
import { createCall } from './cadre-fields.ts';
import type { Exchange } from './exchange.ts';
import { OpenAiAnswer } from './openai-answer.ts';
import { parseChatBody } from './openai-chat-request.ts';
import { requireName } from './openai-models.ts';
import { OpenAiStream } from './openai-stream.ts';

/** POST /v1/chat/completions, whole or streamed. */
export function serveChat(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const { headers } = incoming;
    const { request, stream, includeUsage } = parseChatBody(body);
    requireName(server.farm.listNames(readersOf(access)), request.model, 'chat');
    const call = createCall({
      id,
      request,
      body,
      headers,
      caller: access.caller,
      deadline,
      whole: !stream,
    });
    const events = server.farm.ask(call, signal);
    const answer = { id, created: Math.floor(Date.now() / 1000), model: request.model };
    if (!stream) return answerWhole(exchange, events, new OpenAiAnswer(answer));
    const showEvents = headers['x-cadre-events'] === '1';
    return answerStream(
      exchange,
      events,
      new OpenAiStream({ ...answer, includeUsage, showEvents }),
    );
  });
}
