import type { ChatRequest } from '../core/chat.ts';
import type { ShadowSettings } from '../core/config-shadow.ts';
import type { RouteDecision } from '../core/decision.ts';
import { mostPromptTokens, worstCost } from '../core/worst-cost.ts';
import { expenseOf } from './cost.ts';
import type { GateSpoke } from './spoke.ts';

export interface ShadowQuestion {
  readonly request: ChatRequest;
  /** As it was made when the request was answered. */
  readonly decision: Pick<RouteDecision, 'candidates' | 'rejected'>;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
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
/** Of a usual answer, to tell the cheaper of two spokes. */
const ANSWER_TOKENS = 100;

/**
 * Whom to ask what another spoke has answered: the reference where a cheaper one answered, a cheaper
 * one, the least known first, where the reference did. The reference is that of the gate in force,
 * without one the most probable candidate; no other takes its place where it cannot be asked now,
 * unless it was left out by name. Who was kept out by nothing but its list of tasks may be asked too:
 * what it can do beyond it is to be learned. Nobody who reads documents or plans is asked.
 */
export function pickShadow(question: ShadowQuestion): ShadowChoice {
  const { decision, served, settings, isReady } = question;
  const candidates = viewsOf(
    question,
    decision.candidates.map(({ spoke }) => spoke),
  );
  const shown = candidates.find((one) => one.id === served);
  if (shown === undefined) return { reason: 'documents' };
  const reference = referenceOf(question, candidates);
  // Without a yardstick nothing is graded: only who is named is asked all the same.
  if (reference === undefined && settings.spokes.length === 0) return { reason: 'no-other-spoke' };
  const wanted = wantedOf(question, [...candidates, ...unlisted(question)], shown, reference);
  if (wanted.length === 0) return { reason: 'no-other-spoke' };
  const payable = wanted.filter((spoke) => isPayable(question, spoke));
  if (payable.length === 0) return { reason: 'budget' };
  const spoke = payable.find(isReady);
  if (spoke === undefined) return { reason: 'no-memory' };
  return { spoke, ...(reference === undefined ? {} : { reference }) };
}

/** The longest answer that is allowed must fit, as the pipeline demands. */
function isPayable({ left, request }: ShadowQuestion, spoke: GateSpoke): boolean {
  if (spoke.destination === 'local') return left.seconds >= LEAST_SECONDS;
  return left.dollars > 0 && worstCost(spoke, request, mostPromptTokens(request)) <= left.dollars;
}

function viewsOf({ spokes }: ShadowQuestion, ids: readonly string[]): readonly GateSpoke[] {
  return ids
    .flatMap((id) => spokes.find((one) => one.id === id) ?? [])
    .filter(({ kind }) => kind === 'chat' || kind === 'classifier');
}

/** Spokes that only their lists of tasks keep out. */
function unlisted(question: ShadowQuestion): readonly GateSpoke[] {
  const { decision, request } = question;
  const isText = (request.responseFormat?.type ?? 'text') === 'text';
  const ids = decision.rejected.flatMap(({ id, code }) => (code === 'not-suited' ? [id] : []));
  return viewsOf(question, ids).filter(
    ({ kind, tasks, output, measured }) =>
      kind === 'chat' &&
      tasks.length > 0 &&
      // An adapter answers what it was taught and nothing else.
      measured === undefined &&
      (output === 'text' || !isText),
  );
}

function referenceOf(
  { reference, decision }: ShadowQuestion,
  candidates: readonly GateSpoke[],
): string | undefined {
  const isCandidate = (id: string) => candidates.some((one) => one.id === id);
  if (reference !== undefined) return isCandidate(reference) ? reference : undefined;
  const askable = decision.candidates.filter(({ spoke }) => isCandidate(spoke));
  const best = Math.max(...askable.map((one) => one.probability));
  return askable.find((one) => one.probability === best)?.spoke;
}

/** In the order in which they would be asked. */
function wantedOf(
  { settings, asked, answersOf, request, promptTokens }: ShadowQuestion,
  askable: readonly GateSpoke[],
  shown: GateSpoke,
  reference: string | undefined,
): readonly GateSpoke[] {
  const fresh = askable.filter(
    ({ id }) =>
      !asked.includes(id) && (settings.spokes.length === 0 || settings.spokes.includes(id)),
  );
  const yardstick = fresh.filter((one) => one.id === reference);
  if (yardstick.length > 0) return yardstick;
  // Loading is no part of what an answer costs.
  const costOf = (spoke: GateSpoke) =>
    expenseOf({ ...spoke, resident: true }, request, promptTokens, ANSWER_TOKENS, 1).cost;
  const most = shown.id === reference ? costOf(shown) : Number.POSITIVE_INFINITY;
  return fresh
    .map((spoke) => ({ spoke, cost: costOf(spoke) }))
    .filter(({ cost }) => cost < most)
    .toSorted((a, b) => answersOf(a.spoke.id) - answersOf(b.spoke.id) || a.cost - b.cost)
    .map(({ spoke }) => spoke);
}
