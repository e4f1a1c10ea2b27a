import { MAX_DEPTH } from '../core/call.ts';
import type { TokenLogprob } from '../core/chat.ts';
import { readingMessages } from '../run/grounded-prompt.ts';
import { readVerdict, VERDICT_ALTERNATIVES } from '../run/reading-verdict.ts';
import { askedRequest } from './asked-parts.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';

/** Models whose word is worth its weight in `verify/answerability.ts`, which was fitted on it. */
const MEASURED: ReadonlySet<string> = new Set(['qwen2.5-coder-1.5b-instruct-q4_k_m']);

/** Share of the time that is left which a reading may take; the answer needs the rest. */
const TIME_SHARE = 0.5;

/**
 * P(the passages answer the question) by the word of the model that is about to answer: one token
 * behind the same sentences, which the answer's prompt then finds already read. Asked through the
 * pipeline as a request of its own, with its own receipt. Undefined where it is switched off, the
 * model is not on this machine or was not measured, no budget or depth is left, or the reading failed.
 */
export async function readAnswerable(
  { config }: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): Promise<number | undefined> {
  const { spoke, passages, delegate } = plan;
  if (delegate === undefined || config.verify.reading === 'off') return undefined;
  if (passages.length === 0 || spoke.gate.destination !== 'local') return undefined;
  if (life.call.depth + 1 >= MAX_DEPTH || life.budgetLeft <= 0) return undefined;
  if (config.verify.reading === 'auto' && !MEASURED.has(spoke.gate.modelId)) return undefined;
  const voice = voiceOf(life.spokes, spoke);
  if (voice === undefined) return undefined;
  const patience = Math.max(1, Math.round(life.leftMs * TIME_SHARE));
  const signal = AbortSignal.any([plan.signal, AbortSignal.timeout(patience)]);
  const logprobs: TokenLogprob[] = [];
  try {
    const request = {
      model: voice,
      messages: readingMessages(
        askedRequest(life.call.request, plan.parts).messages,
        passages,
        spoke.config.system,
      ),
      sampling: { temperature: 0 },
      maxTokens: 1,
      logprobs: VERDICT_ALTERNATIVES,
    };
    for await (const event of delegate.doAsk({ request, bare: true }, { signal }))
      if (event.type === 'text-delta') logprobs.push(...(event.logprobs ?? []));
  } catch {
    // The other signs decide; an end of the request itself is told below.
  }
  plan.signal.throwIfAborted();
  return readVerdict(logprobs);
}

/** A spoke of the same model that speaks freely: a grounded one would answer from documents. */
function voiceOf(spokes: readonly SpokeRuntime[], { gate }: SpokeRuntime): string | undefined {
  const found = spokes.find(
    (one) =>
      one.gate.modelId === gate.modelId &&
      one.config.kind === 'chat' &&
      one.config.output === 'text',
  );
  return found?.config.id;
}
