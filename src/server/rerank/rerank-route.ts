import { readersOf } from '../../core/call.ts';
import { admit } from '../admit.ts';
import { workHeaders } from '../cadre-headers.ts';
import type { Exchange } from '../exchange.ts';
import { requireName } from '../openai-models.ts';
import { sendJson } from '../respond.ts';
import { parseRerankBody, printRerank } from './rerank-request.ts';

/** POST /v1/rerank. */
export function serveRerank(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal }) => {
    const { id, response, server } = exchange;
    const { farm } = server;
    const request = parseRerankBody(body);
    requireName(farm.listNames(readersOf(access.caller)), request.model, 'rerank');
    const { model, query, documents } = request;
    const wanted = { id, model, query, documents, caller: access.caller };
    const answer = await farm.rerank(wanted, signal);
    sendJson(response, printRerank(id, request, answer), id, workHeaders(answer.receipt));
  });
}
