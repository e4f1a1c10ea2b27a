import type { ObjectScan } from '../base/object-scan.ts';
import type { FinishReason, TokenLogprob, TokenUsage, ToolCall } from '../core/chat.ts';
import type { CadreError } from '../core/errors.ts';
import type { ModelEvent } from '../core/ports.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** What one spoke has said so far. */
export interface Transcript {
  text: string;
  /** The text is what came out of what the model wrote, whose tokens it is not. */
  isWorkedOut: boolean;
  /** Why the model does not answer; '' where it does. */
  refusal: string;
  /** It passed as it came: no text is known and there is nothing to judge. */
  relayed: boolean;
  /** It passed in one piece, so nobody knows when it began. */
  cameWhole: boolean;
  readonly toolCalls: Map<number, ToolCall>;
  /** Calls that are shown as they come, by the model's number. */
  readonly shownCalls: Map<number, ShownCall>;
  /** A call is of a tool that nobody offered: nothing more is shown before the verdict. */
  holdsCalls: boolean;
  readonly logprobs: TokenLogprob[];
  /** Thought that waits until something of the answer is shown. */
  readonly heldThoughts: Thought[];
  /** Pieces of text that came: about one per token. */
  deltas: number;
  usage: TokenUsage;
  promptMs: number;
  generationMs: number;
  /** On average, where the model tells it. */
  threads: number | undefined;
  finishReason: FinishReason | undefined;
  stopSequence: string | undefined;
  /** A classifier's answer that names no label. */
  isNone: boolean;
}

interface ShownCall {
  /** The number that the caller knows it by. */
  readonly index: number;
  /** How far its arguments have come. */
  readonly scan: ObjectScan;
}

export type Thought = Extract<ModelEvent, { type: 'thinking' }>;

const NO_USAGE: TokenUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

export function newTranscript(): Transcript {
  return {
    text: '',
    isWorkedOut: false,
    refusal: '',
    relayed: false,
    cameWhole: false,
    toolCalls: new Map(),
    shownCalls: new Map(),
    holdsCalls: false,
    logprobs: [],
    heldThoughts: [],
    deltas: 0,
    usage: NO_USAGE,
    promptMs: 0,
    generationMs: 0,
    threads: undefined,
    finishReason: undefined,
    stopSequence: undefined,
    isNone: false,
  };
}

/** Natural logarithm, ≤ 0; undefined where the model reports none. */
export function meanLogprob(logprobs: readonly TokenLogprob[]): number | undefined {
  if (logprobs.length === 0) return undefined;
  return logprobs.reduce((sum, one) => sum + one.logprob, 0) / logprobs.length;
}

/** Adds one event of the model. */
export function collect(said: Transcript, event: ModelEvent): void {
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
      said.deltas += 1;
      if (event.logprobs) said.logprobs.push(...event.logprobs);
      return;
    case 'refusal':
      said.refusal += event.text;
      said.deltas += 1;
      return;
    case 'thinking':
      said.deltas += 1;
      return;
    case 'tool-call': {
      const call = said.toolCalls.get(event.index) ?? { id: '', name: '', arguments: '' };
      const extra = event.extra === undefined ? call.extra : { ...call.extra, ...event.extra };
      said.toolCalls.set(event.index, {
        id: event.id ?? call.id,
        name: event.name ?? call.name,
        arguments: call.arguments + event.arguments,
        ...(extra === undefined ? {} : { extra }),
      });
      return;
    }
    case 'ended':
      said.usage = event.usage;
      said.finishReason = event.finishReason;
      said.stopSequence = event.stopSequence;
      said.promptMs = event.promptMs;
      said.generationMs = event.generationMs;
      said.threads = event.threads;
      said.isNone = event.isNone === true;
      return;
    case 'loading':
      return;
  }
}

/** Writes the attempt into the receipt and the measured speed into the fleet. */
export function noteAttempt(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  result: AttemptResult | undefined,
  failure: CadreError | undefined,
): void {
  const outcome =
    plan.onHeard !== undefined && result?.outcome === 'refused'
      ? 'compared'
      : failure?.code === 'cancelled' || (result === undefined && failure === undefined)
        ? 'cancelled'
        : failure
          ? 'failed'
          : result?.outcome === 'released'
            ? 'released'
            : plan.last
              ? 'abstained'
              : 'escalated';
  const isCompared = plan.onHeard !== undefined;
  const reason =
    failure?.message ?? (result?.outcome === 'refused' && !isCompared ? result.reason : undefined);
  const { spoke, cause, waitedMs, probe } = plan;
  life.builder.addAttempt({
    spoke: spoke.config.id,
    model: spoke.gate.modelId,
    destination: spoke.gate.destination,
    usage: usageOf(said, life.promptTokens),
    promptMs: said.promptMs,
    generationMs: said.generationMs,
    ...(said.threads === undefined ? {} : { threads: said.threads }),
    outcome,
    ...(cause === 'route' ? {} : { cause }),
    ...(waitedMs === undefined ? {} : { waitedMs }),
    ...(probe === true ? { probe } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(said.isNone ? { isNone: true } : {}),
    ...(failure ? { code: failure.code } : {}),
    ...(failure?.fault === undefined ? {} : { fault: failure.fault }),
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

/** Writes a try that was not made into the receipt. */
export function noteSkipped(life: Life, { spoke, cause }: AttemptPlan, reason: string): void {
  life.builder.addAttempt({
    spoke: spoke.config.id,
    model: spoke.gate.modelId,
    destination: spoke.gate.destination,
    usage: NO_USAGE,
    promptMs: 0,
    generationMs: 0,
    outcome: 'skipped',
    ...(cause === 'route' ? {} : { cause }),
    fault: 'circuit-open',
    reason,
  });
}

/**
 * An answer that was cut never said how long it was: the pieces that came are counted, and a prompt
 * that was answered at all was read.
 */
function usageOf(said: Transcript, promptTokens: number): TokenUsage {
  if (said.finishReason !== undefined) return said.usage;
  const completionTokens = Math.max(said.usage.completionTokens, said.logprobs.length, said.deltas);
  const wasRead = completionTokens > 0 && said.usage.promptTokens === 0;
  return {
    ...said.usage,
    completionTokens,
    promptTokens: wasRead ? promptTokens : said.usage.promptTokens,
  };
}
