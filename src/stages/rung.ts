import { CadreError } from '../core/errors.ts';
import type { CadreEvent, NextMove } from '../core/events.ts';
import { attempt } from './attempt.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';
import { isAffordable, mostCost } from './spending.ts';
import { noteSkipped } from './transcript.ts';

type Failed = Extract<AttemptResult, { outcome: 'failed' }>;

/**
 * Lets one spoke answer, asking it again where that may help: only before the first shown word, as
 * often as the destination's settings and its budget of repetitions allow, and never while its
 * circuit is open. Every try has a permit of its own.
 */
export async function* rung(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  hasFallback: (error: CadreError) => boolean,
): AsyncGenerator<CadreEvent, AttemptResult> {
  let next = plan;
  let failed: Failed | undefined;
  for (let repeats = 0; ; repeats += 1) {
    // What happened stays the answer: that there is no money for another try explains nothing.
    if (!isAffordable(life, plan.spoke, plan))
      return failed ?? { outcome: 'unasked', reason: tooDear(plan) };
    const result = yield* once(parts, life, next, repeats > 0);
    if (result.outcome !== 'failed' || plan.signal.aborted || plan.isOnce) return result;
    failed = result;
    const move = moveAfter(parts, life, plan, result, repeats, hasFallback(result.error));
    yield life.see({
      type: 'attempt-failed',
      spoke: plan.spoke.config.id,
      code: result.error.code,
      ...(result.error.fault === undefined ? {} : { fault: result.error.fault }),
      message: result.error.message,
      next: move,
    });
    if (move.move !== 'retry') return result;
    const waitStart = life.elapsed();
    const isStopped = await parts.upstreams.wait(move.waitMs, plan).then(
      () => false,
      () => true,
    );
    // The server wanted the pause: it is no overhead of the house.
    life.builder.addStage('run', life.elapsed() - waitStart);
    if (isStopped) {
      life.signal.throwIfAborted();
      return result;
    }
    next = { ...plan, cause: 'retry', waitedMs: move.waitMs };
  }
}

function tooDear({ spoke }: AttemptPlan): string {
  return `the budget does not hold ${spoke.config.id} any more`;
}

/** One try, unless the circuit of the destination or of its model is open. */
async function* once(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  isRepeat: boolean,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const entry = parts.upstreams.enter(plan.spoke.gate.modelId, isRepeat);
  if (!entry.allowed) {
    const { reason, retryAfter } = entry;
    noteSkipped(life, plan, reason);
    const error = new CadreError('upstream_overloaded', reason, {
      fault: 'circuit-open',
      retryAfter,
    });
    return { outcome: 'failed', error };
  }
  const cost = mostCost(life, plan.spoke, plan.choice);
  life.underWay += cost;
  let hasBegun = false;
  try {
    for (const change of entry.changes) yield life.see(change);
    hasBegun = true;
    return yield* attempt(parts, life, { ...plan, probe: entry.probe });
  } finally {
    life.underWay -= cost;
    // The reader may leave before the attempt, which reports for itself, is begun.
    if (!hasBegun) parts.upstreams.left(plan.spoke.gate.modelId, entry.probe);
  }
}

function moveAfter(
  { upstreams, clock }: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  { error }: Failed,
  repeats: number,
  hasFallback: boolean,
): NextMove {
  const { spoke } = plan;
  const other = hasFallback ? 'elsewhere' : 'stop';
  if (error.fault === undefined) return { move: other, why: 'asking again would not help' };
  if (!isAffordable(life, spoke, plan)) return { move: other, why: tooDear(plan) };
  const answer = upstreams.again(spoke.gate.modelId, {
    fault: error.fault,
    repeats,
    retryAfterMs: error.retryAfter === undefined ? undefined : error.retryAfter * 1000,
    leftMs: life.call.deadline - clock.now(),
    hasFallback,
  });
  return 'refused' in answer ? { move: other, why: answer.refused } : { move: 'retry', ...answer };
}
