import type { Call } from '../core/call.ts';
import { trialDraw } from '../core/canary.ts';
import type { RouteDecision } from '../core/decision.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/**
 * Sends a small share of the conversations with a specialist to the version that is on trial beside it.
 * The same conversation meets the same version: its session decides, else its first words.
 */
export function withCanary(
  { canaryOf }: Pick<PipelineParts, 'canaryOf'>,
  life: Pick<Life, 'call' | 'spokes'>,
  decision: RouteDecision,
): RouteDecision {
  const route = canaryOf?.(decision.spoke);
  if (route === undefined || drawOf(life.call, route.spoke) >= route.share) return decision;
  if (!life.spokes.some((one) => one.config.id === route.spoke)) return decision;
  const { spoke, chosen, reasons, plan } = decision;
  const words = `${route.spoke} is on trial and answers ${100 * route.share} % of the conversations with ${spoke}: this is one of them`;
  return {
    ...decision,
    spoke: route.spoke,
    chosen: { ...chosen, spoke: route.spoke },
    // The same checks decide whether either gives way to another spoke.
    ...(plan?.first === spoke ? { plan: { ...plan, first: route.spoke } } : {}),
    reasons: [words, ...reasons],
  };
}

/** A number of [0, 1) that the conversation and the version give. */
function drawOf({ caller, session, request }: Call, spoke: string): number {
  const about = session ?? JSON.stringify(request.messages.find((one) => one.role === 'user'));
  return trialDraw(spoke, caller.key, about);
}
