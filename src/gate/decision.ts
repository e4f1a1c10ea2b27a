import type { Candidate, CascadePlan, RouteDecision } from '../core/decision.ts';
import { planWords } from './cascade-choice.ts';
import {
  type CertifiedPick,
  certifiedOtherwise,
  certifiedPromise,
  certifiedReason,
} from './certified-choice.ts';
import { compareProbability, ladder, pickCandidate } from './choice.ts';
import { type GateContext, likelyTask, sliceOf, strangerTo } from './context.ts';
import { otherPromise } from './counterfactual.ts';
import { measuredReason } from './measured-success.ts';
import type { SortedSpokes } from './sorting.ts';
import type { GateSpoke } from './spoke.ts';
import { suspending, suspensionWords } from './suspension.ts';
import { countWords, dollarWords, secondWords, shareWords } from './wording.ts';

/** Which candidate it is, and what decided. */
export interface Settled {
  readonly chosen: Candidate;
  readonly by:
    | 'promise'
    | 'certificate'
    | 'safety'
    | 'plan'
    | 'session'
    | 'tool-loop'
    | 'exploration'
    | 'cascade';
  /** When a cascade stands in for a route. */
  readonly cascade?: CascadePlan;
  /** When the certificate decided. */
  readonly certified?: CertifiedPick;
  /** Candidates that reach the promise, when the promise decided. */
  readonly reaching?: number;
  /** The spoke that would have been chosen without the session, or without exploring. */
  readonly otherwise?: string;
}

/** Tasks below this share are left out of the trace. */
const LEAST_SHARE = 0.005;
const MOST_RUNGS = 2;

export function assembleDecision(
  context: GateContext,
  sorted: SortedSpokes,
  candidates: readonly Candidate[],
  settled: Settled,
  candidateOf: (spoke: GateSpoke) => Candidate,
): RouteDecision {
  const { input, surface, estimate } = context;
  const { chosen } = settled;
  const others = candidates.filter((one) => one !== chosen);
  const runnerUp = pickCandidate(others, input.promise)?.candidate;
  const counterfactual = explainOther(context, sorted, candidates, settled, candidateOf);
  return {
    spoke: chosen.spoke,
    promise: input.promise,
    chosen,
    ...(runnerUp ? { runnerUp } : {}),
    candidates: candidates.toSorted(compareProbability),
    rejected: sorted.rejected,
    tasks: estimate.unread
      ? []
      : estimate.posterior.filter((one) => one.probability >= LEAST_SHARE),
    features: estimate.unread ? {} : { ...surface.features },
    reasons: reasonsOf(context, sorted, candidates, settled),
    ...(counterfactual === undefined ? {} : { counterfactual }),
    ...(settled.certified ? { certified: certifiedPromise(settled.certified) } : {}),
    cascade: cascadeOf(sorted, settled, candidates),
    ...(settled.cascade ? { plan: settled.cascade } : {}),
    ...standInsOf(context, sorted, chosen),
    ...(settled.by === 'session' || settled.by === 'tool-loop' ? { stickiness: settled.by } : {}),
  };
}

/** The operator's fallbacks first, then rungs upwards; a plan or a classifier is no rung. */
function cascadeOf(
  sorted: SortedSpokes,
  { chosen, cascade }: Settled,
  candidates: readonly Candidate[],
): string[] {
  // Nobody better follows the second spoke of a plan.
  if (cascade !== undefined) return [cascade.next];
  const spoke = sorted.eligible.find((one) => one.id === chosen.spoke);
  if (candidates.length === 1 || spoke === undefined || spoke.kind === 'hub') return [];
  const rungs = candidates.filter((one) => {
    const kind = sorted.eligible.find((other) => other.id === one.spoke)?.kind;
    return kind === 'chat' || kind === 'grounded';
  });
  const wanted = spoke.fallback.filter(
    (id) => id !== chosen.spoke && rungs.some((one) => one.spoke === id),
  );
  // A classifier that finds none of its labels says so surely: the next best is asked, worse or not.
  const next =
    spoke.kind === 'classifier'
      ? rungs.toSorted(compareProbability).map((one) => one.spoke)
      : ladder(chosen, rungs);
  return [...new Set([...wanted, ...next])].slice(0, MOST_RUNGS);
}

/** Whom the operator named for trouble, and for a slow beginning; only those that may serve. */
function standInsOf(
  { input }: GateContext,
  { eligible }: SortedSpokes,
  chosen: Candidate,
): Pick<RouteDecision, 'fallback' | 'hedge'> {
  const spoke = eligible.find((one) => one.id === chosen.spoke);
  const may = (id: string) => id !== chosen.spoke && eligible.some((one) => one.id === id);
  const named = input.standbys?.includes(chosen.spoke) ? input.standbys : (spoke?.fallback ?? []);
  const fallback = named.filter(may);
  const hedge = spoke?.hedge;
  return {
    ...(fallback.length === 0 ? {} : { fallback }),
    ...(hedge === undefined || !may(hedge) ? {} : { hedge }),
  };
}

function reasonsOf(
  context: GateContext,
  sorted: SortedSpokes,
  candidates: readonly Candidate[],
  settled: Settled,
): string[] {
  const { input, estimate } = context;
  const { chosen } = settled;
  const reasons = [decidingReason(context, candidates, settled)];
  const fallen = input.suspension && suspending(input.suspension, sliceOf(estimate));
  if (fallen && input.suspension) reasons.push(suspensionWords(fallen, input.suspension));
  if (chosen.joinedRows !== undefined)
    reasons.push(`\`${chosen.spoke}\` joined the gate, known by ${chosen.joinedRows} rows`);
  reasons.push(...sorted.sure.flatMap((spoke) => measuredReason(spoke, context) ?? []));
  if (input.evidence?.required)
    reasons.push(`the answer must come from ${input.evidence.collection}`);
  else if (input.evidence !== undefined && isGrounded(sorted, chosen))
    reasons.push(
      `the best passage of ${input.evidence.collection} matches ${shareWords(input.evidence.strength)}`,
    );
  if (!estimate.unread)
    reasons.push(
      estimate.flat
        ? 'the task is unclear, so the mean over all tasks decides'
        : `looks like ${likelyTask(estimate)}`,
    );
  const stranger = input.scope && strangerTo(input.scope, sorted.eligible);
  if (stranger !== undefined && input.scope?.losses.has(sliceOf(estimate)))
    reasons.push(`the starter’s gate does not know \`${stranger.id}\`, so the table decides`);
  if (sorted.listsLifted)
    reasons.push('no spoke is kept for this task, so the task lists were set aside');
  if (input.pinned !== undefined && settled.by !== 'session' && settled.by !== 'tool-loop')
    reasons.push(leavingReason(input.pinned.spoke, candidates));
  reasons.push(
    `${countWords(input.promptTokens)} prompt tokens, ${dollarWords(chosen.cost)}, about ${secondWords(chosen.latencyMs)}${chosen.resident ? '' : ' with loading'}`,
  );
  return reasons;
}

function isGrounded(sorted: SortedSpokes, chosen: Candidate): boolean {
  return sorted.eligible.find((one) => one.id === chosen.spoke)?.kind === 'grounded';
}

function leavingReason(spoke: string, candidates: readonly Candidate[]): string {
  const pinned = candidates.find((one) => one.spoke === spoke);
  if (pinned === undefined)
    return `the session was on \`${spoke}\`, which may not serve this request`;
  return `the session was on \`${spoke}\`, which reaches only ${shareWords(pinned.probability)} here`;
}

function decidingReason(
  { input, surface }: GateContext,
  candidates: readonly Candidate[],
  { chosen, by, cascade, certified, otherwise, reaching = 0 }: Settled,
): string {
  const probability = shareWords(chosen.probability);
  const promise = shareWords(input.promise);
  if (by === 'tool-loop') return `\`${chosen.spoke}\` called the tool and reads its result`;
  if (by === 'session') {
    const cached = Math.min(input.pinned?.cachedTokens ?? 0, input.promptTokens);
    const read = cached === 0 ? '' : `, which has read ${countWords(cached)} tokens of it`;
    return `the session stays on \`${chosen.spoke}\` (${probability})${read}`;
  }
  if (by === 'plan')
    return `${Math.max(surface.features.jobs, surface.features.numberedJobs)} jobs in one request: a plan (${probability}) beats every single spoke`;
  if (by === 'exploration')
    return `\`${chosen.spoke}\` reaches the promise ${promise} (${probability}) and is tried to learn how good it is; \`${otherwise}\` would have been chosen`;
  if (cascade !== undefined) return planWords(cascade);
  if (certified !== undefined) return certifiedReason(certified);
  if (by === 'safety' && input.safeAmong !== undefined)
    return `nothing is promised; \`${chosen.spoke}\` is most probable to be right by what is known now (${probability})`;
  if (by === 'safety')
    return `\`${chosen.spoke}\` answers everything while the promise of the fitted gate is not in force`;
  if (chosen.spoke === input.request.model) return 'named by the request';
  if (input.standbys?.includes(chosen.spoke))
    return `stands in for \`${input.request.model}\`, which cannot serve now`;
  if (candidates.length === 1) return `the only spoke that may serve (${probability})`;
  if (reaching === 0)
    return `no spoke reaches the promise ${promise}; \`${chosen.spoke}\` is most probable to be right (${probability})`;
  if (reaching === 1) return `the only spoke that reaches the promise ${promise} (${probability})`;
  return `the cheapest of ${reaching} spokes that reach the promise ${promise} (${probability})`;
}

function explainOther(
  { input }: GateContext,
  sorted: SortedSpokes,
  candidates: readonly Candidate[],
  { chosen, by, otherwise, certified }: Settled,
  candidateOf: (spoke: GateSpoke) => Candidate,
): string | undefined {
  if (by === 'tool-loop') return undefined;
  if (by === 'session')
    return otherwise === undefined || otherwise === chosen.spoke
      ? undefined
      : `\`${otherwise}\` would have been chosen without the session`;
  if (certified !== undefined) return certifiedOtherwise(certified, candidates);
  const texts: string[] = [];
  const isPromise = by === 'promise';
  const promise = isPromise ? otherPromise(chosen, candidates, input.promise) : undefined;
  if (promise !== undefined) texts.push(promise);
  const missing = sorted.rejected
    .filter((one) => one.code === 'not-installed' || one.code === 'health')
    .flatMap((one) => input.spokes.find((spoke) => spoke.id === one.id) ?? [])
    .map(candidateOf);
  for (const one of isPromise ? missing : []) {
    if (pickCandidate([...candidates, one], input.promise)?.candidate !== one) continue;
    texts.push(
      `\`${one.spoke}\` (${shareWords(one.probability)}) would have been chosen if it were ready`,
    );
    break;
  }
  return texts.length === 0 ? undefined : texts.join('; ');
}
