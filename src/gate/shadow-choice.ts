import type { ShadowSettings } from '../core/config-shadow.ts';
import type { Candidate, RouteDecision } from '../core/decision.ts';
import type { GateSpoke } from './spoke.ts';

export interface ShadowQuestion {
  /** The candidates of the request, as they were when it was answered. */
  readonly decision: Pick<RouteDecision, 'candidates'>;
  /** Who answered. */
  readonly served: string;
  /** Spokes that may be asked now. */
  readonly spokes: readonly GateSpoke[];
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
  | { readonly reason: 'documents' | 'no-other-spoke' | 'budget' };

/** What one answer of this machine takes at least, in CPU seconds. */
const LEAST_SECONDS = 1;

/**
 * Whom to ask what another spoke has answered: the reference where a cheaper one answered, a cheaper
 * one, the least known first, where the reference did. The reference is that of the gate in force,
 * without one the most probable candidate. Only candidates of the request itself are asked, and none
 * that reads documents or plans.
 */
export function pickShadow(question: ShadowQuestion): ShadowChoice {
  const { decision, served, spokes, left, settings } = question;
  const kindOf = (id: string) => spokes.find((one) => one.id === id)?.kind;
  const askable = decision.candidates.filter(({ spoke }) =>
    ['chat', 'classifier'].includes(kindOf(spoke) ?? ''),
  );
  const shown = askable.find((one) => one.spoke === served);
  if (shown === undefined) return { reason: 'documents' };
  const reference = referenceOf(question, askable);
  const isNamed = ({ spoke }: Candidate) =>
    settings.spokes.length === 0 || settings.spokes.includes(spoke);
  const others = wantedOf(askable.filter(isNamed), shown, reference, question.answersOf);
  const views = others.flatMap(({ spoke }) => spokes.find((one) => one.id === spoke) ?? []);
  const spoke = views.find(({ destination }) =>
    destination === 'local' ? left.seconds >= LEAST_SECONDS : left.dollars > 0,
  );
  if (spoke === undefined) return { reason: views.length === 0 ? 'no-other-spoke' : 'budget' };
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
  named: readonly Candidate[],
  shown: Candidate,
  reference: string | undefined,
  answersOf: (spoke: string) => number,
): readonly Candidate[] {
  const others = named.filter((one) => one.spoke !== shown.spoke);
  const isReference = shown.spoke === reference;
  const rank = (one: Candidate) => (one.spoke === reference ? -1 : answersOf(one.spoke));
  return others
    .filter((one) => !isReference || one.cost < shown.cost)
    .toSorted((one, other) => rank(one) - rank(other) || one.cost - other.cost);
}
