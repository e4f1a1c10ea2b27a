import { readersOf } from '../core/call.ts';
import { admit } from './admit.ts';
import { embeddingHeaders } from './cadre-headers.ts';
import type { Exchange } from './exchange.ts';
import { parseEmbeddingBody, printEmbeddings } from './openai-embeddings.ts';
import { requireName } from './openai-models.ts';
import { sendJson } from './respond.ts';

/** POST /v1/embeddings. */
export function serveEmbeddings(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal }) => {
    const { farm } = exchange.server;
    const request = parseEmbeddingBody(body);
    requireName(farm.listNames(readersOf(access.caller)), request.model, 'embeddings');
    const { model, texts, kind } = request;
    const { id, response } = exchange;
    const answer = await farm.embed({ id, model, texts, kind, caller: access.caller }, signal);
    sendJson(response, printEmbeddings(request, answer), id, embeddingHeaders(answer));
  });
}
