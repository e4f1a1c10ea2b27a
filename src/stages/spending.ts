import type { RouteDecision } from '../core/decision.ts';
import type { Reservation } from '../policy/budget.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { mostPromptTokens } from './prompt-tokens.ts';

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
    (sum, spoke) => sum + (rungs.has(spoke.config.id) ? worstCost(parts, life, spoke) : 0),
    0,
  );
  const amount = Math.min(worst, life.budgetLeft);
  if (life.call.caller.budgetDaily !== undefined) life.reserved = amount;
  return parts.budgets.reserve({ caller: life.call.caller, id: life.call.id, amount });
}

/**
 * Whether a rung fits into what the tries before it, and one that runs beside it, have left of the
 * request's limit and of what was set aside for it.
 */
export function isAffordable(
  parts: PipelineParts,
  life: Life,
  spoke: SpokeRuntime,
  beside?: SpokeRuntime,
): boolean {
  const cost = worstCost(parts, life, spoke);
  if (cost === 0) return true;
  const spent = life.builder.spent(life.spokes.map((one) => one.gate));
  const sum = spent + cost + (beside ? worstCost(parts, life, beside) : 0);
  // What is set aside is a sum of the same figures, so it may differ by rounding.
  return sum <= Math.min(life.budgetLeft, life.reserved + 1e-12);
}

/** US dollars of a remote spoke's longest answer; local spokes cost nobody's money. */
function worstCost(parts: PipelineParts, life: Life, { config, gate }: SpokeRuntime): number {
  const { request } = life.call;
  if (gate.price === undefined) return 0;
  const evidenceTokens = config.kind === 'grounded' ? parts.config.ground.evidenceTokens : 0;
  const promptTokens = mostPromptTokens(request, config.system) + evidenceTokens;
  const answerTokens = (request.maxTokens ?? config.maxTokens) * (request.choiceCount ?? 1);
  return (promptTokens * gate.price.input + answerTokens * gate.price.output) / 1e6;
}
