import type { Call } from './core/call.ts';
import type { PolicyVerdict, RouteDecision } from './core/decision.ts';
import type { CadreEvent } from './core/events.ts';
import type { Receipt } from './core/receipt.ts';
import type { ShadowOrder } from './core/shadow.ts';
import { tellingWords } from './gate/telling-words.ts';
import type { Span } from './policy/characters.ts';
import { findShape } from './policy/shapes.ts';
import { withCanary } from './stages/canary.ts';
import { cascade } from './stages/cascade.ts';
import { delegateOf } from './stages/delegate.ts';
import type { Ending } from './stages/ending.ts';
import { faultOf } from './stages/fault-of.ts';
import { type Evidence, findEvidence, readingEvents } from './stages/ground.ts';
import { judge } from './stages/judge.ts';
import { Life } from './stages/life.ts';
import type { Ask, PipelineParts } from './stages/parts.ts';
import { keepAnswerer, keepPin } from './stages/pin.ts';
import { planAndDelegate } from './stages/plan.ts';
import { record, requireReceipts } from './stages/record.ts';
import { chooseRoute, refuseTooLong } from './stages/route.ts';
import { runShadow } from './stages/shadow.ts';
import { shareAnswer } from './stages/share.ts';
import { limitSpending, reserve } from './stages/spending.ts';

export interface Pipeline {
  readonly ask: Ask;
  /** What the gate would choose, without calling a model. */
  readonly decide: (call: Call, signal: AbortSignal) => Promise<RouteDecision>;
  /** Asks another spoke what one has answered, unseen; resolves to its receipt. */
  readonly shadow: (
    call: Call,
    order: ShadowOrder,
    signal: AbortSignal,
    /** Told the answer, which stands in no receipt. */
    onAnswer?: (text: string) => void,
  ) => Promise<Receipt>;
}

export function createPipeline(parts: PipelineParts): Pipeline {
  const ask: Ask = (call, signal) => live(parts, ask, call, signal);
  return {
    ask,
    shadow: (...asked) => runShadow(parts, ...asked),
    async decide(call, signal) {
      const life = new Life(parts, call, signal);
      refuseTooLong(life);
      await limitSpending(parts, life);
      const evidence = await findEvidence(parts, life);
      const verdict = judge(parts, life, evidence);
      const decision = chooseRoute(parts, life, verdict, evidence, { mayExplore: false });
      if (decision.tasks.length === 0) return decision;
      const { request } = life.call;
      return { ...decision, telling: tellingWords(request, parts.gate().estimator, secretsOf) };
    },
  };
}

/** Where credentials stand in a text. */
function secretsOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let span = findShape('secret-key', text);
  while (span !== undefined) {
    spans.push(span);
    span = findShape('secret-key', text, Math.max(span.end, span.start + 1));
  }
  return spans;
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
    const error = faultOf(life.signal, thrown);
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
  refuseTooLong(life);
  await requireReceipts(parts);
  await limitSpending(parts, life);
  const evidence = await life.timed('ground', () => findEvidence(parts, life, ask));
  life.builder.warn(evidence?.warnings);
  for (const event of readingEvents(evidence)) yield life.see(event);
  const verdict = await life.timed('policy', () => judge(parts, life, evidence));
  yield life.see({ type: 'policy-judged', verdict });
  const answer = () => answerAfresh(parts, ask, life, verdict, evidence);
  return yield* shareAnswer(parts, life, { verdict, evidence }, answer);
}

async function* answerAfresh(
  parts: PipelineParts,
  ask: Ask,
  life: Life,
  verdict: PolicyVerdict,
  evidence: Evidence | undefined,
): AsyncGenerator<CadreEvent, Ending> {
  const routed = await life.timed('gate', () =>
    chooseRoute(parts, life, verdict, evidence, { mayExplore: true }),
  );
  keepPin(parts, life, routed.spoke);
  const decision = withCanary(parts, life, routed);
  yield life.see({ type: 'route-decided', decision });
  const reserved = await reserve(parts, life, decision);
  try {
    if (decision.spoke !== 'hub') {
      const ending = yield* cascade(parts, life, verdict, decision, {
        evidence,
        delegate: delegateOf(parts, life, verdict.label, ask),
      });
      keepAnswerer(parts, life);
      return ending;
    }
    yield* planAndDelegate(parts, life, verdict.label, ask);
    return { outcome: 'answered' };
  } finally {
    const spent = life.builder.spent(life.gates);
    // An answer that was shown stays an answer: what cannot be settled stays counted, as
    // reserved or as spent, and the store sees to it later.
    life.settled = reserved.settle(spent).catch(() => undefined);
  }
}
