import type { DestinationConfig } from '../core/config.ts';
import { FAULT_TABLE, type Fault } from '../core/fault.ts';

/**
 * Repetitions as a share of requests: each request earns a part of one, each repetition costs one.
 * However many callers there are, a server that is down sees at most `1 + share` of their requests.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #most: number;
  #saved: number;

  constructor(settings: { readonly share: number; readonly reserve: number }) {
    this.#share = settings.share;
    this.#most = settings.reserve;
    this.#saved = settings.reserve;
  }

  earn(): void {
    this.#saved = Math.min(this.#most, this.#saved + this.#share);
  }

  /** False when nothing is saved up. */
  spend(): boolean {
    // Sums of shares like 0.2 fall short of whole numbers by rounding.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}

export interface RetryWish {
  readonly fault: Fault;
  /** Repetitions on this model so far. */
  readonly repeats: number;
  readonly retryAfterMs: number | undefined;
  /** Milliseconds until the request's deadline. */
  readonly leftMs: number;
  /** Whether another spoke could be asked instead. */
  readonly hasFallback: boolean;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export type RetryAnswer =
  | { readonly waitMs: number; readonly why: 'retry-after' | 'backoff' }
  /** Why the same model is not asked again. */
  | { readonly refused: string };

/** Callers that were told the same second shall not all come in it. */
const SPREAD = 0.1;

/**
 * Whether and when the same model is asked again: never for faults that asking again cannot cure, at
 * most `most` times, after the time the server named, else after exponential back-off with full
 * jitter (uniform in 0 … min(longest, first × 2^repeats); Brooker, "Exponential Backoff And Jitter",
 * 2015).
 */
export function planRetry(wish: RetryWish, settings: DestinationConfig['retry']): RetryAnswer {
  const { fault, repeats, retryAfterMs, leftMs, hasFallback, random } = wish;
  if (!FAULT_TABLE[fault].again) return { refused: 'asking again would not help' };
  if (repeats >= settings.most) return { refused: `it was asked ${repeats + 1} times` };
  if (retryAfterMs === undefined) {
    const longest = Math.min(settings.longestSeconds, settings.firstSeconds * 2 ** repeats) * 1000;
    const waitMs = random * longest;
    return waitMs < leftMs ? { waitMs, why: 'backoff' } : { refused: 'the deadline is too near' };
  }
  if (hasFallback && retryAfterMs > settings.afterSeconds * 1000)
    return { refused: `it wants to be left alone for ${Math.ceil(retryAfterMs / 1000)} s` };
  const waitMs = retryAfterMs * (1 + SPREAD * random);
  return waitMs < leftMs
    ? { waitMs, why: 'retry-after' }
    : { refused: 'the deadline comes before the time that it named' };
}
