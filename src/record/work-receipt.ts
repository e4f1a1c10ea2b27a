import type { Config } from '../core/config.ts';
import type { CadreError } from '../core/errors.ts';
import type { Work } from '../core/farm.ts';
import type { Attempt, Outcome, Receipt, WorkKind } from '../core/receipt.ts';
import { costOf } from './cost.ts';
import { energyOf } from './energy.ts';
import { wordlessReceipt } from './wordless.ts';

/** Work that a model of this machine did for a request without the pipeline of answers. */
export interface DoneWork {
  readonly kind: WorkKind;
  readonly work: Work;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly totalMs: number;
  /** Milliseconds until the model was ready, of `totalMs`. */
  readonly loadMs: number;
  /** Threads that were busy meanwhile. */
  readonly threads: number;
  /** Absent where the work failed. */
  readonly made?: { readonly model: string; readonly tokens: number };
  readonly error?: CadreError;
}

const NO_TOKENS = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/**
 * The receipt of vectors, a ranking or a moderation. It never leaves the machine, so there is no
 * label, and no spoke was chosen, so there is no route; what it is compared with at the reference
 * price of a chat is nothing.
 */
export function workReceipt(done: DoneWork, config: Config['record']): Receipt {
  const { kind, work, made, error, loadMs, totalMs } = done;
  const usage = { ...NO_TOKENS, promptTokens: made?.tokens ?? 0 };
  const runMs = Math.max(0, totalMs - loadMs);
  const cpuSeconds = (runMs / 1000) * done.threads;
  const outcome: Outcome =
    error === undefined ? 'answered' : error.code === 'cancelled' ? 'cancelled' : 'failed';
  const attempt: Attempt = {
    spoke: made?.model ?? kind,
    model: made?.model ?? kind,
    destination: 'local',
    usage,
    promptMs: runMs,
    generationMs: 0,
    outcome: outcome === 'answered' ? 'released' : outcome,
    ...(error === undefined ? {} : { code: error.code, reason: error.message }),
  };
  return wordlessReceipt({
    id: work.id,
    operation: kind,
    ...(work.parent === undefined ? {} : { parent: work.parent }),
    children: [],
    depth: 0,
    at: done.at,
    requestedModel: work.model,
    key: work.caller.key,
    outcome,
    attempts: [attempt],
    sources: [],
    checks: [],
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    usage,
    totalMs,
    stages: [
      ...(loadMs >= 1 ? [{ stage: 'load' as const, ms: loadMs }] : []),
      { stage: 'run', ms: runMs },
    ],
    cost: costOf({ usage: NO_TOKENS, remoteDollars: 0, cpuSeconds, config }),
    energy: energyOf({ cpuSeconds, config }),
    featureHashes: [],
    ledger: null,
  });
}
