import type { FinishReason, TokenLogprob, TokenUsage, ToolCall } from '../core/chat.ts';
import type { CheckResult, PolicyVerdict } from '../core/decision.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Passage } from '../core/evidence.ts';
import type { ModelEvent, ModelLease } from '../core/ports.ts';
import { buildModelRequest } from '../run/prompt.ts';
import { CheckedRelease } from '../verify/release.ts';
import { judgeAnswer } from '../verify/verdict.ts';
import type { Life } from './life.ts';
import { acquireShown } from './loading.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';

/**
 * When text is shown: `at-once` on unchecked routes; `by-sentence`, each after its own checks;
 * `whole` where only the complete answer can be checked (JSON) or carries what was asked (log-probabilities).
 */
export type ReleaseMode = 'at-once' | 'by-sentence' | 'whole';

export interface AttemptPlan {
  readonly spoke: SpokeRuntime;
  readonly verdict: PolicyVerdict;
  readonly passages: readonly Passage[];
  readonly choice: number;
  readonly release: ReleaseMode;
  /** No spoke follows: soft failures are shown and named instead of escalated. */
  readonly last: boolean;
  /** P(right) before the answer was seen. */
  readonly prior: number;
}

export type AttemptResult =
  | {
      readonly outcome: 'released';
      readonly finishReason: FinishReason;
      readonly confidence: number;
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly error?: CadreError };

/** What one spoke has said so far. */
interface Transcript {
  text: string;
  released: boolean;
  readonly toolCalls: Map<number, { id: string; name: string; arguments: string }>;
  readonly logprobs: TokenLogprob[];
  usage: TokenUsage;
  promptMs: number;
  generationMs: number;
  finishReason: FinishReason | undefined;
}

const NO_USAGE: TokenUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** Lets one spoke answer; its text is checked on the way out as the route demands. */
export async function* attempt(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const said: Transcript = {
    text: '',
    released: false,
    toolCalls: new Map(),
    logprobs: [],
    usage: NO_USAGE,
    promptMs: 0,
    generationMs: 0,
    finishReason: undefined,
  };
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
    note(parts, life, plan, said, result, failure);
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
  const { request } = life.call;
  const { spoke } = plan;
  const built = buildModelRequest(spoke.config, request, {
    passages: plan.passages,
    contextLength: spoke.gate.contextLength,
  });
  const permit =
    spoke.gate.destination === 'local'
      ? {}
      : {
          permit: parts.permits.issue({
            verdict: plan.verdict,
            destination: spoke.gate.destination,
            requestId: life.call.id,
            budget: parts.config.policy.budgetPerRequest,
            ttlMs: life.call.deadline - parts.clock.now(),
          }),
        };
  const seeded =
    plan.choice === 0 || built.sampling.seed === undefined
      ? built
      : { ...built, sampling: { ...built.sampling, seed: built.sampling.seed + plan.choice } };
  const release = plan.release === 'by-sentence' ? releaseOf(parts, life, plan) : undefined;
  const stream = lease.model.doChat(seeded, { signal: life.signal, ...permit });
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
        ...wantedLogprobs(request.logprobs, event.logprobs),
      });
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

function releaseOf(parts: PipelineParts, life: Life, plan: AttemptPlan): CheckedRelease {
  return new CheckedRelease({
    passages: plan.passages,
    threshold: parts.config.verify.supportThreshold,
    embed: (texts) => parts.embed(texts, life.signal),
    elapsed: () => life.elapsed(),
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
  const verdict = judgeAnswer({
    request: life.call.request,
    text: said.text,
    finishReason,
    toolCalls,
    passages: plan.passages,
    prior: plan.prior,
    ...(said.logprobs.length > 0 ? { meanLogprob: meanLogprob(said.logprobs) } : {}),
  });
  life.builder.addStage('verify', life.elapsed() - verifyStart);
  for (const check of verdict.checks)
    yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
  const broken = verdict.checks.find(
    (check) =>
      !check.passed && (!plan.last || ['schema', 'tool-call', 'repetition'].includes(check.check)),
  );
  if (!said.released && plan.release !== 'at-once' && broken)
    return { outcome: 'refused', reason: broken.detail };
  if (
    !said.released &&
    plan.release !== 'at-once' &&
    verdict.confidence < parts.config.verify.answerThreshold &&
    !plan.last
  ) {
    return {
      outcome: 'refused',
      reason: `P(right) is ${verdict.confidence.toFixed(2)} after the checks`,
    };
  }
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
  return { outcome: 'released', finishReason, confidence: verdict.confidence };
}

function meanLogprob(logprobs: readonly TokenLogprob[]): number {
  return logprobs.reduce((sum, one) => sum + one.logprob, 0) / logprobs.length;
}

function collect(said: Transcript, event: ModelEvent): void {
  switch (event.type) {
    case 'prompt-read':
      said.promptMs = event.ms;
      said.usage = {
        ...said.usage,
        promptTokens: event.promptTokens,
        cachedTokens: event.cachedTokens,
      };
      return;
    case 'text':
      said.text += event.text;
      if (event.logprobs) said.logprobs.push(...event.logprobs);
      return;
    case 'tool-call': {
      const call = said.toolCalls.get(event.index) ?? { id: '', name: '', arguments: '' };
      said.toolCalls.set(event.index, {
        id: event.id ?? call.id,
        name: event.name ?? call.name,
        arguments: call.arguments + event.arguments,
      });
      return;
    }
    case 'ended':
      said.usage = event.usage;
      said.finishReason = event.finishReason;
      said.promptMs = event.promptMs;
      said.generationMs = event.generationMs;
      return;
    case 'loading':
      return;
  }
}

function wantedLogprobs(
  wanted: number | undefined,
  logprobs: readonly TokenLogprob[] | undefined,
): { logprobs?: readonly TokenLogprob[] } {
  return wanted === undefined || logprobs === undefined ? {} : { logprobs };
}

/** Writes the attempt into the receipt and the measured speed into the fleet. */
function note(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  result: AttemptResult | undefined,
  failure: CadreError | undefined,
): void {
  const outcome =
    failure?.code === 'cancelled' || (result === undefined && failure === undefined)
      ? 'cancelled'
      : failure
        ? 'failed'
        : result?.outcome === 'released'
          ? 'released'
          : plan.last
            ? 'abstained'
            : 'escalated';
  const reason = failure?.message ?? (result?.outcome === 'refused' ? result.reason : undefined);
  const { spoke } = plan;
  life.builder.addAttempt({
    spoke: spoke.config.id,
    model: spoke.gate.modelId,
    destination: spoke.gate.destination,
    usage: said.usage,
    promptMs: said.promptMs,
    generationMs: said.generationMs,
    outcome,
    ...(reason === undefined ? {} : { reason }),
  });
  const fresh = said.usage.promptTokens - said.usage.cachedTokens;
  parts.onSpeed(
    spoke.gate.modelId,
    said.promptMs > 0 && fresh > 32 ? (fresh / said.promptMs) * 1000 : undefined,
    said.generationMs > 0 && said.usage.completionTokens > 8
      ? (said.usage.completionTokens / said.generationMs) * 1000
      : undefined,
  );
}
