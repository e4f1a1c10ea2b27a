import type { ChatRequest } from '../core/chat.ts';
import type { PolicyVerdict, RouteDecision } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { attempt } from './attempt.ts';
import type { AttemptResult, ReleaseMode } from './attempt-plan.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';

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
  const grounded = spokes[0]?.config.kind === 'grounded';
  const passages = grounded ? (evidence?.passages ?? []) : [];
  for (const passage of passages) yield life.see({ type: 'source-found', passage });
  const { request } = life.call;
  if (grounded && passages.length === 0) {
    // Nothing to stand on: a small model would invent an answer rather than say so.
    return yield* decline(
      life,
      `${evidence?.collection ?? 'the collection'} holds nothing that the caller may read about this`,
      [],
    );
  }
  const release = releaseMode(request, grounded, spokes.length > 1);
  let result: AttemptResult | undefined;
  let answerer: SpokeRuntime | undefined;
  for (const [index, spoke] of spokes.entries()) {
    const next = spokes[index + 1];
    const prior = priorOf(decision, spoke);
    result = yield* attempt(parts, life, {
      spoke,
      verdict,
      passages,
      choice: 0,
      release,
      last: next === undefined,
      prior,
    });
    answerer = spoke;
    if (result.outcome === 'released') break;
    if (next)
      yield life.see({
        type: 'route-escalated',
        from: spoke.config.id,
        to: next.config.id,
        reason: result.reason,
      });
  }
  if (result?.outcome === 'released') {
    yield life.see({ type: 'choice-ended', choice: 0, finishReason: result.finishReason });
    if (answerer)
      yield* furtherChoices(parts, life, verdict, decision, passages, answerer, release);
    return { outcome: 'answered', confidence: result.confidence };
  }
  if (result?.error) throw result.error;
  return yield* decline(life, result?.reason ?? 'no spoke answered', passages.slice(0, 3));
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
  verdict: PolicyVerdict,
  decision: RouteDecision,
  passages: Evidence['passages'],
  spoke: SpokeRuntime,
  release: ReleaseMode,
): AsyncGenerator<CadreEvent> {
  for (let choice = 1; choice < (life.call.request.choiceCount ?? 1); choice += 1) {
    const result = yield* attempt(parts, life, {
      spoke,
      verdict,
      passages,
      choice,
      release,
      last: true,
      prior: priorOf(decision, spoke),
    });
    yield life.see({
      type: 'choice-ended',
      choice,
      finishReason: result.outcome === 'released' ? result.finishReason : 'stop',
    });
  }
}
