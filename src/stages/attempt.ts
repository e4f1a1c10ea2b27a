import { lastUserText, type TokenLogprob, type ToolCall } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Permit } from '../core/permit.ts';
import type { ModelLease, ModelRequest } from '../core/ports.ts';
import { buildModelRequest } from '../run/prompt.ts';
import { CheckedRelease } from '../verify/release.ts';
import { type AnswerVerdict, judgeAnswer } from '../verify/verdict.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import { acquireShown } from './loading.ts';
import type { PipelineParts } from './parts.ts';
import { collect, meanLogprob, newTranscript, noteAttempt, type Transcript } from './transcript.ts';

/** Lets one spoke answer; its text is checked on the way out as the route demands. */
export async function* attempt(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const said = newTranscript();
  let lease: ModelLease | undefined;
  let result: AttemptResult | undefined;
  let failure: CadreError | undefined;
  try {
    const loadStart = life.elapsed();
    lease = yield* acquireShown(parts, life, plan.spoke);
    life.builder.addStage('load', life.elapsed() - loadStart);
    const runStart = life.elapsed();
    const rejected = yield* answer(parts, life, plan, lease, said);
    life.builder.addStage('run', life.elapsed() - runStart);
    result =
      rejected === undefined
        ? yield* conclude(parts, life, plan, said)
        : { outcome: 'refused', reason: rejected.detail };
    return result;
  } catch (thrown) {
    failure = toCadreError(life.signal.aborted ? life.signal.reason : thrown);
    // Nothing was shown and another may do better: the next spoke is asked.
    if (!said.released && failure.retryable && !life.signal.aborted) {
      result = { outcome: 'refused', reason: failure.message, error: failure };
      return result;
    }
    throw failure;
  } finally {
    lease?.release();
    noteAttempt(parts, life, plan, said, result, failure);
  }
}

/** Streams the model's events; returns the check that refused the answer before anything was shown. */
async function* answer(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  lease: ModelLease,
  said: Transcript,
): AsyncGenerator<CadreEvent, CheckResult | undefined> {
  const { spoke } = plan;
  const asked = requestOf(life, plan);
  const permit = permitOf(parts, life, plan);
  const release = plan.release === 'by-sentence' ? releaseOf(parts, life, plan) : undefined;
  const stream = lease.model.doChat(asked, { signal: life.signal, ...permit });
  for await (const event of stream) {
    collect(said, event);
    if (event.type === 'prompt-read')
      yield life.see({
        type: 'prompt-read',
        spoke: spoke.config.id,
        promptTokens: event.promptTokens,
        cachedTokens: event.cachedTokens,
        ms: event.ms,
      });
    else if (event.type === 'text' && plan.release === 'at-once') {
      said.released = true;
      yield life.see({
        type: 'text-delta',
        choice: plan.choice,
        text: event.text,
        ...wantedLogprobs(life.call.request.logprobs, event.logprobs),
      });
    } else if (event.type === 'thinking') {
      said.heldThoughts.push(event);
      // Thought that was shown cannot be taken back, so a checked route shows it with the answer.
      if (plan.release === 'at-once') yield* showThoughts(life, plan, said);
    } else if (event.type === 'text' && release !== undefined) {
      const rejected = yield* releaseText(life, plan, said, release.push(event.text));
      if (rejected) return rejected;
    }
  }
  if (said.finishReason === undefined)
    throw new CadreError(
      'upstream_failed',
      `${spoke.config.id} ended without an end of its answer`,
    );
  return release === undefined ? undefined : yield* releaseText(life, plan, said, release.flush());
}

/** What the spoke is asked; every choice after the first has a seed of its own. */
function requestOf(life: Life, { spoke, passages, choice }: AttemptPlan): ModelRequest {
  const built = buildModelRequest(spoke.config, life.call.request, {
    passages,
    contextLength: spoke.gate.contextLength,
  });
  const { sampling } = built;
  if (choice === 0 || sampling.seed === undefined) return built;
  return { ...built, sampling: { ...sampling, seed: sampling.seed + choice } };
}

/** The leave to send the request out of the building, where the spoke is not in it. */
function permitOf(parts: PipelineParts, life: Life, plan: AttemptPlan): { permit?: Permit } {
  const { destination } = plan.spoke.gate;
  if (destination === 'local') return {};
  const ttlMs = life.call.deadline - parts.clock.now();
  if (ttlMs <= 0) throw new CadreError('deadline_exceeded', 'the deadline passed');
  const permit = parts.permits.issue({
    verdict: plan.verdict,
    destination,
    requestId: life.call.id,
    budget: parts.config.policy.budgetPerRequest,
    ttlMs,
  });
  return { permit };
}

function releaseOf(parts: PipelineParts, life: Life, plan: AttemptPlan): CheckedRelease {
  return new CheckedRelease({
    passages: plan.passages,
    threshold: parts.config.verify.supportThreshold,
    elapsed: () => life.elapsed(),
    isLast: plan.last,
    ...(parts.embed
      ? { embed: (texts: readonly string[]) => parts.embed(texts, life.signal) }
      : {}),
    ...(plan.passages.length > 0 ? { question: lastUserText(life.call.request.messages) } : {}),
  });
}

/** Emits checked sentences; a rejected one before the first shown byte stops the attempt. */
async function* releaseText(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  pieces: ReturnType<CheckedRelease['push']>,
): AsyncGenerator<CadreEvent, CheckResult | undefined> {
  for await (const piece of pieces) {
    for (const check of piece.checks)
      yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
    if ('release' in piece) {
      yield* showThoughts(life, plan, said);
      said.released = true;
      yield life.see({
        type: 'text-delta',
        choice: plan.choice,
        text: piece.release.text,
        ...(piece.release.citations.length > 0 ? { citations: piece.release.citations } : {}),
      });
    } else if (!said.released) return piece.reject;
  }
  return undefined;
}

/** Judges the whole answer, then shows what was held back for it (tool calls, JSON). */
async function* conclude(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const toolCalls: ToolCall[] = [...said.toolCalls.values()];
  const finishReason = said.finishReason ?? 'stop';
  const verifyStart = life.elapsed();
  const confidence = meanLogprob(said.logprobs);
  const verdict = judgeAnswer({
    request: life.call.request,
    text: said.text,
    finishReason,
    toolCalls,
    passages: plan.passages,
    prior: plan.prior,
    ...(confidence === undefined ? {} : { meanLogprob: confidence }),
  });
  life.builder.addStage('verify', life.elapsed() - verifyStart);
  for (const check of verdict.checks)
    yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
  const isHeld = !said.released && plan.release !== 'at-once';
  const reason = isHeld
    ? refusalOf(
        verdict,
        plan.last && finishReason === 'length' ? 'cut' : plan.last ? 'last' : 'next',
        parts.config.verify.answerThreshold,
      )
    : undefined;
  if (reason !== undefined) return { outcome: 'refused', reason };
  const broken = verdict.checks.find((check) => check.check === 'tool-call' && !check.passed);
  // Text was shown already, so no other spoke can be asked; a broken call is never handed on.
  if (broken && plan.release !== 'at-once') throw new CadreError('upstream_failed', broken.detail);
  yield* showHeld(life, plan, said, toolCalls);
  return {
    outcome: 'released',
    finishReason,
    ...(said.stopSequence === undefined ? {} : { stopSequence: said.stopSequence }),
    confidence: verdict.confidence,
  };
}

/**
 * `next`: another spoke follows; `last`: none does; `cut`: none does and the caller's own limit ended
 * the answer, which is his to see, with finish reason `length`.
 */
type Place = 'next' | 'last' | 'cut';

/** Why nothing of the answer is shown; the last spoke's is refused only where it is of no use. */
function refusalOf(verdict: AnswerVerdict, place: Place, threshold: number): string | undefined {
  if (place === 'cut') return undefined;
  const isLast = place === 'last';
  const broken = verdict.checks.find(
    (check) =>
      !check.passed && (!isLast || ['schema', 'tool-call', 'repetition'].includes(check.check)),
  );
  if (broken) return broken.detail;
  if (isLast || verdict.confidence >= threshold) return undefined;
  return `P(right) is ${verdict.confidence.toFixed(2)} after the checks`;
}

async function* showHeld(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  toolCalls: readonly ToolCall[],
): AsyncGenerator<CadreEvent> {
  yield* showThoughts(life, plan, said);
  if (plan.release === 'whole' && said.text !== '') {
    said.released = true;
    yield life.see({
      type: 'text-delta',
      choice: plan.choice,
      text: said.text,
      ...wantedLogprobs(life.call.request.logprobs, said.logprobs),
    });
  }
  for (const [index, call] of toolCalls.entries()) {
    said.released = true;
    yield life.see({
      type: 'tool-call-delta',
      choice: plan.choice,
      index,
      id: call.id,
      name: call.name,
      arguments: call.arguments,
    });
  }
}

function* showThoughts(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
): Generator<CadreEvent, void> {
  for (const { text, signature, redacted } of said.heldThoughts.splice(0)) {
    said.released = true;
    yield life.see({
      type: 'thinking-delta',
      choice: plan.choice,
      text,
      ...(signature === undefined ? {} : { signature }),
      ...(redacted === undefined ? {} : { redacted }),
    });
  }
}

function wantedLogprobs(
  wanted: number | undefined,
  logprobs: readonly TokenLogprob[] | undefined,
): { logprobs?: readonly TokenLogprob[] } {
  return wanted === undefined || logprobs === undefined ? {} : { logprobs };
}
