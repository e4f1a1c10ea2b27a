import type { Call } from '../core/call.ts';
import { trialDraw } from '../core/canary.ts';
import type { RouteDecision } from '../core/decision.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/**
 * Sends a small share of the requests to a specialist to the version that is on trial beside it. A
 * session meets one version; each request without one is drawn by itself. Were its words to decide, a
 * text that is asked again and again and always fails would speak against the same version each time,
 * which the test of the trial takes for many answers.
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
  const words = `${route.spoke} is on trial and answers ${100 * route.share} % of the requests to ${spoke}: this is one of them`;
  return {
    ...decision,
    spoke: route.spoke,
    chosen: { ...chosen, spoke: route.spoke },
    // The same checks decide whether either gives way to another spoke.
    ...(plan?.first === spoke ? { plan: { ...plan, first: route.spoke } } : {}),
    reasons: [words, ...reasons],
  };
}

/** A number of [0, 1) that the session, else the request, and the version give. */
function drawOf({ id, caller, session }: Call, spoke: string): number {
  return trialDraw(spoke, caller.key, session ?? id);
}
