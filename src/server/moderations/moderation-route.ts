import { admit } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { newObjectId } from '../identifiers.ts';
import { sendJson } from '../respond.ts';
import { parseModerationBody, printModeration } from './moderation-request.ts';

/** POST /v1/moderations. */
export function serveModeration(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body, signal }) => {
    const { farm } = exchange.server;
    const { texts } = parseModerationBody(body, farm.config.moderation.model);
    const answer = await farm.moderate({ texts, caller: access.caller }, signal);
    sendJson(exchange.response, printModeration(newObjectId('modr-'), answer), exchange.id);
  });
}
