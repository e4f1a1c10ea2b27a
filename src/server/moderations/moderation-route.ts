import { admit } from '../admit.ts';
import { workHeaders } from '../cadre-headers.ts';
import type { Exchange } from '../exchange.ts';
import { newObjectId } from '../identifiers.ts';
import { sendJson } from '../respond.ts';
import { parseModerationBody, printModeration } from './moderation-request.ts';

/** POST /v1/moderations. */
export function serveModeration(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal }) => {
    const { farm } = exchange.server;
    const { id, response } = exchange;
    const ownModel = farm.config.moderation.model;
    const { texts, model = ownModel } = parseModerationBody(body, ownModel);
    const answer = await farm.moderate({ id, model, texts, caller: access.caller }, signal);
    const printed = printModeration(newObjectId('modr-'), answer);
    sendJson(response, printed, id, workHeaders(answer.receipt));
  });
}
