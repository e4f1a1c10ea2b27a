import { readersOf } from '../../core/call.ts';
import type { Candidate, RouteDecision } from '../../core/decision.ts';
import { probabilityRange } from '../../core/probability-range.ts';
import { type Admitted, admit } from '../admit.ts';
import { createCall } from '../cadre-fields.ts';
import type { Exchange } from '../exchange.ts';
import { parseChatBody } from '../openai-chat-request.ts';
import { requireName } from '../openai-models.ts';
import { sendJson } from '../respond.ts';

/** POST /v1/gate/decide: what the gate would do with a chat request, and why; no model is called. */
export function serveDecision(exchange: Exchange): Promise<void> {
  return admit(exchange, async (admitted) => {
    const decision = withRanges(await decideRequest(exchange, admitted));
    sendJson(exchange.response, { object: 'gate.decision', decision }, exchange.id);
  });
}

function withRanges(decision: RouteDecision): RouteDecision {
  const ranged = (one: Candidate): Candidate => {
    const range = probabilityRange(one);
    return range === undefined ? one : { ...one, range };
  };
  return {
    ...decision,
    chosen: ranged(decision.chosen),
    candidates: decision.candidates.map(ranged),
  };
}

export function decideRequest(
  { id, incoming, server }: Exchange,
  { access, body, deadline }: Admitted,
): Promise<RouteDecision> {
  const { farm } = server;
  const { request } = parseChatBody(body);
  requireName(farm.listNames(readersOf(access.caller)), request.model, 'chat');
  const { headers } = incoming;
  return farm.decide(createCall({ id, request, body, headers, caller: access.caller, deadline }));
}
