import type { Call } from './core/call.ts';
import type { RouteDecision } from './core/decision.ts';
import { toCadreError } from './core/errors.ts';
import type { CadreEvent } from './core/events.ts';
import { cascade } from './stages/cascade.ts';
import { findEvidence } from './stages/ground.ts';
import { judge } from './stages/judge.ts';
import { Life } from './stages/life.ts';
import type { Ask, PipelineParts } from './stages/parts.ts';
import { planAndDelegate } from './stages/plan.ts';
import { type Ending, record } from './stages/record.ts';
import { chooseRoute } from './stages/route.ts';

export interface Pipeline {
  readonly ask: Ask;
  /** What the gate would choose, without calling a model. */
  readonly decide: (call: Call, signal: AbortSignal) => Promise<RouteDecision>;
}

export function createPipeline(parts: PipelineParts): Pipeline {
  const ask: Ask = (call, signal) => live(parts, ask, call, signal);
  return {
    ask,
    async decide(call, signal) {
      const life = new Life(parts, call, signal);
      const verdict = judge(parts, life);
      return chooseRoute(parts, life, verdict, await findEvidence(parts, life));
    },
  };
}

/** The life of a request, in order. Every way out leaves a receipt. */
async function* live(
  parts: PipelineParts,
  ask: Ask,
  call: Call,
  caller: AbortSignal,
): AsyncGenerator<CadreEvent> {
  const life = new Life(parts, call, caller);
  try {
    const parent = call.parent === undefined ? {} : { parent: call.parent };
    yield life.see({
      type: 'request-accepted',
      id: call.id,
      at: parts.clock.now(),
      model: call.request.model,
      depth: call.depth,
      ...parent,
    });
    const ending = yield* serve(parts, ask, life);
    yield await record(parts, life, ending);
  } catch (thrown) {
    const error = toCadreError(life.signal.aborted ? life.signal.reason : thrown);
    yield await record(parts, life, {
      outcome: error.code === 'cancelled' ? 'cancelled' : 'failed',
      error,
    });
  } finally {
    // The consumer stopped reading: what happened so far is recorded all the same.
    if (!life.recorded) await record(parts, life, { outcome: 'cancelled' });
  }
}

async function* serve(
  parts: PipelineParts,
  ask: Ask,
  life: Life,
): AsyncGenerator<CadreEvent, Ending> {
  const verdict = await life.timed('policy', () => judge(parts, life));
  yield life.see({ type: 'policy-judged', verdict });
  const evidence = await life.timed('ground', () => findEvidence(parts, life));
  const decision = await life.timed('gate', () => chooseRoute(parts, life, verdict, evidence));
  yield life.see({ type: 'route-decided', decision });
  const reserved = await parts.budgets.reserve({
    caller: life.call.caller,
    id: life.call.id,
    amount: mostExpensive(decision),
  });
  try {
    if (decision.spoke !== 'hub') return yield* cascade(parts, life, verdict, decision, evidence);
    yield* planAndDelegate(parts, life, verdict.label, ask);
    return { outcome: 'answered' };
  } finally {
    await reserved.settle(life.builder.spent(parts.spokes().map((spoke) => spoke.gate)));
  }
}

/** US dollars when every rung of the cascade is asked: what has to be set aside before the first. */
function mostExpensive(decision: RouteDecision): number {
  const rungs = new Set([decision.spoke, ...decision.cascade]);
  return decision.candidates.reduce((sum, one) => sum + (rungs.has(one.spoke) ? one.cost : 0), 0);
}
