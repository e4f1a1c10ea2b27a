import type { Call } from '../core/call.ts';
import type { PolicyVerdict, RouteDecision } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Delegate } from '../core/ports.ts';
import { isFlat } from '../gate/estimator.ts';
import type { AttemptPlan, AttemptResult, ReleaseMode } from './attempt-plan.ts';
import type { Evidence } from './ground.ts';
import { hedge } from './hedge.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { rung } from './rung.ts';
import { Rungs } from './rungs.ts';
import { secondOpinion } from './second-opinion.ts';
import { shownEvidence } from './shown-evidence.ts';
import { isAffordable } from './spending.ts';
import { standingPassages } from './standing-sources.ts';

interface CascadeResult {
  readonly outcome: 'answered' | 'abstained';
  readonly confidence?: number;
}

/** Asks the chosen spoke and, while nothing was shown, the next ones; declines when none may answer. */
export async function* cascade(
  parts: PipelineParts,
  life: Life,
  verdict: PolicyVerdict,
  decision: RouteDecision,
  { evidence, delegate }: { readonly evidence: Evidence | undefined; readonly delegate: Delegate },
): AsyncGenerator<CadreEvent, CascadeResult> {
  const rungs = new Rungs(life, decision);
  const shown = shownEvidence(parts, rungs.all.some(isGrounded) ? evidence : undefined);
  const found = shown.passages;
  for (const passage of found) yield life.see({ type: 'source-found', passage });
  const planFor = (spoke: SpokeRuntime, cause: AttemptPlan['cause']): AttemptPlan => ({
    spoke,
    verdict,
    // Only a grounded spoke sees the passages, so only its answer is held against them.
    passages: isGrounded(spoke) ? found : [],
    contradictions: shown.contradictions,
    parts: isGrounded(spoke) ? (evidence?.reading?.parts ?? []) : [],
    choice: 0,
    release:
      isFirst(decision, spoke) || isWhole(spoke)
        ? 'whole'
        : releaseMode(life.call, isGrounded(spoke), decision.cascade.length > 0),
    last: !rungs.hasCascade(spoke),
    prior: priorOf(decision, spoke),
    cause,
    signal: life.signal,
    delegate,
    ...checkingOf(parts, life, decision, spoke, () => planFor(spoke, cause)),
  });
  let failure: CadreError | undefined;
  let plan = planFor(rungs.take(rungs.chosen), 'route');
  for (;;) {
    const result = yield* attemptRung(parts, life, plan, { evidence, rungs, planFor });
    if (result.outcome === 'released') {
      yield life.see(choiceEnded(0, result));
      yield* furtherChoices(parts, life, { ...plan, spoke: rungs.answering });
      return { outcome: 'answered', confidence: result.confidence };
    }
    if (result.outcome === 'failed') failure = truer(failure, result.error);
    // An answer came after all; a rung that was not asked says nothing of the trouble before it.
    else if (result.outcome === 'refused') failure = undefined;
    const next = rungs.after(plan.spoke, result, failure);
    if (next === undefined) {
      if (failure) throw failure;
      const reason = result.outcome === 'failed' ? 'no spoke answered' : result.reason;
      const nearest = await standingPassages(parts, life, found);
      return yield* decline(life, reason, nearest.slice(0, 3));
    }
    yield life.see({
      type: 'route-escalated',
      from: plan.spoke.config.id,
      to: next.config.id,
      reason: result.outcome === 'failed' ? result.error.message : result.reason,
      ...(failure === undefined ? {} : { failed: true }),
    });
    plan = planFor(rungs.take(next), failure === undefined ? 'escalation' : 'fallback');
  }
}

/** The first trouble is what ails the request; what its stand-ins met must not hide it. */
function truer(first: CadreError | undefined, second: CadreError): CadreError {
  return first === undefined || first.fault === 'circuit-open' ? second : first;
}

function choiceEnded(
  choice: number,
  { finishReason, stopSequence }: Extract<AttemptResult, { outcome: 'released' }>,
): CadreEvent {
  const stopped = stopSequence === undefined ? {} : { stopSequence };
  return { type: 'choice-ended', choice, finishReason, ...stopped };
}

/** A calculation is shown as its result; that no label fits is known at the end. */
function isWhole({ config, gate }: SpokeRuntime): boolean {
  return config.output === 'calculation' || gate.kind === 'classifier';
}

function isGrounded(spoke: SpokeRuntime): boolean {
  return spoke.config.kind === 'grounded';
}

interface Route {
  readonly evidence: Evidence | undefined;
  readonly rungs: Rungs;
  readonly planFor: (spoke: SpokeRuntime, cause: AttemptPlan['cause']) => AttemptPlan;
}

/** One rung, unless it has nothing to stand on; beside it a second one where it is slow to begin. */
async function* attemptRung(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  { evidence, rungs, planFor }: Route,
): AsyncGenerator<CadreEvent, AttemptResult> {
  if (isGrounded(plan.spoke) && plan.passages.length === 0) {
    // A small model would invent an answer rather than say so.
    const where = evidence?.collection ?? 'the collection';
    return {
      outcome: 'unasked',
      reason: `${where} holds nothing that the caller may read about this`,
    };
  }
  const ask = (one: AttemptPlan) => {
    const claim = () => {
      one.claim?.();
      rungs.answering = one.spoke;
    };
    return rung(parts, life, { ...one, claim }, (error) =>
      rungs.hasAfter(one.spoke, { outcome: 'failed', error }),
    );
  };
  const beside = plan.cause === 'route' ? rungs.hedge : undefined;
  const afterMs = beside && hedgeAfter(parts, plan.spoke);
  if (
    beside === undefined ||
    afterMs === undefined ||
    !isAffordable(life, beside, { beside: plan.spoke })
  )
    return yield* ask(plan);
  return yield* hedge(parts, life, ask, {
    first: plan,
    second: () => planFor(rungs.take(beside), 'hedge'),
    afterMs,
  });
}

function hedgeAfter(parts: PipelineParts, { config, gate }: SpokeRuntime): number | undefined {
  const fixed = config.hedge?.afterSeconds;
  return fixed === undefined ? parts.upstreams.usualFirstToken(gate.modelId) : fixed * 1000;
}

async function* decline(
  life: Life,
  reason: string,
  nearest: Evidence['passages'],
): AsyncGenerator<CadreEvent, CascadeResult> {
  yield life.see({ type: 'answer-abstained', abstention: { reason, nearest } });
  for (let choice = 0; choice < (life.call.request.choiceCount ?? 1); choice += 1)
    yield life.see({ type: 'choice-ended', choice, finishReason: 'stop' });
  return { outcome: 'abstained' };
}

function releaseMode({ request, whole }: Call, grounded: boolean, cascades: boolean): ReleaseMode {
  const isJson = request.responseFormat !== undefined && request.responseFormat.type !== 'text';
  if (isJson) return 'whole';
  if (grounded) return 'by-sentence';
  // Who reads the answer whole loses no time by the check of its calls.
  const checked = cascades || (whole === true && request.tools !== undefined);
  if (!checked) return 'at-once';
  return request.logprobs === undefined ? 'by-sentence' : 'whole';
}

/** Whether the spoke's answer decides if another one is asked. */
function isFirst({ plan }: RouteDecision, spoke: SpokeRuntime): boolean {
  return plan?.first === spoke.config.id;
}

/** How a planned cascade judges its answers; nothing where none was planned. */
function checkingOf(
  parts: PipelineParts,
  life: Life,
  decision: RouteDecision,
  spoke: SpokeRuntime,
  planOf: () => AttemptPlan,
): Pick<AttemptPlan, 'checking'> {
  const { plan, candidates, tasks } = decision;
  const { checker } = parts.gate();
  if (plan === undefined || checker === undefined) return {};
  const checking = { checker, task: isFlat(tasks) ? '' : (tasks[0]?.task ?? '') };
  if (!isFirst(decision, spoke)) return { checking };
  const second = life.spokes.find((one) => one.config.id === plan.second);
  const expectedMs = candidates.find((one) => one.spoke === plan.second)?.latencyMs ?? 0;
  const ask = () =>
    second === undefined ? nobody() : secondOpinion(parts, life, planOf(), second, expectedMs);
  return { checking: { ...checking, decides: { plan, candidates, ask } } };
}

// biome-ignore lint/correctness/useYield: an opinion that nobody is asked for
async function* nobody(): AsyncGenerator<CadreEvent, undefined> {
  return undefined;
}

function priorOf(decision: RouteDecision, spoke: SpokeRuntime): number {
  const candidate = decision.candidates.find((one) => one.spoke === spoke.config.id);
  return (candidate ?? decision.chosen).probability;
}

/** `n` > 1: the spoke that answered gives the other choices too, one after the other. */
async function* furtherChoices(
  parts: PipelineParts,
  life: Life,
  first: AttemptPlan,
): AsyncGenerator<CadreEvent> {
  for (let choice = 1; choice < (life.call.request.choiceCount ?? 1); choice += 1) {
    const plan: AttemptPlan = { ...first, choice, last: true, cause: 'choice' };
    const result = yield* rung(parts, life, plan, () => false);
    // The other choices are shown already: one that fails ends the stream as an error, not as an empty answer.
    if (result.outcome === 'failed') throw result.error;
    if (result.outcome === 'unasked') throw new CadreError('budget_exceeded', result.reason);
    if (result.outcome === 'refused')
      throw new CadreError('upstream_failed', `choice ${choice} was refused: ${result.reason}`);
    yield life.see(choiceEnded(choice, result));
  }
}
