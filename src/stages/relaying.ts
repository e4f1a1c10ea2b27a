import { CadreError } from '../core/errors.ts';
import type { Relay, RelayWish } from '../core/relay.ts';
import { readsBody } from '../policy/reads-body.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { Outlet } from './outlet.ts';
import type { PipelineParts } from './parts.ts';
import { isShareable } from './share-key.ts';
import type { Transcript } from './transcript.ts';

/** Tokens per second of a slow hosted model: what an answer that comes whole may be waited for. */
const SLOW_TOKENS = 20;

/**
 * The wish for an attempt whose answer may pass as it comes: nothing is checked, kept, shared or
 * changed on the way, the spoke adds nothing to the request, and policy has read all of the body.
 * Undefined for all others.
 */
export function relayWish(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): RelayWish | undefined {
  const { relay, request, caller } = life.call;
  const { config, gate } = plan.spoke;
  if (relay === undefined || plan.release !== 'at-once' || plan.choice > 0) return undefined;
  // Calls are read: a broken one must not end well.
  if (plan.hedged || request.tools !== undefined) return undefined;
  if (caller.keepsText || (request.choiceCount ?? 1) > 1 || addsToRequest(config)) return undefined;
  if (parts.shared !== undefined && isShareable(life, parts.shared)) return undefined;
  const maxTokens = request.maxTokens ?? config.maxTokens;
  if (maxTokens > gate.contextLength / 2) return undefined;
  const destination = parts.config.destinations.find((one) => one.id === gate.destination);
  if (destination === undefined) return undefined;
  // An answer that comes whole is silent until it is done; read in pieces, a dead server is noticed.
  if (!relay.stream && maxTokens > destination.firstByteSeconds * SLOW_TOKENS) return undefined;
  if (!readsBody(request, relay.fields)) return undefined;
  return { relay, maxTokens, promptTokens: life.promptTokens };
}

function addsToRequest({
  kind,
  system,
  output,
  sampling,
}: AttemptPlan['spoke']['config']): boolean {
  if (kind !== 'chat' || output !== 'text' || (system !== undefined && system !== '')) return true;
  return Object.values(sampling).some((value) => value !== undefined);
}

/** The wish with a sink that notes what passes: the first piece claims the answer for this attempt. */
export function watched(
  wish: RelayWish,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  outlet: Outlet,
): RelayWish {
  const { sink } = wish.relay;
  const begin = () => {
    outlet.open();
    said.relayed = true;
    life.see({ type: 'answer-relayed', spoke: plan.spoke.config.id });
  };
  const relay: Relay = {
    ...wish.relay,
    sink: {
      piece(data, place) {
        if (plan.signal.aborted) throw new CadreError('cancelled', 'the attempt was given up');
        if (!said.relayed) begin();
        if (place === 'middle') said.deltas += 1;
        return sink.piece(data, place);
      },
      whole(answer) {
        begin();
        said.cameWhole = true;
        sink.whole(answer);
      },
    },
  };
  return { ...wish, relay };
}
