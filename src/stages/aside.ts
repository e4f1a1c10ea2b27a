import { MAX_DEPTH } from '../core/call.ts';
import type { ChatRequest, TokenLogprob } from '../core/chat.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { SpokeRuntime } from './parts.ts';

/** What a model said that was asked on the side. */
export interface Aside {
  readonly text: string;
  readonly logprobs: readonly TokenLogprob[];
}

export interface AsideLimits {
  /** Milliseconds that may pass. */
  readonly patienceMs: number;
  /** US dollars that may be paid to others; what the request has left when absent. */
  readonly budgetLeft?: number;
}

/** Whether anybody may be asked on the side: there is a way, depth and budget for it. */
export function mayAskAside(life: Life, { delegate }: AttemptPlan): boolean {
  return delegate !== undefined && life.call.depth + 1 < MAX_DEPTH && life.budgetLeft > 0;
}

/**
 * Asks the farm something while an attempt goes on: a request of its own through the pipeline, with
 * its own receipt. Undefined where it failed or took too long; throws where the attempt itself ended.
 */
export async function askAside(
  { delegate, signal }: AttemptPlan,
  request: ChatRequest,
  { patienceMs, budgetLeft }: AsideLimits,
): Promise<Aside | undefined> {
  if (delegate === undefined) return undefined;
  const patience = AbortSignal.timeout(Math.max(1, Math.round(patienceMs)));
  const child = {
    request,
    bare: true,
    ...(budgetLeft === undefined ? {} : { budgetLeft }),
  } as const;
  const logprobs: TokenLogprob[] = [];
  let text = '';
  let isWhole = false;
  try {
    for await (const event of delegate.doAsk(child, {
      signal: AbortSignal.any([signal, patience]),
    })) {
      if (event.type === 'answer-ended') isWhole = true;
      if (event.type !== 'text-delta') continue;
      text += event.text;
      logprobs.push(...(event.logprobs ?? []));
    }
  } catch {
    // What was wanted on the side is left out; an end of the request itself is told below.
  }
  signal.throwIfAborted();
  return isWhole ? { text, logprobs } : undefined;
}

/** A spoke of a model that speaks freely: a grounded one would answer from documents, an adapter as it was taught. */
export function voicesOf(spokes: readonly SpokeRuntime[]): readonly SpokeRuntime[] {
  return spokes.filter(
    ({ config, gate }) =>
      config.kind === 'chat' && config.output === 'text' && gate.measured === undefined,
  );
}
