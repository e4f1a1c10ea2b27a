import type { RouteDecision } from '../core/decision.ts';
import { worstCost } from '../core/worst-cost.ts';
import type { Reservation } from '../policy/budget.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';

/** What the request may spend: its own limit, and what is left of the key's day. */
export async function limitSpending(parts: PipelineParts, life: Life): Promise<void> {
  const left = await parts.budgets.left(life.call.caller);
  life.budgetLeft = Math.min(life.budgetLeft, left ?? Number.POSITIVE_INFINITY);
}

/**
 * Sets aside what the rungs of the cascade cost at most, together never more than may be spent. A
 * child spends from its own reservation.
 */
export function reserve(
  parts: PipelineParts,
  life: Life,
  decision: RouteDecision,
): Promise<Reservation> {
  const rungs = new Set([
    decision.spoke,
    ...decision.cascade,
    ...(decision.fallback ?? []),
    ...(decision.hedge === undefined ? [] : [decision.hedge]),
  ]);
  const worst = life.spokes.reduce(
    (sum, spoke) => sum + (rungs.has(spoke.config.id) ? mostCost(life, spoke) : 0),
    0,
  );
  const amount = Math.min(worst, life.budgetLeft);
  if (life.call.caller.budgetDaily !== undefined) life.reserved = amount;
  return parts.budgets.reserve({ caller: life.call.caller, id: life.call.id, amount });
}

/**
 * Whether a rung fits into what the tries before it, and those that run beside it, have left of the
 * request's limit and of what was set aside for it. Choices before `choice` are paid already.
 */
export function isAffordable(
  life: Life,
  spoke: SpokeRuntime,
  { choice = 0, beside }: { readonly choice?: number; readonly beside?: SpokeRuntime } = {},
): boolean {
  const cost = mostCost(life, spoke, choice);
  if (cost === 0) return true;
  const spent = life.builder.spent(life.gates) + life.underWay;
  const sum = spent + cost + (beside ? mostCost(life, beside) : 0);
  // What is set aside is a sum of the same figures, so it may differ by rounding.
  return sum <= Math.min(life.budgetLeft, life.reserved) + 1e-12;
}

/** US dollars of a spoke's longest answers, from one choice to the last. */
export function mostCost(life: Life, { gate }: SpokeRuntime, choice = 0): number {
  const { request } = life.call;
  if (gate.destination === 'local') return 0;
  return worstCost(gate, request, life.mostPromptTokens, (request.choiceCount ?? 1) - choice);
}
