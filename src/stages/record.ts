import { lastUserText } from '../core/chat.ts';
import type { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Outcome, Receipt } from '../core/receipt.ts';
import { costOf } from '../record/cost.ts';
import { energyOf } from '../record/energy.ts';
import { featureHashes } from '../record/features.ts';
import { eventsToKeep } from '../record/keep.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

export interface Ending {
  readonly outcome: Outcome;
  readonly confidence?: number;
  readonly error?: CadreError;
}

/**
 * Stores the receipt and returns the last event of the stream. The row is in the write-ahead log
 * before the caller sees the last byte.
 */
export async function record(
  parts: PipelineParts,
  life: Life,
  ending: Ending,
): Promise<CadreEvent> {
  life.recorded = true;
  const receipt = build(parts, life, ending);
  const { keepsText } = life.call.caller;
  const text = keepsText
    ? { text: life.builder.keptText(lastUserText(life.call.request.messages)) }
    : {};
  await parts.receipts.doPutReceipt(receipt, eventsToKeep(life.events, keepsText), text.text);
  parts.metrics.observe(receipt);
  const { error } = ending;
  if (error === undefined) return { type: 'answer-ended', usage: receipt.usage, receipt };
  return {
    type: 'request-failed',
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    receipt,
  };
}

function build(parts: PipelineParts, life: Life, ending: Ending): Receipt {
  const attempts = life.builder.attempts;
  const spokes = parts.spokes();
  let cpuSeconds = 0;
  let dollars = 0;
  for (const one of attempts) {
    const price = spokes.find((spoke) => spoke.config.id === one.spoke)?.gate.price;
    if (one.destination === 'local')
      cpuSeconds += ((one.promptMs + one.generationMs) / 1000) * parts.threads;
    else if (price)
      dollars +=
        (one.usage.promptTokens * price.input + one.usage.completionTokens * price.output) / 1e6;
  }
  return life.builder.build({
    outcome: ending.outcome,
    totalMs: life.elapsed(),
    featureHashes: featureHashes(lastUserText(life.call.request.messages), parts.salt),
    cost: costOf({
      usage: life.builder.usage,
      remoteDollars: dollars,
      cpuSeconds,
      config: parts.config.record,
    }),
    energy: energyOf({ cpuSeconds, config: parts.config.record }),
    ...(ending.confidence === undefined ? {} : { confidence: ending.confidence }),
    ...(ending.error ? { error: { code: ending.error.code, message: ending.error.message } } : {}),
  });
}
