import type { Candidate, Rejection, RouteDecision } from '../core/decision.ts';
import { cascadeFor } from './cascade-choice.ts';
import { type CertifiedPick, isCertified, pickCertified } from './certified-choice.ts';
import { compareProbability, pickCandidate } from './choice.ts';
import {
  type GateContext,
  type GateInput,
  isBeyondScope,
  isToolResult,
  sliceOf,
} from './context.ts';
import { answerLimit, expenseOf, switchCost } from './cost.ts';
import { assembleDecision, type Settled } from './decision.ts';
import { isNamedClassifier } from './eligibility.ts';
import { type Estimator, type TaskEstimate, UNREAD } from './estimator.ts';
import { readForm, readSurface } from './features.ts';
import { besideRate, measuredSuccess } from './measured-success.ts';
import { type SortedSpokes, sortSpokes } from './sorting.ts';
import type { GateSpoke } from './spoke.ts';

export type { GateEvidence, GateInput } from './context.ts';
export type { GateSpoke } from './spoke.ts';

export type GateResult =
  | { readonly decision: RouteDecision }
  | { readonly rejected: readonly Rejection[] };

/** A session leaves its spoke for another that is this much more probable to be right, besides what the move costs. */
const LOYALTY = 0.05;

/**
 * Chooses the spoke for a request: the cheapest that may serve and reaches the promise, else the
 * most probable one; a pinned spoke is kept while it may serve. Pure and deterministic; linear in
 * the number of spokes and in at most 16 KB of text. `rejected` when no spoke may serve.
 */
export function decideRoute(input: GateInput, estimator: Estimator): GateResult {
  const isOpen = !isNamed(input);
  const surface = isOpen ? readSurface(input.request) : readForm(input.request);
  const estimate = isOpen ? estimator.estimate(input.request, surface) : UNREAD;
  const context: GateContext = { input, surface, estimate };
  const sorted = sortSpokes(context);
  const choosable = choosableOf(input, sorted);
  if (choosable.length === 0) return { rejected: sorted.rejected };
  const candidateOf = (spoke: GateSpoke): Candidate => ({
    spoke: spoke.id,
    probability: probabilityOf(spoke, context, sorted, estimator),
    ...(isOpen ? { graded: estimator.graded(estimate, spoke) } : {}),
    ...expenseOf(
      spoke,
      input.request,
      input.promptTokens,
      Math.min(estimator.usualAnswer(estimate, spoke), answerLimit(input.request, spoke)),
      Math.max(surface.features.jobs, surface.features.numberedJobs),
      cachedBy(spoke.id, input),
    ),
    resident: spoke.resident,
    ...joinedOf(spoke, estimate),
  });
  const candidates = choosable.map(candidateOf);
  const settled = cascading(context, sorted, candidates, settle(context, sorted, candidates));
  return {
    decision: assembleDecision(context, sorted, candidates, settled, candidateOf),
  };
}

function joinedOf({ id }: GateSpoke, { learned }: TaskEstimate): Pick<Candidate, 'joinedRows'> {
  const joinedRows = learned?.joinedRows.get(id);
  return joinedRows === undefined ? {} : { joinedRows };
}

/** What a named spoke may lack so that another one stands in; all else the caller has to hear. */
const STANDS_IN: ReadonlySet<Rejection['code']> = new Set([
  'health',
  'not-installed',
  'memory',
  'context-length',
]);

/** Those among which the choice is made: never a stand-in while what it stands in for may serve. */
function choosableOf({ standbys }: GateInput, sorted: SortedSpokes): readonly GateSpoke[] {
  if (standbys === undefined) return sorted.eligible;
  const own = sorted.eligible.filter((spoke) => !standbys.includes(spoke.id));
  if (own.length > 0) return own;
  const hasOther = sorted.rejected.some(
    (one) => !standbys.includes(one.id) && !STANDS_IN.has(one.code),
  );
  if (hasOther) return [];
  const first = standbys.find((id) => sorted.eligible.some((spoke) => spoke.id === id));
  return sorted.eligible.filter((spoke) => spoke.id === first);
}

/** Whether the request names the one spoke there is and nothing of its text decides how it is asked. */
function isNamed({ request, spokes }: GateInput): boolean {
  const [only] = spokes;
  if (spokes.length !== 1 || only?.id !== request.model) return false;
  return only.kind === 'chat' || only.kind === 'grounded';
}

/** What a request is that offers a classifier exactly its own labels, or names it. */
const SORTING: TaskEstimate = { posterior: [{ task: 'classify', probability: 1 }], flat: false };

/** A grounded spoke is right when it reads well and the passages hold the answer; how much of it hangs on the match (0.3) is judgement until it is measured. */
function probabilityOf(
  spoke: GateSpoke,
  context: GateContext,
  { sure }: SortedSpokes,
  estimator: Estimator,
): number {
  const isSorting = sure.includes(spoke) || isNamedClassifier(context.input);
  const success =
    measuredSuccess(spoke, context, sure) ??
    estimator.success(isSorting ? SORTING : context.estimate, spoke, context.surface);
  const strength = context.input.evidence?.strength ?? 0;
  const share = spoke.kind === 'grounded' ? 0.7 + 0.3 * Math.min(1, Math.max(0, strength)) : 1;
  const probability = success * share;
  return Number.isFinite(probability) ? Math.min(1, Math.max(0, probability)) : 0;
}

function settle(
  context: GateContext,
  sorted: SortedSpokes,
  candidates: readonly Candidate[],
): Settled {
  const { promise, pinned, request } = context.input;
  const held = candidates.find((one) => one.spoke === pinned?.spoke);
  if (held !== undefined && isToolResult(request)) return { chosen: held, by: 'tool-loop' };
  const plan = planBeats(sorted, candidates);
  const certified = certifiedPick(context, sorted, candidates);
  const safe = certified ? undefined : safeCandidate(context, sorted, candidates);
  const open = plan === undefined ? singlesOf(sorted, candidates) : candidates;
  const pick = pickCandidate(measuredOnJob(sorted, open, promise) ?? open, promise);
  const free = plan ?? certified?.candidate ?? safe ?? pick?.candidate;
  if (free === undefined) throw new RangeError('a choice needs at least one candidate');
  if (held !== undefined && pinned?.why === 'session') {
    const move = moveCost(sorted, context.input, free.spoke);
    // What is certified is no matter of loyalty.
    const isKept = certified
      ? isCertified(certified, held.spoke)
      : held.probability >= promise || held.probability >= free.probability - LOYALTY - move;
    if (isKept) return { chosen: held, by: 'session', otherwise: free.spoke };
  }
  if (plan !== undefined) return { chosen: plan, by: 'plan' };
  if (certified !== undefined) return { chosen: free, by: 'certificate', certified };
  if (safe !== undefined) return { chosen: free, by: 'safety' };
  const isFree = isBeyondScope(context, sorted.eligible);
  const tried = explored(context, singlesOf(sorted, candidates), free, isFree);
  if (tried !== undefined) return { chosen: tried, by: 'exploration', otherwise: free.spoke };
  return { chosen: free, by: 'promise', reaching: pick?.reaching ?? 0 };
}

/**
 * Those whose figure for a job was measured on its own rows, where the request is sure to ask for that job
 * and one of them reaches the promise: what the table guesses of others says less.
 */
function measuredOnJob(
  { eligible, sure }: SortedSpokes,
  candidates: readonly Candidate[],
  promise: number,
): readonly Candidate[] | undefined {
  if (!sure.some((spoke) => spoke.measured !== undefined)) return undefined;
  const isKnown = (spoke: GateSpoke) =>
    sure.includes(spoke) || besideRate(spoke, sure) !== undefined;
  const known = eligible.filter(isKnown).map((spoke) => spoke.id);
  const own = candidates.filter((one) => known.includes(one.spoke));
  return own.some((one) => one.probability >= promise) ? own : undefined;
}

/** The same with a cheaper spoke before it, where its answer can be checked and that is worth it. */
function cascading(
  context: GateContext,
  sorted: SortedSpokes,
  candidates: readonly Candidate[],
  settled: Settled,
): Settled {
  if (settled.by !== 'promise') return settled;
  const cascade = cascadeFor(context, sorted, candidates, settled.chosen);
  const first = candidates.find((one) => one.spoke === cascade?.first);
  if (cascade === undefined || first === undefined) return settled;
  return { chosen: first, by: 'cascade', cascade };
}

/** Another spoke that is good enough, where nothing that was promised to anybody can break by it. */
function explored(
  { input, estimate }: GateContext,
  candidates: readonly Candidate[],
  usual: Candidate,
  isFree: boolean,
): Candidate | undefined {
  const { explore, promise, pinned } = input;
  const promised = input.certificate ?? input.suspension ?? input.safeSpoke;
  if (explore === undefined || pinned || (promised !== undefined && !isFree)) return undefined;
  const reaching = candidates.filter((one) => one.probability >= promise);
  if (reaching.length < 2 || !reaching.includes(usual)) return undefined;
  const drawn = explore(
    sliceOf(estimate),
    reaching.map((one) => one.spoke),
    usual.spoke,
  );
  return reaching.find((one) => one.spoke === drawn);
}

/**
 * The choice that a certificate in force makes. It speaks of requests that its models answered; those
 * that offer a micro-model exactly its own labels are the micro-model's, certified or not.
 */
function certifiedPick(
  context: GateContext,
  { eligible, sure }: SortedSpokes,
  candidates: readonly Candidate[],
): CertifiedPick | undefined {
  const { certificate } = context.input;
  if (certificate === undefined || isBeyondScope(context, eligible)) return undefined;
  if (sure.length > 0) return undefined;
  const { estimate } = context;
  return pickCertified(candidates, certificate, sliceOf(estimate), estimate.learned);
}

/**
 * The safe side of a fitted gate whose promise is not in force, within the same bounds: its reference,
 * and where that fell itself, of the spokes it was certified with the most probable one.
 */
function safeCandidate(
  context: GateContext,
  { sure }: SortedSpokes,
  candidates: readonly Candidate[],
): Candidate | undefined {
  if (sure.length > 0) return undefined;
  const { safeSpoke, safeAmong } = context.input;
  if (safeAmong === undefined) return candidates.find((one) => one.spoke === safeSpoke);
  const known = candidates.filter((one) => safeAmong.includes(one.spoke));
  return known.toSorted(compareProbability)[0];
}

/** Tokens of the prompt that a spoke has in its cache, as far as the session knows. */
function cachedBy(spoke: string, { pinned, promptTokens }: GateInput): number {
  return pinned?.spoke === spoke ? Math.min(pinned.cachedTokens ?? 0, promptTokens) : 0;
}

function moveCost({ eligible }: SortedSpokes, input: GateInput, to: string): number {
  const held = eligible.find((spoke) => spoke.id === input.pinned?.spoke);
  const other = eligible.find((spoke) => spoke.id === to);
  if (held === undefined || other === undefined || held === other) return 0;
  return switchCost(held, other, cachedBy(held.id, input));
}

/** Those that answer by themselves; a plan that is beaten is no choice, unless there is no other. */
function singlesOf(sorted: SortedSpokes, candidates: readonly Candidate[]): readonly Candidate[] {
  const hub = sorted.eligible.find((spoke) => spoke.kind === 'hub');
  return candidates.length > 1 ? candidates.filter((one) => one.spoke !== hub?.id) : candidates;
}

/** A plan asks several times; it must be this much more probable to be right than a single answer. */
const PLAN_GAIN = 0.05;

/** Several jobs go to a plan when it is clearly more probable to be right than any single spoke. */
function planBeats(sorted: SortedSpokes, candidates: readonly Candidate[]): Candidate | undefined {
  const hub = sorted.eligible.find((spoke) => spoke.kind === 'hub');
  const plan = candidates.find((one) => one.spoke === hub?.id);
  if (plan === undefined || candidates.length === 1) return undefined;
  const isBeaten = candidates.some(
    (one) => one.spoke !== plan.spoke && one.probability >= plan.probability - PLAN_GAIN,
  );
  return isBeaten ? undefined : plan;
}
