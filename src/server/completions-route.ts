import { readersOf } from './access.ts';
import { admit } from './admit.ts';
import { answerStream, answerWhole } from './answer.ts';
import { askInTurn } from './ask-in-turn.ts';
import { createCall } from './cadre-fields.ts';
import { CompletionAnswer } from './completion-answer.ts';
import { parseCompletionBody } from './completion-request.ts';
import { CompletionStream } from './completion-stream.ts';
import type { CompletionHead } from './completion-wire.ts';
import type { Exchange } from './exchange.ts';
import { newRequestId } from './identifiers.ts';
import { requireName } from './openai-models.ts';

/** POST /v1/completions, whole or streamed; each prompt of a list leaves a receipt of its own. */
export function serveCompletions(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const wanted = parseCompletionBody(body);
    requireName(server.farm.listNames(readersOf(access)), wanted.model, 'chat');
    const calls = wanted.requests.map((request, index) =>
      createCall({
        id: index === 0 ? id : newRequestId(),
        request,
        body,
        headers: incoming.headers,
        caller: access.caller,
        deadline,
      }),
    );
    const head: CompletionHead = {
      id,
      created: Math.floor(Date.now() / 1000),
      model: wanted.model,
      receipts: calls.map((call) => call.id),
      choiceCount: wanted.choiceCount,
      ...(wanted.echo ? { echoes: wanted.prompts } : {}),
    };
    const events = askInTurn(server.farm, calls, signal);
    if (!wanted.stream) return answerWhole(exchange, events, new CompletionAnswer(head));
    return answerStream(exchange, events, new CompletionStream(head, wanted.includeUsage));
  });
}
