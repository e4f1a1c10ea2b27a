import type { Call } from '../core/call.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { Receipt } from '../core/receipt.ts';
import type { ShadowOrder, ShadowOutcome } from '../core/shadow.ts';
import { gradePair, type PairedAnswer, pairVersions } from '../verify/shadow-grade.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import { judge } from './judge.ts';
import { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { keepReceipt, requireReceipts } from './record.ts';
import { chooseRoute, refuseTooLong } from './route.ts';
import { rung } from './rung.ts';
import { limitSpending, reserve } from './spending.ts';

/**
 * Asks one spoke what another has answered, and compares. It passes policy and budget as any request
 * does, and nothing else: no documents, no tools, no stand-in, no second spoke, no session, no kept
 * answer. The receipt is stored as a child of the request's and holds what came of it; it never
 * rejects for the answer's own trouble.
 */
export async function runShadow(
  parts: PipelineParts,
  call: Call,
  order: ShadowOrder,
  signal: AbortSignal,
  onAnswer?: (text: string) => void,
): Promise<Receipt> {
  const life = new Life(parts, call, signal);
  const { text, finishReason, ...told } = order;
  const { model } = call.request;
  const { id, depth, parent } = call;
  const at = parts.clock.now();
  life.see({
    type: 'request-accepted',
    id,
    at,
    model,
    depth,
    ...(parent === undefined ? {} : { parent }),
  });
  const outcomeOf = (rest: Pick<ShadowOutcome, 'as' | 'agreement' | 'grades' | 'words'>) => ({
    ...told,
    ...rest,
    seconds: secondsOf(parts, life, order.spoke),
  });
  try {
    const answer = await answerAgain(parts, life, order);
    const served = { spoke: order.served, text, finishReason };
    onAnswer?.(answer.text);
    const verdict = order.isVersion
      ? pairVersions(served, answer, order.tolerance)
      : gradePair(call.request, served, answer, order.reference);
    return await keepReceipt(parts, life, { outcome: 'answered', shadow: outcomeOf(verdict) });
  } catch (thrown) {
    // Nothing is stored twice: what failed was the store itself.
    if (life.recorded) throw thrown;
    const error = toCadreError(life.signal.aborted ? life.signal.reason : thrown);
    const isCancelled = error.code === 'cancelled';
    const words = isCancelled
      ? `${order.spoke} was stopped`
      : `${order.spoke} gave no answer (${error.code})`;
    return keepReceipt(parts, life, {
      outcome: isCancelled ? 'cancelled' : 'failed',
      error,
      shadow: outcomeOf({ grades: [], words }),
    });
  }
}

async function answerAgain(
  parts: PipelineParts,
  life: Life,
  order: ShadowOrder,
): Promise<PairedAnswer> {
  refuseTooLong(life);
  await requireReceipts(parts);
  await limitSpending(parts, life);
  const verdict = judge(parts, life, undefined);
  life.see({ type: 'policy-judged', verdict });
  const decision = chooseRoute(parts, life, verdict, undefined, { mayExplore: false });
  const spoke = life.spokes.find((one) => one.config.id === order.spoke);
  // One that stands in for it would be compared under its name.
  if (decision.spoke !== order.spoke || spoke === undefined)
    throw new CadreError('no_spoke', `${order.spoke} may not serve this request now`);
  life.see({ type: 'route-decided', decision });
  const reserved = await reserve(parts, life, decision);
  try {
    return await readAnswer(parts, life, {
      spoke,
      verdict,
      passages: [],
      choice: 0,
      // Nobody sees it, so nothing is held back: it is judged whole, whatever it is.
      release: 'at-once',
      last: true,
      prior: decision.chosen.probability,
      cause: 'route',
      isOnce: true,
      signal: life.signal,
    });
  } finally {
    life.settled = reserved.settle(life.builder.spent(life.gates)).catch(() => undefined);
  }
}

async function readAnswer(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): Promise<PairedAnswer> {
  const start = life.events.length;
  const events = rung(parts, life, plan, () => false);
  let step = await events.next();
  while (step.done !== true) step = await events.next();
  const { finishReason } = requireReleased(step.value, plan.spoke);
  const deltas = life.events.slice(start).flatMap((one) => (one.type === 'text-delta' ? one : []));
  return {
    spoke: plan.spoke.config.id,
    text: deltas.map((one) => (one.refusal ? '' : one.text)).join(''),
    finishReason,
    isRefused: deltas.some((one) => one.refusal),
  };
}

function requireReleased(result: AttemptResult, { config }: SpokeRuntime) {
  if (result.outcome === 'released') return result;
  if (result.outcome === 'failed') throw result.error;
  throw new CadreError('no_spoke', `${config.id} was not asked: ${result.reason}`);
}

/** Loading counts: it takes the machine as much. */
function secondsOf(parts: PipelineParts, life: Life, id: string): number {
  const gate = life.gates.find((one) => one.id === id);
  if (gate?.destination !== 'local') return 0;
  const threads = gate.kind === 'classifier' ? 1 : parts.threads;
  return Math.round(life.elapsed() * threads) / 1000;
}
