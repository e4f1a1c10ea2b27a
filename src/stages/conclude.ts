import type { TokenLogprob, ToolCall } from '../core/chat.ts';
import type { CheckName } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { EvidenceSentence } from '../core/evidence.ts';
import { leastLogprob } from '../verify/value-confidence.ts';
import { type AnswerVerdict, judgeAnswer } from '../verify/verdict.ts';
import { type Assessed, assess } from './assess.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { Outlet } from './outlet.ts';
import type { PipelineParts } from './parts.ts';
import { allStand, FALLEN_SOURCE } from './standing-sources.ts';
import { meanLogprob, type Transcript } from './transcript.ts';

/** Some servers send nothing at all for a call without arguments. */
const NO_ARGUMENTS = '{}';

/** Judges the whole answer, then shows what was held back for it (tool calls, JSON). */
export async function* conclude(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  outlet: Outlet,
): AsyncGenerator<CadreEvent, AttemptResult> {
  if (plan.onHeard !== undefined) {
    plan.onHeard(said.text);
    return { outcome: 'refused', reason: 'asked for a second opinion' };
  }
  const toolCalls: ToolCall[] = [...said.toolCalls.values()];
  const finishReason = said.finishReason ?? 'stop';
  const { verdict, assessed } = yield* judged(life, plan, said, toolCalls);
  const isChecked = plan.release !== 'at-once' || life.call.request.tools !== undefined;
  const isUndecided = !outlet.begun && isChecked;
  const reason = isUndecided
    ? (nothingFits(life, plan, said) ??
      refusalOf(verdict, placeOf(plan, said), parts.config.verify.answerThreshold, assessed))
    : undefined;
  if (reason !== undefined) return { outcome: 'refused', reason };
  const broken = verdict.checks.find((check) => check.check === 'tool-call' && !check.passed);
  // Some of it was shown, so no other spoke can be asked; an answer with a broken call has no clean end.
  if (broken && isChecked) {
    const cut = finishReason === 'length' ? '; the answer reached its token limit in them' : '';
    throw new CadreError('upstream_failed', broken.detail + cut);
  }
  if (!outlet.released && !(await allStand(parts, life, standsOn(plan, outlet)))) {
    yield life.see({ type: 'check-failed', result: FALLEN_SOURCE });
    return { outcome: 'refused', reason: FALLEN_SOURCE.detail };
  }
  yield* showRest(life, plan, said, toolCalls, outlet);
  yield* outlet.flush();
  return {
    outcome: 'released',
    finishReason,
    ...(said.stopSequence === undefined ? {} : { stopSequence: said.stopSequence }),
    confidence: assessed?.probability ?? verdict.confidence,
  };
}

/** An answer that comes whole without citations may stand on anything that was shown. */
function standsOn({ release, passages }: AttemptPlan, outlet: Outlet): readonly EvidenceSentence[] {
  return release === 'whole' ? passages.flatMap((one) => one.sentences) : outlet.cited;
}

/** All checks of the answer, noted with their time; in a planned cascade also what is to be done with it. */
async function* judged(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  toolCalls: readonly ToolCall[],
): AsyncGenerator<
  CadreEvent,
  { readonly verdict: AnswerVerdict; readonly assessed: Assessed | undefined }
> {
  const verifyStart = life.elapsed();
  const verdict = judgeAnswer({
    request: life.call.request,
    text: said.text,
    isRefused: said.refusal !== '',
    finishReason: said.finishReason ?? 'stop',
    toolCalls,
    passages: plan.passages,
    prior: plan.prior,
    ...probabilitiesOf(plan, said),
    ...(plan.checking && { checker: plan.checking.checker, task: plan.checking.task }),
  });
  const checkMs = life.elapsed() - verifyStart;
  life.builder.addStage('verify', checkMs);
  for (const check of verdict.checks)
    yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
  // What a filter stopped, or the model refused, is shown as it is.
  const checking = placeOf(plan, said) === 'ended' ? undefined : plan.checking;
  const assessed =
    checking &&
    (yield* assess(life, checking, {
      spoke: plan.spoke.config.id,
      prior: plan.prior,
      text: said.text,
      verdict,
      checkMs,
    }));
  return { verdict, assessed };
}

function probabilitiesOf(
  { checking }: AttemptPlan,
  { text, logprobs }: Transcript,
): { meanLogprob?: number; leastLogprob?: number } {
  const mean = meanLogprob(logprobs);
  const least = checking === undefined ? undefined : leastLogprob(text, logprobs);
  return {
    ...(mean === undefined ? {} : { meanLogprob: mean }),
    ...(least === undefined ? {} : { leastLogprob: least }),
  };
}

/**
 * `next`: another spoke follows; `last`: none does; `ended`: the caller's own limit or the vendor's
 * filter ended the answer, which is his to see, with that finish reason.
 */
type Place = 'next' | 'last' | 'ended';

/** Nobody else is asked in silence for what a vendor's filter stopped, or its model refused. */
function placeOf(plan: AttemptPlan, { finishReason, refusal }: Transcript): Place {
  if (finishReason === 'content-filter' || refusal !== '') return 'ended';
  if (!plan.last) return 'next';
  return finishReason === 'length' ? 'ended' : 'last';
}

/** A classifier that the gate chose and none of whose labels fits; in JSON the schema may have a word for that. */
function nothingFits(life: Life, plan: AttemptPlan, { isNone }: Transcript): string | undefined {
  const { responseFormat } = life.call.request;
  const isText = responseFormat === undefined || responseFormat.type === 'text';
  return isNone && isText && !plan.last ? 'none of its labels fits' : undefined;
}

/** Failures after which an answer is of no use, whoever gave it. */
const USELESS: ReadonlySet<CheckName> = new Set(['schema', 'tool-call', 'repetition']);

/** Why nothing of the answer is shown; the last spoke's is refused only where it is of no use. */
function refusalOf(
  verdict: AnswerVerdict,
  place: Place,
  threshold: number,
  assessed: Assessed | undefined,
): string | undefined {
  if (place === 'ended') return undefined;
  const isLast = place === 'last' || assessed?.step === 'stop';
  if (place === 'next' && assessed?.step === 'reference') return assessed.reason;
  const broken = verdict.checks.find(
    (check) => !check.passed && (!isLast || USELESS.has(check.check)),
  );
  if (broken) return broken.detail;
  if (isLast || verdict.confidence >= threshold) return undefined;
  return `P(right) is ${verdict.confidence.toFixed(2)} after the checks`;
}

function* showRest(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  toolCalls: readonly ToolCall[],
  outlet: Outlet,
): Generator<CadreEvent> {
  yield* showThoughts(life, plan, said, outlet);
  if (plan.release === 'whole' && said.text !== '')
    yield* show(life, outlet, {
      type: 'text-delta',
      choice: plan.choice,
      text: said.text,
      ...(said.isWorkedOut ? {} : wantedLogprobs(life.call.request.logprobs, said.logprobs)),
    });
  if (plan.release !== 'at-once' && said.refusal !== '')
    yield* show(life, outlet, refusalDelta(plan, said.refusal));
  const isCut = said.finishReason === 'length';
  if (said.shownCalls.size > 0) {
    if (!isCut) yield* completeCalls(life, plan, said, outlet);
    return;
  }
  for (const [index, call] of toolCalls.entries())
    yield* show(life, outlet, {
      type: 'tool-call-delta',
      choice: plan.choice,
      index,
      id: call.id,
      name: call.name,
      arguments: call.arguments.trim() === '' && !isCut ? NO_ARGUMENTS : call.arguments,
      ...(call.extra === undefined ? {} : { extra: call.extra }),
    });
}

/** Shown pieces of a call without arguments joined to nothing, which no client can parse. */
function* completeCalls(
  life: Life,
  { choice }: AttemptPlan,
  { shownCalls, toolCalls }: Transcript,
  outlet: Outlet,
): Generator<CadreEvent> {
  for (const [place, { index }] of shownCalls)
    if (toolCalls.get(place)?.arguments.trim() === '')
      yield* show(life, outlet, {
        type: 'tool-call-delta',
        choice,
        index,
        arguments: NO_ARGUMENTS,
      });
}

export function refusalDelta({ choice }: AttemptPlan, text: string): CadreEvent {
  return { type: 'text-delta', choice, text, refusal: true };
}

export function* showThoughts(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  outlet: Outlet,
): Generator<CadreEvent, void> {
  for (const { text, signature, redacted } of said.heldThoughts.splice(0))
    yield* show(life, outlet, {
      type: 'thinking-delta',
      choice: plan.choice,
      text,
      ...(signature === undefined ? {} : { signature }),
      ...(redacted === undefined ? {} : { redacted }),
    });
}

export function* show(life: Life, outlet: Outlet, event: CadreEvent): Generator<CadreEvent, void> {
  if (!outlet.holds(event)) yield life.see(event);
}

export function wantedLogprobs(
  wanted: number | undefined,
  logprobs: readonly TokenLogprob[] | undefined,
): { logprobs?: readonly TokenLogprob[] } {
  return wanted === undefined || logprobs === undefined ? {} : { logprobs };
}
