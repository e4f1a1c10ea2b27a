import { readersOf } from '../../core/call.ts';
import { admit } from '../admit.ts';
import { answerStream, answerWhole } from '../answer.ts';
import { createCall } from '../cadre-fields.ts';
import type { Exchange } from '../exchange.ts';
import { requireName } from '../openai-models.ts';
import { sendJson } from '../respond.ts';
import { AnthropicAnswer, messageId } from './answer.ts';
import { asksForThinking, parseBetas, parseMessagesBody, parsePrompt } from './request.ts';
import { AnthropicStream } from './stream.ts';

/** POST /v1/messages, whole or streamed. */
export function serveMessages(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const { headers } = incoming;
    const { request: asked, stream, showsThinking } = parseMessagesBody(body);
    const request = { ...asked, ...parseBetas(headers['anthropic-beta']) };
    requireName(server.farm.listNames(readersOf(access.caller)), request.model, 'chat');
    const { caller } = access;
    const call = createCall({ id, request, body, headers, caller, deadline, whole: !stream });
    const events = server.farm.ask(call, signal);
    const head = { id: messageId(id), model: request.model };
    return stream
      ? answerStream(exchange, events, new AnthropicStream(head, id, showsThinking))
      : answerWhole(exchange, events, new AnthropicAnswer(head, showsThinking));
  });
}

/** POST /v1/messages/count_tokens. */
export function serveTokenCount(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal }) => {
    const { farm } = exchange.server;
    const request = parsePrompt(body);
    asksForThinking(body);
    requireName(farm.listNames(readersOf(access.caller)), request.model, 'chat');
    const tokens = await farm.countTokens(request, signal);
    sendJson(exchange.response, { input_tokens: tokens }, exchange.id);
  });
}
