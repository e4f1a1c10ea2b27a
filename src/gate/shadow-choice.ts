import type { ShadowSettings } from '../core/config-shadow.ts';
import type { Candidate, RouteDecision } from '../core/decision.ts';
import type { GateSpoke } from './spoke.ts';

export interface ShadowQuestion {
  /** The candidates of the request, as they were when it was answered. */
  readonly decision: Pick<RouteDecision, 'candidates'>;
  /** Who answered. */
  readonly served: string;
  /** Whom the request was asked of already. */
  readonly asked: readonly string[];
  readonly spokes: readonly GateSpoke[];
  /** Whether it can answer without pushing what others need out of memory. */
  readonly isReady: (spoke: GateSpoke) => boolean;
  /** Reference of the fitted gate in force; absent while none is. */
  readonly reference?: string;
  readonly settings: Pick<ShadowSettings, 'spokes'>;
  /** What is left of the day, US dollars and CPU seconds. */
  readonly left: { readonly dollars: number; readonly seconds: number };
  /** How often a spoke was compared before, in requests of this kind. */
  readonly answersOf: (spoke: string) => number;
}

export type ShadowChoice =
  | { readonly spoke: GateSpoke; readonly reference?: string }
  /** Why nobody is asked. */
  | { readonly reason: 'documents' | 'no-other-spoke' | 'no-memory' | 'budget' };

/** What one answer of this machine takes at least, in CPU seconds. */
const LEAST_SECONDS = 1;

/**
 * Whom to ask what another spoke has answered: the reference where a cheaper one answered, a cheaper
 * one, the least known first, where the reference did. The reference is that of the gate in force,
 * without one the most probable candidate; no other takes its place where it cannot be asked now,
 * unless it was left out by name. Only candidates of the request itself are asked, and none that reads
 * documents or plans.
 */
export function pickShadow(question: ShadowQuestion): ShadowChoice {
  const { decision, served, spokes, left, isReady } = question;
  const viewOf = (id: string) => spokes.find((one) => one.id === id);
  const askable = decision.candidates.filter(({ spoke }) =>
    ['chat', 'classifier'].includes(viewOf(spoke)?.kind ?? ''),
  );
  const shown = askable.find((one) => one.spoke === served);
  if (shown === undefined) return { reason: 'documents' };
  const reference = referenceOf(question, askable);
  // Without a yardstick nothing is graded: only who is named is asked all the same.
  if (reference === undefined && question.settings.spokes.length === 0)
    return { reason: 'no-other-spoke' };
  const wanted = wantedOf(question, askable, shown, reference).flatMap(
    ({ spoke }) => viewOf(spoke) ?? [],
  );
  if (wanted.length === 0) return { reason: 'no-other-spoke' };
  const payable = wanted.filter(({ destination }) =>
    destination === 'local' ? left.seconds >= LEAST_SECONDS : left.dollars > 0,
  );
  if (payable.length === 0) return { reason: 'budget' };
  const spoke = payable.find(isReady);
  if (spoke === undefined) return { reason: 'no-memory' };
  return { spoke, ...(reference === undefined ? {} : { reference }) };
}

function referenceOf(
  { reference }: ShadowQuestion,
  askable: readonly Candidate[],
): string | undefined {
  if (reference !== undefined)
    return askable.some((one) => one.spoke === reference) ? reference : undefined;
  const best = Math.max(...askable.map((one) => one.probability));
  return askable.find((one) => one.probability === best)?.spoke;
}

/** In the order in which they would be asked. */
function wantedOf(
  { settings, asked, answersOf }: ShadowQuestion,
  askable: readonly Candidate[],
  shown: Candidate,
  reference: string | undefined,
): readonly Candidate[] {
  const fresh = askable.filter(
    ({ spoke }) =>
      !asked.includes(spoke) && (settings.spokes.length === 0 || settings.spokes.includes(spoke)),
  );
  const yardstick = fresh.filter((one) => one.spoke === reference);
  if (yardstick.length > 0) return yardstick;
  return fresh
    .filter((one) => shown.spoke !== reference || one.cost < shown.cost)
    .toSorted(
      (one, other) => answersOf(one.spoke) - answersOf(other.spoke) || one.cost - other.cost,
    );
}
