import type { ChatRequest } from '../core/chat.ts';
import type { PolicyVerdict, RouteDecision } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { attempt } from './attempt.ts';
import type { AttemptPlan, AttemptResult, ReleaseMode } from './attempt-plan.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { isAffordable } from './spending.ts';

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
  evidence: Evidence | undefined,
): AsyncGenerator<CadreEvent, CascadeResult> {
  const spokes = rungs(life, decision);
  const found = spokes.some(isGrounded) ? (evidence?.passages ?? []) : [];
  for (const passage of found) yield life.see({ type: 'source-found', passage });
  let refused: Extract<AttemptResult, { outcome: 'refused' }> | undefined;
  for (const [index, spoke] of spokes.entries()) {
    const next = spokes[index + 1];
    const plan: AttemptPlan = {
      spoke,
      verdict,
      // Only a grounded spoke sees the passages, so only its answer is held against them.
      passages: isGrounded(spoke) ? found : [],
      choice: 0,
      release: releaseMode(life.call.request, isGrounded(spoke), spokes.length > 1),
      last: next === undefined,
      prior: priorOf(decision, spoke),
    };
    const result = yield* attemptRung(parts, life, plan, evidence);
    if (result.outcome === 'released') {
      yield life.see(choiceEnded(0, result));
      yield* furtherChoices(parts, life, plan);
      return { outcome: 'answered', confidence: result.confidence };
    }
    refused = result;
    if (next)
      yield life.see({
        type: 'route-escalated',
        from: spoke.config.id,
        to: next.config.id,
        reason: result.reason,
      });
  }
  if (refused?.error) throw refused.error;
  return yield* decline(life, refused?.reason ?? 'no spoke answered', found.slice(0, 3));
}

function choiceEnded(
  choice: number,
  { finishReason, stopSequence }: Extract<AttemptResult, { outcome: 'released' }>,
): CadreEvent {
  const stopped = stopSequence === undefined ? {} : { stopSequence };
  return { type: 'choice-ended', choice, finishReason, ...stopped };
}

function isGrounded(spoke: SpokeRuntime): boolean {
  return spoke.config.kind === 'grounded';
}

/** One rung, unless it has nothing to stand on or is no longer affordable. */
async function* attemptRung(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  evidence: Evidence | undefined,
): AsyncGenerator<CadreEvent, AttemptResult> {
  if (isGrounded(plan.spoke) && plan.passages.length === 0) {
    // A small model would invent an answer rather than say so.
    const where = evidence?.collection ?? 'the collection';
    return {
      outcome: 'refused',
      reason: `${where} holds nothing that the caller may read about this`,
    };
  }
  if (!isAffordable(parts, life, plan.spoke))
    return {
      outcome: 'refused',
      reason: `the budget does not hold ${plan.spoke.config.id} any more`,
    };
  return yield* attempt(parts, life, plan);
}

async function* decline(
  life: Life,
  reason: string,
  nearest: Evidence['passages'],
): AsyncGenerator<CadreEvent, CascadeResult> {
  yield life.see({ type: 'answer-abstained', abstention: { reason, nearest } });
  yield life.see({ type: 'choice-ended', choice: 0, finishReason: 'stop' });
  return { outcome: 'abstained' };
}

function releaseMode(request: ChatRequest, grounded: boolean, cascades: boolean): ReleaseMode {
  const isJson = request.responseFormat !== undefined && request.responseFormat.type !== 'text';
  if (isJson) return 'whole';
  if (grounded) return 'by-sentence';
  const checked = cascades || request.tools !== undefined;
  if (!checked) return 'at-once';
  return request.logprobs === undefined ? 'by-sentence' : 'whole';
}

function priorOf(decision: RouteDecision, spoke: SpokeRuntime): number {
  const candidate = decision.candidates.find((one) => one.spoke === spoke.config.id);
  return (candidate ?? decision.chosen).probability;
}

function rungs(life: Life, decision: RouteDecision): SpokeRuntime[] {
  const all = life.spokes;
  const found = [decision.spoke, ...decision.cascade].flatMap(
    (id) => all.find((spoke) => spoke.config.id === id) ?? [],
  );
  if (found.length === 0) throw new CadreError('no_spoke', `the spoke ${decision.spoke} is gone`);
  return found;
}

/** `n` > 1: the spoke that answered gives the other choices too, one after the other. */
async function* furtherChoices(
  parts: PipelineParts,
  life: Life,
  first: AttemptPlan,
): AsyncGenerator<CadreEvent> {
  for (let choice = 1; choice < (life.call.request.choiceCount ?? 1); choice += 1) {
    const result = yield* attempt(parts, life, { ...first, choice, last: true });
    // The other choices are shown already: one that fails ends the stream as an error, not as an empty answer.
    if (result.outcome === 'refused')
      throw (
        result.error ??
        new CadreError('upstream_failed', `choice ${choice} was refused: ${result.reason}`)
      );
    yield life.see(choiceEnded(choice, result));
  }
}
