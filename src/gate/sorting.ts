import type { Rejection } from '../core/decision.ts';
import { type GateContext, isToolResult } from './context.ts';
import { hardRejection } from './eligibility.ts';
import type { GateSpoke } from './spoke.ts';
import { isSureTrade, mustCite, unsuited } from './suitability.ts';

export interface SortedSpokes {
  readonly eligible: readonly GateSpoke[];
  /** Those of them whose trade the request is sure to ask for. */
  readonly sure: readonly GateSpoke[];
  readonly rejected: readonly Rejection[];
  /** The task lists of the configuration were set aside, because no spoke was left. */
  readonly listsLifted: boolean;
}

/** Who may serve, and why each of the others may not. */
export function sortSpokes(context: GateContext): SortedSpokes {
  const eligible: GateSpoke[] = [];
  const rejected: Rejection[] = [];
  const kept: { readonly spoke: GateSpoke; readonly rejection: Rejection }[] = [];
  for (const spoke of context.input.spokes) {
    const hard = hardRejection(spoke, context);
    const soft = hard || isHeld(spoke, context) ? undefined : unsuited(spoke, context);
    const rejection = hard ?? soft?.rejection;
    if (rejection === undefined) eligible.push(spoke);
    else if (soft?.lifted) kept.push({ spoke, rejection });
    else rejected.push(rejection);
  }
  if (eligible.length === 0)
    return {
      eligible: kept.map((one) => one.spoke),
      sure: [],
      rejected,
      listsLifted: kept.length > 0,
    };
  rejected.push(...kept.map((one) => one.rejection));
  const sure = eligible.filter((spoke) => isSureTrade(spoke, context));
  return { ...preferCiting({ eligible, sure }, rejected, context), listsLifted: false };
}

/** Named by the request, or in the middle of a tool loop: what it is good at is no question. */
function isHeld(spoke: GateSpoke, { input }: GateContext): boolean {
  if (spoke.id === input.request.model || input.standbys?.includes(spoke.id)) return true;
  return spoke.id === input.pinned?.spoke && isToolResult(input.request);
}

/** With good evidence for a question of fact, spokes that do not cite step back, unless it is their trade. */
function preferCiting(
  { eligible, sure }: Pick<SortedSpokes, 'eligible' | 'sure'>,
  rejected: readonly Rejection[],
  context: GateContext,
): Omit<SortedSpokes, 'listsLifted'> {
  const { evidence } = context.input;
  const citing = eligible.filter(
    (spoke) => spoke.kind === 'grounded' || isHeld(spoke, context) || sure.includes(spoke),
  );
  if (evidence === undefined || citing.length === 0 || !mustCite(context))
    return { eligible, sure, rejected };
  const reason = `does not cite; a passage of ${evidence.collection} matches ${evidence.strength.toFixed(2)}`;
  const others = eligible
    .filter((spoke) => !citing.includes(spoke))
    .map((spoke): Rejection => ({ id: spoke.id, code: 'not-suited', reason }));
  return { eligible: citing, sure, rejected: [...rejected, ...others] };
}
