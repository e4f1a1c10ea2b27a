import type { RouteDecision } from '../core/decision.ts';
import type { Reservation } from '../policy/budget.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';
import { estimateTokens } from './route.ts';

/** What the request may spend: its own limit, and what is left of the key's day. */
export async function limitSpending(parts: PipelineParts, life: Life): Promise<void> {
  const left = await parts.budgets.left(life.call.caller);
  life.budgetLeft = Math.min(life.budgetLeft, left ?? Number.POSITIVE_INFINITY);
}

/**
 * Sets aside what the remote rungs of the cascade cost at most, each with its longest answer. A
 * child spends from its own reservation.
 */
export function reserve(
  parts: PipelineParts,
  life: Life,
  decision: RouteDecision,
): Promise<Reservation> {
  const { call } = life;
  const promptTokens = estimateTokens(call.request) + parts.config.ground.evidenceTokens;
  const rungs = new Set([decision.spoke, ...decision.cascade]);
  let amount = 0;
  for (const { config, gate } of life.spokes) {
    if (!rungs.has(config.id) || gate.price === undefined) continue;
    const answerTokens =
      (call.request.maxTokens ?? config.maxTokens) * (call.request.choiceCount ?? 1);
    amount += (promptTokens * gate.price.input + answerTokens * gate.price.output) / 1e6;
  }
  return parts.budgets.reserve({ caller: call.caller, id: call.id, amount });
}
