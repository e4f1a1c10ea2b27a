import { addUsage, lastUserText, type TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Attempt, Cost, Energy, Receipt, Total } from '../core/receipt.ts';
import { costOf } from '../record/cost.ts';
import { energyOf } from '../record/energy.ts';
import { featureHashes } from '../record/features.ts';
import { eventsToKeep } from '../record/keep.ts';
import type { Ending } from './ending.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** Nothing is asked of a model, least of all of a paid one, whose answer would be thrown away. */
export async function requireReceipts({ receipts }: PipelineParts): Promise<void> {
  const problem = await receipts.doProbe?.();
  if (problem !== undefined) throw problem;
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
  const receipt = await keepReceipt(parts, life, ending);
  const { error } = ending;
  if (error === undefined)
    return { type: 'answer-ended', usage: usageOf(receipt, ending), receipt };
  return {
    type: 'request-failed',
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
    receipt,
  };
}

/** Stores the receipt with what was spent. */
export async function keepReceipt(
  parts: PipelineParts,
  life: Life,
  ending: Ending,
): Promise<Receipt> {
  life.recorded = true;
  const receipt = build(parts, life, ending);
  const { error } = ending;
  const text = life.builder.keptText(
    lastUserText(life.call.request.messages),
    life.events,
    error && { code: error.code, message: error.message },
  );
  await Promise.all([
    life.settled,
    parts.receipts.doPutReceipt(receipt, eventsToKeep(life.events, receipt), text),
  ]);
  parts.metrics.observe(receipt);
  return receipt;
}

/** What the caller's client counts. An answer that was computed for another request cost no token. */
function usageOf(receipt: Receipt, { shared }: Ending): TokenUsage {
  if (shared === undefined) return receipt.total?.usage ?? receipt.usage;
  const { cacheWrites: _written, ...usage } = shared.usage;
  return { ...usage, cachedTokens: usage.promptTokens };
}

function build(parts: PipelineParts, life: Life, ending: Ending): Receipt {
  const { builder } = life;
  const config = parts.config.record;
  const cpuSeconds = builder.attempts.reduce(
    (sum, one) => sum + cpuSecondsOf(one, parts.threads),
    0,
  );
  const remoteDollars = builder.spent(life.gates);
  const cost = costOf({ usage: builder.usage, remoteDollars, cpuSeconds, config });
  const energy = energyOf({ cpuSeconds, config });
  return builder.build({
    outcome: ending.outcome,
    totalMs: life.elapsed(),
    featureHashes: featureHashes(lastUserText(life.call.request.messages), parts.salt),
    cost,
    energy,
    ...totalOf(life, cost, energy, config),
    ...(ending.confidence === undefined ? {} : { confidence: ending.confidence }),
    ...(ending.shared === undefined ? {} : { shared: ending.shared }),
    ...(ending.shadow === undefined ? {} : { shadow: ending.shadow }),
    ...(ending.error ? { error: { code: ending.error.code, message: ending.error.message } } : {}),
  });
}

/** A micro-model answers on one thread, a language model that was cut on no more than the fleet has. */
function cpuSecondsOf(attempt: Attempt, threads: number): number {
  if (attempt.destination !== 'local') return 0;
  const busy = attempt.model.startsWith('classifier:') ? 1 : (attempt.threads ?? threads);
  return ((attempt.promptMs + attempt.generationMs) / 1000) * busy;
}

function totalOf(
  life: Life,
  cost: Cost,
  energy: Energy,
  config: PipelineParts['config']['record'],
): { total?: Total } {
  const { usage: delegated, cost: dollars, joules } = life.delegated;
  if (delegated.promptTokens + delegated.completionTokens === 0) return {};
  const usage = addUsage(life.builder.usage, delegated);
  const reference = costOf({ usage, remoteDollars: 0, cpuSeconds: 0, config }).reference;
  return {
    total: {
      usage,
      cost: { ...cost, total: cost.total + dollars, reference },
      energy: { ...energy, joules: energy.joules + joules },
    },
  };
}
