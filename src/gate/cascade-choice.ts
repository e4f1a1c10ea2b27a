import type { Candidate, CascadePlan } from '../core/decision.ts';
import { planCascade } from './cascade-plan.ts';
import { type GateContext, sliceOf } from './context.ts';
import type { SortedSpokes } from './sorting.ts';
import { dollarWords, secondWords, shareWords } from './wording.ts';

/** The checks of one answer: reading it and the prompt, on one thread (`bench gate-cascade`). */
const CHECK_MS = 0.3;
const CHECK_MS_PER_TOKEN = 0.004;

/**
 * The cascade that stands in for a route, where one may. It holds the answer back until it is checked,
 * so only requests whose answer is read whole have one; the promise is about P(right), so nothing that
 * a certificate, a session or an exploration decided is changed: a certificate was measured on spokes
 * that are asked at once. An adapter was measured on its own job, the checks were on others.
 */
export function cascadeFor(
  { input, estimate }: GateContext,
  { eligible }: SortedSpokes,
  candidates: readonly Candidate[],
  route: Candidate,
): CascadePlan | undefined {
  const { checks, request, promise, promptTokens, evidence } = input;
  if (checks === undefined || evidence?.required === true || promise >= 1) return undefined;
  if ((request.tools?.length ?? 0) > 0 || (request.choiceCount ?? 1) > 1) return undefined;
  const chats = candidates.filter((one) =>
    eligible.some(
      ({ id, kind, measured }) => id === one.spoke && kind === 'chat' && measured === undefined,
    ),
  );
  const asked = eligible.find((spoke) => spoke.id === route.spoke);
  if (chats.length < 2 || asked?.kind !== 'chat' || asked.measured) return undefined;
  const ms = CHECK_MS + CHECK_MS_PER_TOKEN * promptTokens;
  const plan = planCascade(chats, route, {
    promise,
    power: checks.tasks[sliceOf(estimate)] ?? checks.rest,
    shared: checks.shared,
    check: { ms, dollars: (ms / 1000) * asked.dollarsPerSecond },
  });
  if (plan === undefined) return undefined;
  const second = secondOpinion(eligible, chats, plan);
  return second === undefined ? plan : { ...plan, second };
}

/** Another small local model that is loaded already and costs at most half of the reference. */
function secondOpinion(
  eligible: SortedSpokes['eligible'],
  chats: readonly Candidate[],
  { first, next }: CascadePlan,
): string | undefined {
  const spokeOf = (id: string) => eligible.find((spoke) => spoke.id === id);
  const models = [spokeOf(first)?.modelId, spokeOf(next)?.modelId];
  const most = (chats.find((one) => one.spoke === next)?.latencyMs ?? 0) / 2;
  const able = chats.filter((one) => {
    const spoke = spokeOf(one.spoke);
    if (spoke === undefined || models.includes(spoke.modelId)) return false;
    return spoke.destination === 'local' && one.resident && one.latencyMs <= most;
  });
  return able.toSorted((left, right) => right.probability - left.probability)[0]?.spoke;
}

/** The plan in one line. */
export function planWords({
  first,
  next,
  threshold,
  cost,
  latencyMs,
  instead,
}: CascadePlan): string {
  const isMoney = instead.cost > 0.0001;
  const money = isMoney ? `, ${dollarWords(cost)} instead of ${dollarWords(instead.cost)}` : '';
  return `ask \`${first}\` first; if P(right) < ${shareWords(threshold)} after its checks, then \`${next}\`: expected ${secondWords(latencyMs)} instead of ${secondWords(instead.latencyMs)}${money}`;
}
