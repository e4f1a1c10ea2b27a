import type { Call } from '../core/call.ts';
import { readersOf } from '../core/call.ts';
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
import { requireRate } from './rate-headers.ts';
import { estimateTokens } from './token-estimate.ts';

/** POST /v1/completions, whole or streamed; each prompt of a list leaves a receipt of its own. */
export function serveCompletions(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal, deadline }) => {
    const { id, incoming, server } = exchange;
    const wanted = parseCompletionBody(body);
    requireName(server.farm.listNames(readersOf(access.caller)), wanted.model, 'chat');
    const calls = wanted.requests.map((request, index) =>
      createCall({
        id: index === 0 ? id : newRequestId(),
        request,
        body,
        headers: incoming.headers,
        caller: access.caller,
        deadline,
        whole: !wanted.stream,
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
    return withTokensFor(exchange, calls.slice(1), () => {
      const events = askInTurn(server.farm, calls, signal);
      return wanted.stream
        ? answerStream(exchange, events, new CompletionStream(head, wanted.includeUsage))
        : answerWhole(exchange, events, new CompletionAnswer(head));
    });
  });
}

/** All prompts and the first answer are set aside with the request; every further answer is its own. */
async function withTokensFor(
  exchange: Exchange,
  calls: readonly Call[],
  serve: () => Promise<void>,
): Promise<void> {
  const { farm } = exchange.server;
  const limited = calls.filter(({ caller }) => caller.tokenLimit !== undefined);
  try {
    for (const { caller, id, request } of limited) {
      const { maxTokens: max_tokens = 1, choiceCount: n = 1 } = request;
      requireRate(exchange, farm.reserveTokens(caller, id, estimateTokens({ max_tokens, n })));
    }
    await serve();
  } finally {
    // A prompt that was not asked left no receipt, and used nothing.
    for (const { id } of limited) farm.settleTokens(id, 0);
  }
}
