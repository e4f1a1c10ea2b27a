import { readingMessages } from '../run/grounded-prompt.ts';
import { readVerdict, VERDICT_ALTERNATIVES } from '../run/reading-verdict.ts';
import { askAside, mayAskAside, voicesOf } from './aside.ts';
import { askedRequest } from './asked-parts.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

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
  const { spoke, passages } = plan;
  if (config.verify.reading === 'off' || !mayAskAside(life, plan)) return undefined;
  if (passages.length === 0 || spoke.gate.destination !== 'local') return undefined;
  if (config.verify.reading === 'auto' && !MEASURED.has(spoke.gate.modelId)) return undefined;
  const voice = voicesOf(life.spokes).find((one) => one.gate.modelId === spoke.gate.modelId);
  if (voice === undefined) return undefined;
  const request = {
    model: voice.config.id,
    messages: readingMessages(
      askedRequest(life.call.request, plan.parts).messages,
      passages,
      spoke.config.system,
    ),
    sampling: { temperature: 0 },
    maxTokens: 1,
    logprobs: VERDICT_ALTERNATIVES,
  };
  const said = await askAside(plan, request, { patienceMs: life.leftMs * TIME_SHARE });
  return readVerdict(said?.logprobs ?? []);
}
